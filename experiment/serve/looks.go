package serve

import (
	"os"
	"path/filepath"
	"sync"

	"github.com/noiseprobe/noiseprobe/experiment/live"
)

// looks remembers how runs that are over stand, as long as their files are the same.
type looks struct {
	mu   sync.Mutex
	seen map[string]seen
}

type seen struct {
	stamp [4]stamp
	run   live.Run
}

// stamp changes with a file.
type stamp struct{ size, time int64 }

func stamps(dir string) (s [4]stamp) {
	for i, name := range []string{"run.json", "report.json", "metrics.csv", filepath.Join("resume", "state.safetensors")} {
		if info, err := os.Lstat(filepath.Join(dir, name)); err == nil {
			s[i] = stamp{info.Size(), info.ModTime().UnixNano()}
		}
	}
	return s
}

// look is [live.Look] without following links.
func (l *looks) look(dir string) live.Run {
	now := stamps(dir)
	l.mu.Lock()
	before, ok := l.seen[dir]
	l.mu.Unlock()
	if ok && before.stamp == now {
		return before.run
	}
	if err := checkLinks(dir); err != nil {
		return live.Run{Dir: dir, State: live.Damaged, Failure: err.Error()}
	}
	run := live.Look(dir)
	if run.State == live.Done || run.State == live.Diverged {
		l.mu.Lock()
		if l.seen == nil {
			l.seen = map[string]seen{}
		}
		l.seen[dir] = seen{now, run}
		l.mu.Unlock()
	}
	return run
}
