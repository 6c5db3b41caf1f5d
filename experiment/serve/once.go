package serve

import (
	"fmt"
	"path/filepath"
)

// Once is the page of the run in a directory as it is now, as one file that needs no server. Of a run that is damaged it is what can be read, and failure
// says what cannot.
func Once(dir string) (page []byte, failure string, err error) {
	s, err := New(Settings{Roots: []string{dir}})
	if err != nil {
		return nil, "", err
	}
	const self = "0"
	p, ok := s.places.of(self)
	if !ok || p.Sweep {
		return nil, "", fmt.Errorf("%s: is not a run directory, it has no run.json", dir)
	}
	p.shown = filepath.Base(p.Dir)
	c := s.curvesOf([]string{self}, mostPoints)
	c.Events, c.Runs[0].Name, c.Runs[0].Link = "", p.shown, ""
	return s.pageOf(p, c, false, "")
}
