package serve

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/noiseprobe/noiseprobe/experiment/live"
)

// searched is how long a search for runs holds.
const searched = 2 * time.Second

// place is a run or a sweep with the name that addresses have for it: the number of its root, and its path below that.
type place struct {
	live.Place
	id string
	// shown is the name that people read.
	shown string
}

// places are what is below the roots. Nothing else is ever read, whatever an address says.
type places struct {
	roots []string

	mu    sync.Mutex
	at    time.Time
	found []place
	byID  map[string]place
}

func (p *places) open(roots []string) error {
	for _, root := range roots {
		real, err := filepath.EvalSymlinks(root)
		if err == nil {
			real, err = filepath.Abs(real)
		}
		if err != nil {
			return err
		}
		info, err := os.Stat(real)
		if err != nil {
			return err
		}
		if !info.IsDir() {
			return fmt.Errorf("%s: is not a directory", root)
		}
		p.roots = append(p.roots, real)
	}
	return nil
}

// all are the places now.
func (p *places) all() []place {
	p.mu.Lock()
	defer p.mu.Unlock()
	if time.Since(p.at) > searched {
		p.search()
	}
	return p.found
}

// of is the place that an address names, and whether there is one.
func (p *places) of(id string) (place, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if _, known := p.byID[id]; !known && time.Since(p.at) > searched/10 || time.Since(p.at) > searched {
		p.search()
	}
	e, ok := p.byID[id]
	return e, ok
}

func (p *places) search() {
	p.found, p.byID = nil, map[string]place{}
	for i, root := range p.roots {
		for _, found := range live.Find(root) {
			e := place{Place: found, id: strings.TrimSuffix(strconv.Itoa(i)+"/"+found.Name, "/."), shown: found.Name}
			if found.Name == "." || len(p.roots) > 1 {
				e.shown = strings.TrimSuffix(filepath.Base(root)+"/"+found.Name, "/.")
			}
			p.found, p.byID[e.id] = append(p.found, e), e
		}
	}
	p.at = time.Now()
}

// checkLinks refuses links in a run directory: they lead elsewhere.
func checkLinks(dir string) error {
	for _, name := range []string{".", "resume", "figures"} {
		sub := filepath.Join(dir, name)
		info, err := os.Lstat(sub)
		if err != nil {
			continue
		}
		if info.Mode()&os.ModeSymlink != 0 {
			return linked(sub)
		}
		entries, _ := os.ReadDir(sub)
		for _, e := range entries {
			if e.Type()&os.ModeSymlink != 0 {
				return linked(filepath.Join(sub, e.Name()))
			}
		}
	}
	return nil
}

func linked(path string) error { return fmt.Errorf("%s: is a link, and is not followed", path) }
