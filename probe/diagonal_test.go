package probe_test

import (
	"math"
	"slices"
	"testing"

	"github.com/noiseprobe/noiseprobe/internal/numtest"
	"github.com/noiseprobe/noiseprobe/internal/seed"
	"github.com/noiseprobe/noiseprobe/probe"
)

// scaled returns n rows with one parameter for each scale.
func scaled(n int, scales []float64) [][]float64 {
	rng := seed.New(3, "scaled", uint64(n))
	rows := make([][]float64, n)
	for i := range rows {
		for _, s := range scales {
			rows[i] = append(rows[i], s*rng.NormFloat64())
		}
	}
	return rows
}

// TestDiagonal compares the bins with the sorted variances: each bin is the mean of the next ones, which differ by less than 1/32 of
// the lower end of their octave.
func TestDiagonal(t *testing.T) {
	var scales []float64
	for k := range 3000 {
		scales = append(scales, math.Exp(-float64(k)/300))
	}
	g := denseOf(scaled(40, scales))
	variances := g.Variance()
	slices.Sort(variances)
	at := 0
	for _, bin := range g.Reduce(nil).Diagonal {
		group := variances[at : at+bin.Parameters]
		at += bin.Parameters
		mean := 0.0
		for _, v := range group {
			mean += v / float64(len(group))
		}
		if err := numtest.Close(bin.Variance, mean, numtest.Tol{Rel: 1e-12}); err != nil {
			t.Errorf("bin at %g: %v", group[0], err)
		}
		if group[len(group)-1] > group[0]*(1+1.0/32) {
			t.Errorf("a bin spans %g to %g", group[0], group[len(group)-1])
		}
	}
	if at != len(scales) {
		t.Errorf("%d parameters in bins, want %d", at, len(scales))
	}
}

// The smallest variances, zeros among them, share a bin. There is no distribution if a variance is not finite.
func TestDiagonalAtTheEdges(t *testing.T) {
	d := denseOf(scaled(8, []float64{0, 1e-300, 1e-12, 1})).Reduce(nil).Diagonal
	if len(d) != 2 || d[0].Parameters != 3 || d[1].Parameters != 1 {
		t.Errorf("got %v", d)
	}
	if d := denseOf(scaled(8, []float64{0, 0})).Reduce(nil).Diagonal; !slices.Equal(d, []probe.Variances{{Parameters: 2}}) {
		t.Errorf("zeros: %v", d)
	}
	for _, bad := range []float64{math.NaN(), math.Inf(1), 1e200} { // the square of the last is infinite
		if d := denseOf(scaled(8, []float64{1, bad})).Reduce(nil).Diagonal; d != nil {
			t.Errorf("%g: %v", bad, d)
		}
	}
}

// The layers' variances follow each other, and their sum is the trace.
func TestVarianceOfAllLayers(t *testing.T) {
	g, rows := twoLayers(9)
	variance := g.Variance()
	if err := numtest.CloseToLargest(variance, varianceOf(rows), 2e-6); err != nil {
		t.Error(err)
	}
	total := 0.0
	for _, v := range variance {
		total += v
	}
	if err := numtest.Close(total, g.Reduce(nil).Trace(), numtest.Tol{Rel: 2e-6}); err != nil {
		t.Errorf("trace: %v", err)
	}
}
