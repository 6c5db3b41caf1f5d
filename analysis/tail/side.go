package tail

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/floats"
)

// Side is the tail of a sample that is analysed.
type Side int

const (
	Absolute Side = iota // of |x|
	Left                 // of -x
	Right                // of x
)

var sideNames = [...]string{"absolute", "left", "right"}

func (s Side) String() string { return sideNames[s] }

// MarshalText writes the name of s, for JSON and for flag.TextVar.
func (s Side) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads "absolute", "left" or "right".
func (s *Side) UnmarshalText(text []byte) error {
	i := slices.Index(sideNames[:], string(text))
	if i < 0 {
		return fmt.Errorf("unknown tail %q: want absolute, left or right", text)
	}
	*s = Side(i)
	return nil
}

// largest returns the m largest values of a side in descending order, or all of a shorter sample; nil if a value is not finite. It
// collects candidates and reduces them to m when there are 2m, so that for m much smaller than n it reads x once.
func largest(x []float64, side Side, m int) []float64 {
	y := make([]float64, 0, 2*min(m, len(x)))
	cutoff := math.Inf(-1)
	for _, v := range x {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return nil
		}
		if v = side.of(v); v <= cutoff {
			continue
		}
		if y = append(y, v); len(y) == 2*m {
			y = descending(y)[:m]
			cutoff = y[m-1]
		}
	}
	return descending(y)[:min(m, len(y))]
}

func descending(y []float64) []float64 {
	slices.Sort(y)
	slices.Reverse(y)
	return y
}

func (s Side) of(v float64) float64 {
	switch s {
	case Left:
		return -v
	case Right:
		return v
	}
	return math.Abs(v)
}

// logRatio returns log(y / threshold), accurate also if the two are close or their ratio is outside the range of float64.
func logRatio(y, threshold float64) float64 {
	if excess := (y - threshold) / threshold; excess >= -0.5 && !math.IsInf(excess, 1) {
		return math.Log1p(excess)
	}
	return math.Log(y) - math.Log(threshold)
}

// Zeros counts the exact zeros of x. They come from dead units and clipping, and are not part of a tail.
func Zeros(x []float64) int { return floats.Count(isZero, x) }

func isZero(v float64) bool { return v == 0 }
