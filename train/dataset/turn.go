package dataset

import (
	"context"
	"os"
	"path/filepath"
	"time"

	"github.com/noiseprobe/noiseprobe/internal/filelock"
)

// turnFile is locked by the process that fetches into a directory, which removes it at the end.
const turnFile = ".fetching"

// turnPause is the time between two looks at whether another process is done.
const turnPause = 200 * time.Millisecond

// takeTurn waits until no other process fetches into the directory; done ends the turn. Where the file system has no locks nobody waits:
// what two processes spoil, the checksums find.
func takeTurn(ctx context.Context, opts FetchOptions) (done func(), err error) {
	path := filepath.Join(opts.Dir, turnFile)
	for waiting := false; ; {
		f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o666)
		if err != nil {
			return nil, err
		}
		free, err := filelock.Try(f)
		if err != nil || free && isAt(f, path) {
			return func() { os.Remove(path); f.Close() }, nil
		}
		f.Close()
		if free {
			continue // the file of a turn that has just ended
		}
		if !waiting && opts.Waiting != nil {
			opts.Waiting()
		}
		waiting = true
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(turnPause):
		}
	}
}

// isAt reports whether a path still leads to an open file, and not to another one or to none.
func isAt(f *os.File, path string) bool {
	mine, err := f.Stat()
	there, statErr := os.Stat(path)
	return err == nil && statErr == nil && os.SameFile(mine, there)
}
