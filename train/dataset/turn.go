package dataset

import (
	"context"
	"os"
	"time"

	"github.com/noiseprobe/noiseprobe/internal/filelock"
)

// turnPause is the time between two looks at whether another process is done.
const turnPause = 200 * time.Millisecond

// takeTurn waits until no other process fetches into the directory, which is what is locked; done ends the turn. Where a directory cannot
// be locked nobody waits: what two processes spoil, the checksums find.
func takeTurn(ctx context.Context, opts FetchOptions) (done func() error, err error) {
	dir, err := os.Open(opts.Dir)
	if err != nil {
		return nil, err
	}
	for waiting := false; ; waiting = true {
		if free, err := filelock.Try(dir); free || err != nil {
			return dir.Close, nil
		}
		if !waiting && opts.Waiting != nil {
			opts.Waiting()
		}
		select {
		case <-ctx.Done():
			dir.Close()
			return nil, ctx.Err()
		case <-time.After(turnPause):
		}
	}
}
