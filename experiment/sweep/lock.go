package sweep

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"github.com/noiseprobe/noiseprobe/internal/atomicfile"
	"github.com/noiseprobe/noiseprobe/internal/filelock"
	"github.com/noiseprobe/noiseprobe/internal/jsonfile"
)

// heldLock is the lock of a sweep directory. The file stays; what is locked is the open file, so that a process that was killed
// leaves no lock.
type heldLock struct {
	file *os.File
	// warning is for the user where the file system has no locks, and so nothing keeps a second process out.
	warning string
}

// lockHolder is what the lock file says of the process that has it.
type lockHolder struct {
	PID  int    `json:"pid"`
	Host string `json:"host"`
	Jobs int    `json:"jobs"`
}

func (d directory) busy() error {
	return fmt.Errorf("%s: another sweep is running there", string(d))
}

func (d directory) lock() (*heldLock, error) {
	f, err := os.OpenFile(d.lockPath(), os.O_RDWR|os.O_CREATE, 0o666)
	if err != nil {
		return nil, err
	}
	free, err := filelock.Try(f)
	switch {
	case errors.Is(err, filelock.ErrUnsupported):
		return &heldLock{f, fmt.Sprintf("%s: %v: take care that no second process works there", string(d), filelock.ErrUnsupported)}, nil
	case err == nil && !free:
		err = d.busy()
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return &heldLock{file: f}, nil
}

func (l *heldLock) release() { l.file.Close() }

// describe writes who has the lock, into the file itself: another one in its place would not be locked.
func (l *heldLock) describe(jobs int) error {
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	text, err := json.Marshal(lockHolder{PID: os.Getpid(), Host: host, Jobs: jobs})
	if err != nil {
		return err
	}
	if err := l.file.Truncate(0); err != nil {
		return err
	}
	_, err = l.file.WriteAt(append(text, '\n'), 0)
	return err
}

// holder is the process that carries the sweep out, nil if there is none.
func (d directory) holder() (*lockHolder, error) {
	held, err := filelock.Held(d.lockPath())
	if err != nil || !held {
		return nil, err
	}
	h := new(lockHolder)
	if text, err := atomicfile.Read(d.lockPath(), jsonfile.Most); err != nil || json.Unmarshal(text, h) != nil {
		return &lockHolder{}, err // it has only just begun
	}
	return h, nil
}
