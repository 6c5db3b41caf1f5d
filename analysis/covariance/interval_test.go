package covariance

import (
	"math"
	"slices"
	"testing"

	"github.com/noiseprobe/noiseprobe/analysis/estimate"
	"github.com/noiseprobe/noiseprobe/internal/numtest"
	"github.com/noiseprobe/noiseprobe/internal/seed"
)

// TestLeaveOneOut deletes units and computes everything again.
func TestLeaveOneOut(t *testing.T) {
	for _, size := range []struct{ n, p int }{{7, 4}, {9, 30}, {3, 2}} {
		g := powerLaw(size.p, 1, 0.5).gaussian(seed.New(4, "leave one out", uint64(size.n)), size.n)
		u := g.units()
		for i, d := range leaveOneOut(u, momentsOf(u)) {
			without := slices.Delete(slices.Clone(g), i, i+1).units()
			m := momentsOf(without)
			got := []float64{d.n, d.trace, d.meanNormSq, d.fourth, d.traceSquare}
			want := []float64{m.n, m.trace, m.meanNormSq, m.fourth, traceOfSquare(without)}
			if err := numtest.AllClose(got, want, numtest.Tol{Rel: 1e-10}); err != nil {
				t.Errorf("n=%d P=%d without unit %d: n, trace, norm, fourth, square: %v", size.n, size.p, i, err)
			}
		}
	}
}

// The jackknife error of a mean is its textbook one, and tr S is nearly the mean of |g_i - gbar|^2 over n-1: exactly so for
// the variance of its leave-one-out values, (n/((n-1)(n-2)))^2 times that of |g_i - gbar|^2.
func TestTraceError(t *testing.T) {
	g := powerLaw(10, 1, 0.5).gaussian(seed.New(4, "trace error"), 20)
	u := g.units()
	n := float64(u.N)
	var norms []float64
	for i := range u.N {
		norms = append(norms, u.Centred[i*u.N+i])
	}
	mean, squares := estimate.Sum(norms)/n, 0.0
	for _, v := range norms {
		squares += (v - mean) * (v - mean)
	}
	scale := n / ((n - 1) * (n - 2))
	for _, population := range []int{0, 20, 50} {
		u.Population = population
		want := math.Sqrt((n - 1) / n * squares * scale * scale)
		if population > 0 {
			want *= math.Sqrt(1 - n/float64(population))
		}
		if err := numtest.Close(TraceError(u), want, numtest.Tol{Rel: 1e-11}); err != nil {
			t.Errorf("N=%d: %v", population, err)
		}
	}
	if e := TraceError(rows{{1, 2}, {3, 5}}.units()); !math.IsNaN(e) {
		t.Errorf("2 units have the error %g", e)
	}
}
