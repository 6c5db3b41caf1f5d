// Package filelock locks files for a process, and tells whether another process has a lock.
//
// The lock is one of the operating system, on an open file. It ends when the last process that has the file open ends, however that
// happens, so that a killed process leaves nothing locked. It is advisory: it does not prevent reading and writing. Some network file
// systems have no locks, which is an error of its own, [ErrUnsupported]. Start with [Try].
package filelock

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"github.com/noiseprobe/noiseprobe/internal/filekind"
)

// ErrUnsupported is in the error of a file system that has no locks, such as Lustre mounted without them.
var ErrUnsupported = errors.New("the file system has no locks")

// Try waits a moment for a lock that may be that of a [Held], which takes one only briefly.
const (
	patience = 200 * time.Millisecond
	pause    = 20 * time.Millisecond
)

// Try takes the lock of an open file and reports whether it was free. The lock is held as long as the file, or a copy of it in a child
// process, is open.
func Try(f *os.File) (bool, error) {
	for waited := time.Duration(0); ; waited += pause {
		free, err := lock(f, true)
		if err != nil {
			return false, fmt.Errorf("%s: cannot be locked: %w", f.Name(), supported(err))
		}
		if free || waited >= patience {
			return free, nil
		}
		time.Sleep(pause)
	}
}

// Held reports whether a process has the lock of the file at path. A file that does not exist is not locked, and neither is any on a file
// system without locks.
func Held(path string) (bool, error) {
	f, _, err := filekind.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	defer f.Close() // also releases the lock
	free, err := lock(f, false)
	if errors.Is(supported(err), ErrUnsupported) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("%s: cannot be locked: %w", path, err)
	}
	return !free, nil
}

// supported is the error of locking a file, marked where the file system is to blame.
func supported(err error) error {
	if errors.Is(err, errors.ErrUnsupported) || noLocks(err) {
		return fmt.Errorf("%w: %w", ErrUnsupported, err)
	}
	return err
}
