// Package filelock holds files for a process and tells whether another one does.
//
// The lock is the operating system's, on an open file: it ends with the last process that has the file open, however that
// ends, so that nothing that was killed blocks anything. It is advisory: reading and writing go on as without it. Start with
// [Try].
package filelock

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"
)

// patience is for processes that only look: [Held] takes a lock for a moment.
const (
	patience = 200 * time.Millisecond
	pause    = 20 * time.Millisecond
)

// Try takes the lock of an open file, for as long as it or a copy of it in a child process is open, and reports whether
// it was free.
func Try(f *os.File) (bool, error) {
	for waited := time.Duration(0); ; waited += pause {
		free, err := lock(f, true)
		if err != nil {
			return false, fmt.Errorf("%s: cannot be locked: %w", f.Name(), err)
		}
		if free || waited >= patience {
			return free, nil
		}
		time.Sleep(pause)
	}
}

// Held reports whether a process has the lock of the file at path. A file that is not there is not held.
func Held(path string) (bool, error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	defer f.Close() // which also gives the lock back
	free, err := lock(f, false)
	if err != nil {
		return false, fmt.Errorf("%s: cannot be locked: %w", path, err)
	}
	return !free, nil
}
