package serve

import (
	"context"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/noiseprobe/noiseprobe/experiment/sweep"
)

// held is how long the standing of a sweep is shown before it is read again: Slurm is asked for it.
const held = 10 * time.Second

// sweeps remembers how sweeps stand.
type sweeps struct {
	mu   sync.Mutex
	read map[string]standing
}

type standing struct {
	at      time.Time
	summary *sweep.Summary
	err     error
}

func (s *sweeps) of(ctx context.Context, dir string, flags sweep.Flags) (*sweep.Summary, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if before, ok := s.read[dir]; ok && time.Since(before.at) < held {
		return before.summary, before.err
	}
	now := standing{at: time.Now(), err: noLinks(dir)}
	if now.err == nil {
		now.summary, now.err = sweep.Status(ctx, dir, flags)
	}
	if s.read == nil {
		s.read = map[string]standing{}
	}
	if ctx.Err() == nil { // else the error is of this request alone
		s.read[dir] = now
	}
	return now.summary, now.err
}

// noLinks refuses links among the files of a sweep, and in the directories of its runs.
func noLinks(dir string) error {
	if err := checkLinks(dir); err != nil {
		return err
	}
	entries, err := os.ReadDir(dir)
	for _, e := range entries {
		if err == nil && e.IsDir() {
			err = checkLinks(filepath.Join(dir, e.Name()))
		}
	}
	return err
}
