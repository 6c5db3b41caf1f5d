package probe_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/noiseprobe/noiseprobe/internal/numtest"
	"github.com/noiseprobe/noiseprobe/probe"
)

// around are rows of numbers that differ from those of one row by about spread times a standard normal.
func around(label string, n, columns int, spread float64) []float32 {
	mean, x := normals(label+" mean", columns), make([]float32, 0, n*columns)
	for i := range n {
		for j, v := range normals(fmt.Sprint(label, i), columns) {
			x = append(x, float32(mean[j]+spread*v))
		}
	}
	return x
}

// TestFactorsKeepDigitsBesideALargeMean: |gbar|^2 exceeds the trace up to a thousand million times. The reference forms the gradients in
// float64 and centres them, which leaves it an error of 1e-16 of |gbar|^2, 1e-7 of the trace at most.
func TestFactorsKeepDigitsBesideALargeMean(t *testing.T) {
	const n, in, out = 40, 30, 12
	for _, spread := range []float64{1e-1, 1e-3, 1e-4, 1e-5} {
		a, delta := around("a", n, in, spread), around("delta", n, out, spread)
		rows := outerProducts(n, in, out, a, delta)
		layer := probe.NewFactored("dense1", n, in, out, a, delta)
		got, want := reduce(layer), momentsOf(rows)
		if err := numtest.CloseToLargest(got.Centred, want.Centred, 1e-6); err != nil {
			t.Errorf("spread %g: centred Gram matrix: %v", spread, err)
		}
		if err := numtest.CloseToLargest(got.MeanDot, want.MeanDot, 1e-7); err != nil {
			t.Errorf("spread %g: gbar . g: %v", spread, err)
		}
		trace, variance := 0.0, make([]float64, len(rows[0]))
		for i := range n {
			trace += want.Centred[i*n+i] / n
		}
		// The mean gradient is known to 1e-7 in float32, and enters as its square.
		if err := numtest.Close(got.Layers[0].Trace, trace, numtest.Tol{Rel: 1e-4}); err != nil {
			t.Errorf("spread %g: trace, |gbar|^2 %.2g times as large: %v", spread, want.MeanNormSq/trace, err)
		}
		layer.VarianceTo(variance)
		if err := numtest.CloseToLargest(variance, varianceOf(rows), 1e-4); err != nil {
			t.Errorf("spread %g: variances: %v", spread, err)
		}

		// The obvious shortcut, centring the finished products of float32 factors, cannot do this.
		if spread < 1e-2 && numtest.CloseToLargest(centredAfterwards(n, in, out, a, delta), want.Centred, 1e-2) == nil {
			t.Errorf("spread %g: the test is too easy: centring the finished matrix passes as well", spread)
		}
	}
}

// centredAfterwards multiplies (a_i . a_j + 1) (delta_i . delta_j), the factors in float32, and centres the result.
func centredAfterwards(n, in, out int, a, delta []float32) []float64 {
	gram := make([]float64, 0, n*n)
	for i := range n {
		for j := range n {
			aa, dd := float32(0), float32(0)
			for k := range in {
				aa += a[i*in+k] * a[j*in+k]
			}
			for k := range out {
				dd += delta[i*out+k] * delta[j*out+k]
			}
			gram = append(gram, (float64(aa)+1)*float64(dd))
		}
	}
	var rows [][]float64
	for row := range slices.Chunk(gram, n) {
		rows = append(rows, row)
	}
	mean := meanOf(rows)
	all := meanOf([][]float64{mean})
	total := 0.0
	for _, v := range all {
		total += v / float64(n)
	}
	for i := range n {
		for j := range n {
			gram[i*n+j] += total - mean[i] - mean[j]
		}
	}
	return gram
}

// Gradients that are all alike have no noise at all.
func TestEqualFactorsHaveNoNoise(t *testing.T) {
	const n, in, out = 5, 4, 3
	a, delta := around("a", 1, in, 0), around("delta", 1, out, 0)
	u := reduce(probe.NewFactored("dense1", n, in, out, slices.Repeat(a, n), slices.Repeat(delta, n)))
	if u.Trace() > 1e-28*u.MeanNormSq {
		t.Errorf("trace %g", u.Trace())
	}
}
