package atomicfile

import (
	"fmt"
	"io"
	"io/fs"
	"os"
)

// Read reads a whole file, which must be a regular one of at most so many bytes. What it is is asked before it is opened: opening a named
// pipe waits for a writer, a device may have no end, and a file that takes no room on the disk may fill the memory.
func Read(path string, most int64) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s: is %s, not a regular file", path, kind(info.Mode()))
	}
	tooLarge := fmt.Errorf("%s: is larger than %d MiB, which no file of its kind is", path, most>>20)
	if info.Size() > most {
		return nil, tooLarge
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, most+1))
	if err == nil && int64(len(text)) > most { // it has grown
		err = tooLarge
	}
	return text, err
}

// Taken reports whether there is a file at path that could be replaced. Anything else there, such as a link, which may lead to nothing,
// a device or a directory, is an error: none of these is ever replaced.
func Taken(path string) (bool, error) {
	info, err := os.Lstat(path)
	switch {
	case err != nil:
		return false, nil // what else is wrong, whoever writes there will find
	case !info.Mode().IsRegular():
		return true, fmt.Errorf("%s: is %s, and is not replaced: give another name", path, kind(info.Mode()))
	}
	return true, nil
}

// kind is what a file is that is not a regular one.
func kind(mode fs.FileMode) string {
	switch mode.Type() {
	case fs.ModeDir:
		return "a directory"
	case fs.ModeSymlink:
		return "a symbolic link"
	case fs.ModeNamedPipe:
		return "a named pipe"
	case fs.ModeSocket:
		return "a socket"
	}
	return "a device"
}
