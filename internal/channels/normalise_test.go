package channels

import (
	"math"
	"testing"

	"github.com/noiseprobe/noiseprobe/internal/numtest"
)

func TestInPlace(t *testing.T) {
	for channels := 1; channels <= mostChannels; channels++ {
		for _, rows := range rowCounts {
			o, p := newOperands(4, rows, channels, true), newOperands(4, rows, channels, true)
			want := make([]float32, len(o.x))
			NormaliseReLU(want, o.x, o.mean, o.scale, o.shift)
			NormaliseReLU(p.x, p.x, p.mean, p.scale, p.shift)
			same(t, "NormaliseReLU in place", p.x, want)
			Delta(want, o.x, o.dy, o.mean, o.scale, o.shift, o.first, o.second)
			Delta(p.dy, o.x, p.dy, p.mean, p.scale, p.shift, p.first, p.second)
			same(t, "Delta in place", p.dy, want)
		}
	}
}

// A rectifier at z = 0, of either sign, passes nothing on; NaN comes through it forward and is no z > 0 backward.
func TestRectifierAtItsCorner(t *testing.T) {
	const channels = 9 // one vector, and one channel in plain Go
	fill := func(v float32) []float32 {
		x := make([]float32, channels)
		for i := range x {
			x[i] = v
		}
		return x
	}
	for _, c := range []struct{ x, shift, y, dz float32 }{
		{0, 0, 0, 0},
		{negativeZero, negativeZero, 0, 0},
		{notANumber, 0, notANumber, 0},
		{0, notANumber, notANumber, 0},
		{-infinity, 0, 0, 0},
		{infinity, 0, infinity, 7},
		{0, 1e-42, 1e-42, 7},
		{0, -1e-42, 0, 0},
	} {
		// -0 - 0 is -0, and so is z if the shift is.
		x, mean, scale, shift := fill(c.x), fill(0), fill(1), fill(c.shift)
		y, sum, dot := fill(5), fill(5), fill(5)
		NormaliseReLU(y, x, mean, scale, shift)
		same(t, "NormaliseReLU", y, fill(c.y))
		DeltaSums(sum, dot, x, fill(7), mean, scale, shift)
		same(t, "DeltaSums", sum, fill(c.dz))
	}
}

// batchNorm is <w, max(gamma (x - mean) / sqrt(variance + eps) + beta, 0)> with the mean and the variance (divisor n) of each
// channel of x.
func batchNorm(x, w, gamma, beta []float64, eps float64) float64 {
	channels, total := len(gamma), 0.0
	for c := range channels {
		mean, variance := moments(x, c, channels)
		for i := c; i < len(x); i += channels {
			total += w[i] * max(gamma[c]*(x[i]-mean)/math.Sqrt(variance+eps)+beta[c], 0)
		}
	}
	return total
}

func moments(x []float64, c, channels int) (mean, variance float64) {
	n := float64(len(x) / channels)
	for i := c; i < len(x); i += channels {
		mean += x[i] / n
	}
	for i := c; i < len(x); i += channels {
		variance += (x[i] - mean) * (x[i] - mean) / n
	}
	return mean, variance
}

// The derivative that the comment of Delta promises, against central differences of the definition in float64. With a step of
// 1e-5 these err by about 1e-10, so that 1e-5 of the largest is all for float32: 20 rows of sums, some 50 units.
func TestDeltaIsTheDerivativeOfBatchNormalisation(t *testing.T) {
	const rows, channels, eps, step = 20, 11, 1e-5, 1e-5
	o := newOperands(5, rows, channels, false)
	x, w, gamma, beta := numtest.Widen(o.x), numtest.Widen(o.dy), numtest.Widen(o.scale), numtest.Widen(o.shift)
	for c := range channels {
		mean, variance := moments(x, c, channels)
		o.mean[c], o.scale[c] = float32(mean), float32(gamma[c]/math.Sqrt(variance+eps))
	}
	sum, dot := make([]float32, channels), make([]float32, channels)
	DeltaSums(sum, dot, o.x, o.dy, o.mean, o.scale, o.shift)
	for c := range channels {
		_, variance := moments(x, c, channels)
		o.first[c] = o.scale[c] * sum[c] / rows
		o.second[c] = o.scale[c] * dot[c] / rows / float32(variance+eps)
	}
	got, want := make([]float32, len(x)), make([]float64, len(x))
	Delta(got, o.x, o.dy, o.mean, o.scale, o.shift, o.first, o.second)
	for i, v := range x {
		x[i] = v + step
		want[i] = batchNorm(x, w, gamma, beta, eps)
		x[i] = v - step
		want[i] = (want[i] - batchNorm(x, w, gamma, beta, eps)) / (2 * step)
		x[i] = v
	}
	if err := numtest.CloseToLargest(numtest.Widen(got), want, 1e-5); err != nil {
		t.Error(err)
	}
}
