package filekind

import (
	"fmt"
	"io/fs"
	"os"
	"strings"
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
		err = notRegular(path, info.Mode())
	}
	if err != nil {
		file.Close()
		return nil, 0, err
	}
	return file, info.Size(), nil
}

// OpenStream is [Open] for what is read from its beginning to its end. It also opens a pipe that a shell has opened, as <(command) does.
func OpenStream(path string) (*os.File, error) {
	if IsOpenPipe(path) {
		return os.Open(path)
	}
	file, _, err := Open(path)
	return file, err
}

// IsOpenPipe recognises a pipe that a shell has opened: another one would wait for a writer.
func IsOpenPipe(path string) bool {
	if path != "/dev/stdin" && !strings.HasPrefix(path, "/dev/fd/") && !strings.HasPrefix(path, "/proc/self/fd/") {
		return false
	}
	info, err := os.Stat(path)
	return err == nil && info.Mode()&fs.ModeNamedPipe != 0
}

// Check returns an error unless the path is that of a regular file.
func Check(path string) error {
	info, err := os.Stat(path)
	if err == nil && !info.Mode().IsRegular() {
		err = notRegular(path, info.Mode())
	}
	return err
}

func notRegular(path string, mode fs.FileMode) error {
	return fmt.Errorf("%s: not a regular file but %s", path, Special(mode))
}

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
