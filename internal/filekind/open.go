package filekind

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// Open opens a regular file and returns its size. Whatever else has a name in the file system is refused before it is opened: opening a
// named pipe waits for a writer, and reading some devices never ends.
func Open(path string) (file *os.File, size int64, err error) {
	if err := Check(path); err != nil {
		return nil, 0, err
	}
	if file, err = os.Open(path); err != nil {
		return nil, 0, err
	}
	info, err := file.Stat()
	if err == nil && !info.Mode().IsRegular() { // replaced in the meantime
		err = fmt.Errorf("%s: %w", path, notRegular(info.Mode()))
	}
	if err != nil {
		file.Close()
		return nil, 0, err
	}
	return file, info.Size(), nil
}

// Check returns an error unless the path is that of a regular file.
func Check(path string) error {
	info, err := os.Stat(path)
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("%s: %w", path, notRegular(info.Mode()))
	}
	return err
}

func notRegular(mode fs.FileMode) error { return errors.New("not a regular file but " + Special(mode)) }

// Special is what a file is that is not a regular one.
func Special(mode fs.FileMode) string {
	switch {
	case mode.IsDir():
		return "a directory"
	case mode&fs.ModeSymlink != 0:
		return "a symbolic link"
	case mode&fs.ModeNamedPipe != 0:
		return "a named pipe"
	case mode&fs.ModeDevice != 0:
		return "a device"
	case mode&fs.ModeSocket != 0:
		return "a socket"
	}
	return "something else"
}
