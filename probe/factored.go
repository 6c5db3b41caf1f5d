package probe

import (
	"github.com/noiseprobe/noiseprobe/internal/gemm"
	"github.com/noiseprobe/noiseprobe/internal/parallel"
	"github.com/noiseprobe/noiseprobe/internal/vector"
)

// Factored holds the gradients of a dense layer y = W a + b as factors: for unit i
//
//	dL_i/dW = delta_i a_i^T,    dL_i/db = delta_i
//
// with a the layer's input and delta the derivative of the unit's own loss (not divided by n) with respect to the layer's
// pre-activation (Goodfellow, arXiv:1510.01799). Nothing of size n×P is formed.
type Factored struct {
	Layer string
	N     int
	In    int
	Out   int
	A     []float32 // [N, In]
	Delta []float32 // [N, Out]
	// NoBias says that the layer has no b, and the gradient no second part.
	NoBias bool
	// Mean is the mean gradient as computed by the backward pass that recorded the factors; where it is nil it is computed from them.
	Mean []float32
}

// NewFactored checks the shapes of the factors, which it keeps without copying.
func NewFactored(layer string, n, in, out int, a, delta []float32) *Factored {
	checkSize(layer, len(a), n*in)
	checkSize(layer, len(delta), n*out)
	return &Factored{Layer: layer, N: n, In: in, Out: out, A: a, Delta: delta}
}

func (f *Factored) Name() string    { return f.Layer }
func (f *Factored) Units() int      { return f.N }
func (f *Factored) Parameters() int { return f.Out*f.In + f.biases() }
func (f *Factored) Err() error      { return nil }

// biases is the number of parameters in b.
func (f *Factored) biases() int {
	if f.NoBias {
		return 0
	}
	return f.Out
}

// unit are the factors of unit i.
func (f *Factored) unit(i int) (a, delta []float32) {
	return f.A[i*f.In : (i+1)*f.In], f.Delta[i*f.Out : (i+1)*f.Out]
}

// one is what b adds to |a|^2 in the norm of a gradient: 1, or 0 without b.
func (f *Factored) one() float64 {
	if f.NoBias {
		return 0
	}
	return 1
}

// AddGram forms the products of the factors less their means, a_i = abar + x_i and delta_i = dbar + y_i, in float32, and combines them in
// float64:
//
//	(g_i - c) . (g_j - c) = x_i.x_j (delta_i.delta_j) + y_i.y_j (|abar|^2 + 1 + abar.x_i + abar.x_j) + (abar.x_i)(dbar.y_j) + (abar.x_j)(dbar.y_i)
//
// with c the products of the means, and without the 1 where there is no bias. Where all gradients are nearly the same, as |gbar|^2 may exceed the trace a million times, these
// are small sums of small terms; (a_i . a_j + 1)(delta_i . delta_j) would have to be centred afterwards, and lose the digits.
func (f *Factored) AddGram(dst []float64) Moments {
	c := f.centre()
	defer c.release()
	c.addGram(dst)
	mean := f.mean32()
	return Moments{NormSq: f.normSq(), MeanDot: c.dots(), Trace: c.trace(mean), MeanNormSq: dot(mean, mean)}
}

// normSq is |delta_i|^2 (|a_i|^2 + 1), without the 1 where there is no bias.
func (f *Factored) normSq() []float64 {
	norm := make([]float64, f.N)
	parallel.For(f.N, 16, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			a, delta := f.unit(i)
			norm[i] = vector.Dot(delta, delta) * (vector.Dot(a, a) + f.one())
		}
	})
	return norm
}

func (f *Factored) mean32() []float32 {
	if f.Mean != nil {
		return f.Mean
	}
	mean := make([]float32, f.Parameters())
	scale := 1 / float32(f.N)
	gemm.Sgemm(true, false, f.Out, f.In, f.N, scale, f.Delta, f.Out, f.A, f.In, 0, mean, f.In)
	if f.NoBias {
		return mean
	}
	bias := make([]float64, f.Out)
	for i := range f.N {
		for o, d := range f.Delta[i*f.Out : (i+1)*f.Out] {
			bias[o] += float64(d)
		}
	}
	for o, b := range bias {
		mean[f.Out*f.In+o] = float32(b / float64(f.N))
	}
	return mean
}

