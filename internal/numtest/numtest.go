// Package numtest compares numbers in tests. Each function returns an error that says what differs and by how much, so that tests can
// show that the functions themselves reject wrong values.
package numtest

import (
	"fmt"
	"math"
)

// Tol accepts got for want when either bound holds:
//
//	|got - want| <= Abs    or    |got - want| <= Rel max(|got|, |want|)
type Tol struct{ Abs, Rel float64 }

// Close returns an error if got differs from want. NaN equals NaN, and an infinity equals itself.
func Close(got, want float64, tol Tol) error {
	if got == want || math.IsNaN(got) && math.IsNaN(want) {
		return nil
	}
	diff := math.Abs(got - want)
	if diff <= tol.Abs || diff <= tol.Rel*max(math.Abs(got), math.Abs(want)) && !math.IsInf(diff, 0) {
		return nil
	}
	return fmt.Errorf("got %.17g, want %.17g: differs by %.3g (abs), %.3g (rel); allowed %.3g, %.3g",
		got, want, diff, diff/max(math.Abs(got), math.Abs(want)), tol.Abs, tol.Rel)
}

// AllClose returns an error for the first element of got that is not close to that of want.
func AllClose(got, want []float64, tol Tol) error {
	if len(got) != len(want) {
		return fmt.Errorf("got %d values, want %d", len(got), len(want))
	}
	for i := range got {
		if err := Close(got[i], want[i], tol); err != nil {
			return fmt.Errorf("element %d: %w", i, err)
		}
	}
	return nil
}

// AllClose32 is AllClose for float32 values.
func AllClose32(got, want []float32, tol Tol) error {
	return AllClose(Widen(got), Widen(want), tol)
}

// CloseToLargest compares with an absolute tolerance of rel times the largest |want|. That is for tensors, whose small entries have
// rounding errors of the size of the large ones.
func CloseToLargest(got, want []float64, rel float64) error {
	largest := 0.0
	for _, v := range want {
		largest = max(largest, math.Abs(v))
	}
	return AllClose(got, want, Tol{Abs: rel * largest})
}

// Widen returns the values in float64.
func Widen(x []float32) []float64 {
	y := make([]float64, len(x))
	for i, v := range x {
		y[i] = float64(v)
	}
	return y
}
