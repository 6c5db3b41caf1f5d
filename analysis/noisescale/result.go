package noisescale

import "fmt"

// FewestSteps is the number of steps below which nothing is said.
const FewestSteps = 10

// Result is what a log says: over all of it, in windows along training, and layer by layer.
type Result struct {
	Estimate
	First int `json:"first"`
	Last  int `json:"last"`
	// Alpha is that of the logged gradients; the estimates are those of plain ones.
	Alpha float64 `json:"alpha"`
	// Population is that of [Log].
	Population int `json:"population,omitempty"`
	// Superseded rows do not count, since steps went back to theirs or further. Skipped ones have no norms.
	Superseded int      `json:"superseded"`
	Skipped    int      `json:"skipped"`
	Windows    []Window `json:"windows"`
	Layers     []Layer  `json:"layers"`
}

// Window is a range of consecutive steps.
type Window struct {
	First int `json:"first"`
	Last  int `json:"last"`
	Estimate
}

// Layer is the estimate of one layer over all steps.
type Layer struct {
	Name string `json:"name"`
	Estimate
}

// Analyse estimates the noise scale from all steps, and in so many windows; 0 chooses their number. It is an error that the log, or a window,
// has fewer than [FewestSteps] steps.
func (l *Log) Analyse(windows int) (Result, error) {
	steps := l.Steps()
	if steps < FewestSteps {
		if l.Superseded > 0 {
			return Result{}, fmt.Errorf("too few steps, %d, beside %d rows after which steps go back: at least %d are needed, in ascending order", steps, l.Superseded, FewestSteps)
		}
		return Result{}, fmt.Errorf("too few steps, %d: at least %d are needed", steps, FewestSteps)
	}
	all := l.series(0)
	all.correlated()
	r := Result{
		Estimate: all.estimate(), First: l.cells[0].first, Last: l.cells[len(l.cells)-1].last,
		Alpha: l.alpha, Population: l.Population, Superseded: l.Superseded, Skipped: l.Skipped, Layers: []Layer{},
	}
	if windows == 0 {
		windows = all.windows()
	}
	if most := max(1, len(l.cells)/FewestSteps); windows > most {
		return Result{}, fmt.Errorf("-windows %d: %d steps are enough for %d", windows, steps, most)
	}
	bounds := l.split(windows)
	for i := range windows {
		lo, hi := bounds[i], bounds[i+1]
		r.Windows = append(r.Windows, Window{l.cells[lo].first, l.cells[hi-1].last, all.part(lo, hi).estimate()})
	}
	for i, name := range l.layers {
		s := l.series(1 + i)
		s.correlated()
		r.Layers = append(r.Layers, Layer{name, s.estimate()})
	}
	return r, nil
}

// mostWindows is the number of windows of a long log.
const mostWindows = 20

// windows is a number of windows each of which has values enough for its interval to cover: 40, or more where they are correlated.
func (s *series) windows() int {
	auto := max(s.autoTrace, s.autoSq)
	correlation := (1 + auto) / (1 - auto) // consecutive values that are worth one
	return min(max(int(float64(len(s.counts))/max(40, 10*correlation)), 1), mostWindows)
}
