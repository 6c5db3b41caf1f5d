package filelock

import (
	"errors"
	"os"

	"golang.org/x/sys/windows"
)

// beyond is the position of the byte that is locked, after the end of the file: on Windows others cannot read locked bytes.
const beyond = 1 << 30

// lock returns false if another open file has the lock.
func lock(f *os.File, exclusive bool) (bool, error) {
	flags := uint32(windows.LOCKFILE_FAIL_IMMEDIATELY)
	if exclusive {
		flags |= windows.LOCKFILE_EXCLUSIVE_LOCK
	}
	err := windows.LockFileEx(windows.Handle(f.Fd()), flags, 0, 1, 0, &windows.Overlapped{OffsetHigh: beyond})
	if errors.Is(err, windows.ERROR_LOCK_VIOLATION) || errors.Is(err, windows.ERROR_IO_PENDING) {
		return false, nil
	}
	return err == nil, err
}

func noLocks(err error) bool { return errors.Is(err, windows.ERROR_INVALID_FUNCTION) }
