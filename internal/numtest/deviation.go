package numtest

import (
	"fmt"
	"maps"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
)

// Deviations are the largest differences from reference values, by the name of an estimator: relative differences, or absolute ones
// where these are smaller and the tolerance has an absolute part.
type Deviations map[string]float64

// Add records the deviation of got from want. An undefined got counts as none: where want is defined, Close reports that.
func (d Deviations) Add(name string, got, want float64, tol Tol) {
	diff := math.Abs(got - want)
	if diff > 0 {
		rel := diff / max(math.Abs(got), math.Abs(want))
		if tol.Abs > 0 {
			rel = min(rel, diff)
		}
		d[name] = max(d[name], rel)
	} else if _, ok := d[name]; !ok {
		d[name] = 0
	}
}

// Merge records the deviations of other.
func (d Deviations) Merge(other Deviations) {
	for name, worst := range other {
		d[name] = max(d[name], worst)
	}
}

// CheckPage compares a page of documentation with the deviations. Every name must have a row
//
//	| `name` | ... | bound |
//
// in one of its tables, and the bound in its last cell must be at least the deviation, and at most 100 times the deviation or 1e-15.
func (d Deviations) CheckPage(path string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	claimed := claims(string(text))
	for _, name := range slices.Sorted(maps.Keys(d)) {
		bound, ok := claimed[name]
		switch worst := d[name]; {
		case !ok:
			return fmt.Errorf("%s: no row for `%s`, which deviates by %.1e", path, name, worst)
		case worst > bound:
			return fmt.Errorf("%s: `%s` deviates by %.2e, more than %g", path, name, worst, bound)
		case bound > max(100*worst, 1e-15):
			return fmt.Errorf("%s: `%s` deviates by only %.1e, the page says %g", path, name, worst, bound)
		}
	}
	return nil
}

// claims reads the tables of a page: the last cell of every row, by the name in the first cell.
func claims(text string) map[string]float64 {
	bounds := map[string]float64{}
	for line := range strings.Lines(text) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		name, quoted := strings.CutPrefix(strings.TrimSpace(cells[0]), "`")
		name, _, closed := strings.Cut(name, "`")
		bound, err := strconv.ParseFloat(strings.TrimSpace(cells[len(cells)-1]), 64)
		if quoted && closed && err == nil {
			bounds[name] = bound
		}
	}
	return bounds
}