// MeanTo writes the mean gradient.
func (f *Factored) MeanTo(dst []float64) {
	checkSize(f.Layer, len(dst), f.Parameters())
	for i, v := range f.mean32() {
		dst[i] = float64(v)
	}
}

// VarianceTo subtracts the square of the mean from the mean square, which is a matrix product of the squared factors in float64:
//
//	(1/n) sum delta_io^2 a_ij^2 - (gbar_oj)^2
//
// The mean has the accuracy of float32, so that the variances are accurate to about 1e-7 of the mean square, and that of float64 where
// |gbar|^2 exceeds the trace a thousand times; where rounding would make a variance negative it is 0. Besides dst and the mean, VarianceTo
// needs memory for the factors of 512 units in float64.
func (f *Factored) VarianceTo(dst []float64) {
	checkSize(f.Layer, len(dst), f.Parameters())
	f.meanProductTo(dst, squares)
	mean := make([]float64, len(dst))
	f.MeanTo(mean)
	if norm := dot64(mean, mean); norm > largeMean*(sum(dst)-norm) {
		f.meanProductTo(mean, widened)
	}
	parallel.For(len(dst), piece, func(lo, hi int) {
		for j := lo; j < hi; j++ {
			dst[j] = max(0, dst[j]-float64(mean[j]*mean[j]))
		}
	})
}

const (
	// largeMean is how many times |gbar|^2 exceeds the trace before the mean is computed in float64.
	largeMean = 1e3
	// wideUnits is the number of units whose factors are held in float64 at a time.
	wideUnits = 512
)

// meanProductTo writes the mean over the units of of(delta_io) of(a_ij), and for the bias of of(delta_io), in float64.
func (f *Factored) meanProductTo(dst []float64, of func([]float32) []float64) {
	clear(dst)
	scale, bias := 1/float64(f.N), dst[f.Out*f.In:]
	for lo := 0; lo < f.N; lo += wideUnits {
		hi := min(lo+wideUnits, f.N)
		a, delta := of(f.A[lo*f.In:hi*f.In]), of(f.Delta[lo*f.Out:hi*f.Out])
		gemm.Dgemm(true, false, f.Out, f.In, hi-lo, scale, delta, f.Out, a, f.In, 1, dst, f.In)
		if f.NoBias {
			continue
		}
		for i, v := range delta {
			bias[i%f.Out] += float64(v * scale)
		}
	}
}

func widened(x []float32) []float64 {
	y := make([]float64, len(x))
	parallel.For(len(x), piece, func(lo, hi int) {
		for i, v := range x[lo:hi] {
			y[lo+i] = float64(v)
		}
	})
	return y
}

func squares(x []float32) []float64 {
	y := make([]float64, len(x))
	parallel.For(len(x), piece, func(lo, hi int) {
		for i, v := range x[lo:hi] {
			y[lo+i] = float64(v) * float64(v)
		}
	})
	return y
}

// ProjectTo adds delta_i' (V a_i + b) to dst[i], with v = (V, b) split into weight and bias.
func (f *Factored) ProjectTo(dst []float64, v []float32) {
	checkSize(f.Layer, len(dst), f.N)
	checkSize(f.Layer, len(v), f.Parameters())
	product := make([]float32, f.N*f.Out)
	gemm.Sgemm(false, true, f.N, f.Out, f.In, 1, f.A, f.In, v, f.In, 0, product, f.Out)
	bias := biasOf(f, v)
	for i := range dst {
		sum := 0.0
		for o, d := range f.Delta[i*f.Out : (i+1)*f.Out] {
			sum += float64(float64(d) * (float64(product[i*f.Out+o]) + float64(bias[o])))
		}
		dst[i] += sum
	}
}

// biasOf is the part of v that belongs to b, zeros where there is none.
func biasOf[T number](f *Factored, v []T) []T {
	if f.NoBias {
		return make([]T, f.Out)
	}
	return v[f.Out*f.In:]
}

// UnitTo writes the outer product of unit i.
func (f *Factored) UnitTo(dst []float64, i int) {
	checkSize(f.Layer, len(dst), f.Parameters())
	a, delta := f.unit(i)
	for o, d := range delta {
		for j, v := range a {
			dst[o*f.In+j] = float64(d) * float64(v)
		}
		if !f.NoBias {
			dst[f.Out*f.In+o] = float64(d)
		}
	}
}
