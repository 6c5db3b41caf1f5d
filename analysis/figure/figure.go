// Package figure draws numbers with intervals: a figure is its points, the words around them and what its axes need, and becomes an SVG or a
// CSV file. It knows nothing of what the numbers mean.
//
// The drawing is the same for the same numbers; what has no place on an axis is counted in the caption, and an empty figure says why it is
// empty. Start with [Figure].
package figure

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/noiseprobe/noiseprobe/analysis/estimate"
)

// Figure is the numbers of a figure, the words around them, and what its axes need.
type Figure struct {
	// Name is that of its files.
	Name    string
	Title   string
	Caption string
	// Finding is what the figure shows, in the line under its title; it may be empty.
	Finding string
	// Width is that of the drawing in inches, 0 for 6.5: a column of a paper has about 3.25.
	Width          float64
	XLabel, YLabel string
	// LogX and LogY ask for logarithmic axes, which leave out values <= 0; where an x is 0, that axis shows log(1 + x).
	LogX, LogY bool
	// Categories name the places 1, 2, ... of an x axis without a scale.
	Categories []string
	// Scatter keeps points where they are: x is measured as well. Points of several series are else moved aside for each other.
	Scatter bool
	// ZeroY keeps 0 in the range of a linear y axis.
	ZeroY bool
	// Empty says why there may be no data.
	Empty  string
	Series []Series
}

// Series is one set of points of a Figure. Y is NaN where it is undefined; Lo and Hi are the ends of its interval, NaN or
// infinite where there is no such end. Nil Lo and Hi mean that there are no intervals.
type Series struct {
	Name string
	Kind Kind
	// For names the series that this one predicts, and has its colour and place.
	For string
	// Soft draws the series in grey, dashed: something to read the others against.
	Soft         bool
	X, Y, Lo, Hi []float64
}

// Kind says how a series is drawn.
type Kind int

// The kinds of series.
const (
	Line      Kind = iota // a line
	Reference             // a thin dashed line: what theory expects
	Points                // separate points with error bars
	Track                 // points with error bars, joined by a line
	Band                  // a line with its interval shaded
	Faint                 // a thin, pale line, to read another one against
)

// base is the name of the series that a prediction belongs to, or of the series itself.
func (s Series) base() string {
	if s.For != "" {
		return s.For
	}
	return s.Name
}

// Add appends a point with its interval.
func (s *Series) Add(x float64, y estimate.Number, ci estimate.Interval) {
	s.X, s.Y = append(s.X, x), append(s.Y, float64(y))
	s.Lo, s.Hi = append(s.Lo, ci.Lo), append(s.Hi, ci.Hi)
}

// Check panics if a series has columns of different lengths.
func (f Figure) Check() {
	for _, s := range f.Series {
		n := len(s.X)
		if len(s.Y) != n || s.Lo != nil && len(s.Lo) != n || s.Hi != nil && len(s.Hi) != n {
			panic(fmt.Sprintf("figure: %s: series %q has columns of different lengths", f.Name, s.Name))
		}
	}
}

// interval is the i-th interval, NaN where there is none.
func (s Series) interval(i int) (lo, hi float64) {
	lo, hi = nan, nan
	if s.Lo != nil {
		lo = s.Lo[i]
	}
	if s.Hi != nil {
		hi = s.Hi[i]
	}
	return lo, hi
}

// Label is the title with what was found, in one line.
func (f Figure) Label() string {
	if f.Finding == "" {
		return f.Title
	}
	return f.Title + ": " + f.Finding
}

// WithIntervals is a part of captions that is left out where no point has an interval.
const WithIntervals = ", with 95% intervals"

// hasIntervals reports whether any point has an end of an interval.
func (f Figure) hasIntervals() bool {
	return slices.ContainsFunc(f.Series, func(s Series) bool { return slices.ContainsFunc(s.Lo, finite) || slices.ContainsFunc(s.Hi, finite) })
}

// FullCaption is the caption and, where points are undefined or the figure is empty, the words that say so.
func (f Figure) FullCaption() string {
	total, left := f.count()
	if !f.hasIntervals() {
		f.Caption = strings.ReplaceAll(f.Caption, WithIntervals, "")
	}
	switch {
	case left == 0:
		return f.Caption + " No data: " + f.Empty + "."
	case left < total:
		return fmt.Sprintf("%s %d of %d points are undefined and left out.", f.Caption, total-left, total)
	}
	return f.Caption
}

// count is the number of points and of those that can be drawn.
func (f Figure) count() (total, drawable int) {
	for _, s := range f.Series {
		if s.Kind == Reference {
			continue
		}
		for i := range s.X {
			total++
			if f.drawable(s.X[i], s.Y[i]) {
				drawable++
			}
		}
	}
	return total, drawable
}

// drawable reports whether a point has a place on the axes: x = 0 has one on those of log(1 + x).
func (f Figure) drawable(x, y float64) bool {
	return (x == 0 || placed(x, f.LogX)) && placed(y, f.LogY)
}

// placed reports whether v has a place on an axis. The bounds leave room for margins.
func placed(v float64, log bool) bool {
	const least, largest = 1e-140, 1e140
	return math.Abs(v) <= largest && (!log || v >= least)
}

// NoData says why the figure is empty, and nothing where it is not.
func (f Figure) NoData() string {
	if _, drawable := f.count(); drawable > 0 {
		return ""
	}
	return f.reason()
}

// reason says why the figure is empty.
func (f Figure) reason() string { return "no data: " + f.Empty }
