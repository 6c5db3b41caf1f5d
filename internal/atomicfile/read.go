package atomicfile

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/noiseprobe/noiseprobe/internal/filekind"
)

// Read reads a whole file of at most so many bytes: one that takes no room on the disk may fill the memory. It must be a regular one, or a
// pipe that a shell has opened.
func Read(path string, most int64) ([]byte, error) {
	tooLarge := fmt.Errorf("%s: is larger than %d MiB, which no file of its kind is", path, most>>20)
	f, err := filekind.OpenStream(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil && info.Size() > most {
		return nil, tooLarge
	}
	text, err := io.ReadAll(io.LimitReader(f, most+1))
	if err == nil && int64(len(text)) > most { // a pipe, or it has grown
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
		return true, fmt.Errorf("%s: is %s, and is not replaced: give another name", path, filekind.Special(info.Mode()))
	}
	return true, nil
}

// DirTaken reports whether there is a directory at path. Anything else there is an error, a link to a directory as well: nothing is
// written through it.
func DirTaken(path string) (bool, error) {
	path = filepath.Clean(path) // with a slash at its end the name of a link is that of the directory
	info, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return false, nil
	case err != nil:
		return false, err
	case info.IsDir():
		return true, nil
	}
	if _, err := Taken(path); err != nil {
		return true, err
	}
	return true, fmt.Errorf("%s: exists and is not a directory", path)
}
