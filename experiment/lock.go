package experiment

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/noiseprobe/noiseprobe/internal/filelock"
)

// BusyError says that another process carries out the run of a directory, or writes there.
type BusyError struct{ Dir string }

func (e *BusyError) Error() string {
	return fmt.Sprintf("%s: another process carries out this run: wait for its end, or write elsewhere", e.Dir)
}

// lock takes the lock of a run directory, which is held until the file is closed. It is that of run.json, which nothing replaces but
// -force, with the whole directory.
func (d Directory) lock(o Observer) (*os.File, error) {
	f, err := os.OpenFile(d.RecordPath(), os.O_RDWR, 0)
	if err != nil {
		return nil, err
	}
	if err = tryLock(f, o); err == nil && !d.stillHas(f) || errors.Is(err, errHeld) {
		err = &BusyError{string(d)}
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

var errHeld = errors.New("another process has the lock")

// tryLock locks a run.json. Where files cannot be locked, that is said and no error.
func tryLock(f *os.File, o Observer) error {
	free, err := filelock.Try(f)
	switch {
	case errors.Is(err, filelock.ErrUnsupported):
		o.notice("%v: take care that no second process works in this run directory", filelock.ErrUnsupported)
		return nil
	case err == nil && !free:
		return errHeld
	}
	return err
}

// stillHas reports whether a file is the directory's run.json, and not that of a run that was replaced before it was locked.
func (d Directory) stillHas(f *os.File) bool {
	locked, err := f.Stat()
	if err != nil {
		return false
	}
	there, err := os.Stat(d.RecordPath())
	return err == nil && os.SameFile(locked, there)
}

// LockAround locks the run directories that files or directories are to be written into, where they are in any; an empty path is nothing.
// Every command that writes calls it. Where another process carries out such a run, the error is a [*BusyError].
func LockAround(o Observer, paths ...string) (release func(), err error) {
	locked := map[Directory]*os.File{}
	release = func() {
		for _, f := range locked {
			f.Close()
		}
	}
	for _, path := range paths {
		d, err := runAround(path)
		if err == nil && d != "" && locked[d] == nil {
			locked[d], err = d.lock(o)
		}
		if err != nil {
			release()
			return nil, err
		}
	}
	return release, nil
}

// Outside refuses a directory that is to be made within one whose run another process carries out. The error is a [*BusyError].
func Outside(dir string) error {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return err
	}
	around, err := runAround(filepath.Dir(dir))
	if err == nil && around != "" && around.held() {
		err = &BusyError{string(around)}
	}
	return err
}

// runAround is the run directory that a path is or lies in, empty where there is none.
func runAround(path string) (Directory, error) {
	if path == "" {
		return "", nil
	}
	path, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	for !Directory(path).isRun() {
		if path == filepath.Dir(path) {
			return "", nil
		}
		path = filepath.Dir(path)
	}
	return Directory(path), nil
}
