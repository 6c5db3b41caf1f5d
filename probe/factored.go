package probe

import (
	"sync"

	"github.com/noiseprobe/noiseprobe/internal/gemm"
	"github.com/noiseprobe/noiseprobe/internal/parallel"
)

// Factored holds the gradients of a dense layer y = W a + b as factors: for unit i
//
//	dL_i/dW = delta_i a_i^T,    dL_i/db = delta_i
//
// with a the layer's input and delta the derivative of the unit's own loss (not divided by n) by the layer's
// pre-activation (Goodfellow, arXiv:1510.01799). Nothing of size n×P is formed.
type Factored struct {
	Layer string
	N     int
	In    int
	Out   int
	A     []float32 // [N, In]
	Delta []float32 // [N, Out]
	// Mean is the mean gradient, where the backward pass that recorded the factors has left it; nil computes it from them.
	Mean []float32
}

// NewFactored checks the shapes of the factors, which it keeps without copying.
func NewFactored(layer string, n, in, out int, a, delta []float32) *Factored {
	if len(a) != n*in || len(delta) != n*out {
		panic("probe: factors of the wrong size")
	}
	return &Factored{Layer: layer, N: n, In: in, Out: out, A: a, Delta: delta}
}

func (f *Factored) Name() string    { return f.Layer }
func (f *Factored) Units() int      { return f.N }
func (f *Factored) Parameters() int { return f.Out * (f.In + 1) }

// Gram forms the n×n products of the factors in float32 and their elementwise product in float64:
//
//	g_i . g_j = (a_i . a_j + 1) (delta_i . delta_j)
//
// It centres the finished matrix, which costs digits when |gbar| is far above the deviations from it: there the centred
// entries are accurate to about 1e-7 of |gbar|^2.
func (f *Factored) Gram() LayerGram {
	n := f.N
	work := borrow(2 * n * n)
	defer products.Put(work)
	aa, dd := (*work)[:n*n], (*work)[n*n:]
	gemm.Ssyrk(n, f.In, f.A, f.In, aa, n)
	gemm.Ssyrk(n, f.Out, f.Delta, f.Out, dd, n)

	g := make([]float64, n*n)
	meanDot := make([]float64, n)
	parallel.For(n, 16, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			row, ai, di := g[i*n:(i+1)*n], aa[i*n:(i+1)*n], dd[i*n:(i+1)*n]
			sum := 0.0
			for j := range row {
				v := (float64(ai[j]) + 1) * float64(di[j])
				row[j] = v
				sum += v
			}
			meanDot[i] = sum / float64(n)
		}
	})
	centreGram(g, meanDot)
	return LayerGram{Centred: g, NormSq: f.normSq(), MeanDot: meanDot, MeanNormSq: f.meanNormSq()}
}

// products keeps the memory of the float32 products from one layer to the next.
var products sync.Pool

func borrow(size int) *[]float32 {
	if work, ok := products.Get().(*[]float32); ok && len(*work) == size {
		return work
	}
	work := make([]float32, size)
	return &work
}

// normSq is |delta_i|^2 (|a_i|^2 + 1).
func (f *Factored) normSq() []float64 {
	norm := make([]float64, f.N)
	for i := range norm {
		a, delta := f.A[i*f.In:(i+1)*f.In], f.Delta[i*f.Out:(i+1)*f.Out]
		norm[i] = dot(delta, delta) * (dot(a, a) + 1)
	}
	return norm
}

// centreGram turns G into J G J, J = I - 11'/n, given its row means.
func centreGram(g, rowMean []float64) {
	n := len(rowMean)
	mean := 0.0
	for _, v := range rowMean {
		mean += v / float64(n)
	}
	parallel.For(n, 16, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			row, shift := g[i*n:(i+1)*n], mean-rowMean[i]
			for j := range row {
				row[j] += shift - rowMean[j]
			}
		}
	})
}

func (f *Factored) mean32() []float32 {
	if f.Mean != nil {
		return f.Mean
	}
	mean := make([]float32, f.Parameters())
	scale := 1 / float32(f.N)
	gemm.Sgemm(true, false, f.Out, f.In, f.N, scale, f.Delta, f.Out, f.A, f.In, 0, mean, f.In)
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

func (f *Factored) meanNormSq() float64 {
	sum := 0.0
	for _, v := range f.mean32() {
		sum += float64(v) * float64(v)
	}
	return sum
}

// MeanTo writes the mean gradient.
func (f *Factored) MeanTo(dst []float64) {
	if len(dst) != f.Parameters() {
		panic("probe: mean of the wrong size")
	}
	for i, v := range f.mean32() {
		dst[i] = float64(v)
	}
}

// ProjectTo adds delta_i' (V a_i + v) to dst[i], with v = (V, v) split into weight and bias.
func (f *Factored) ProjectTo(dst []float64, v []float32) {
	if len(dst) != f.N || len(v) != f.Parameters() {
		panic("probe: projection of the wrong size")
	}
	product := make([]float32, f.N*f.Out)
	gemm.Sgemm(false, true, f.N, f.Out, f.In, 1, f.A, f.In, v, f.In, 0, product, f.Out)
	bias := v[f.Out*f.In:]
	for i := range dst {
		sum := 0.0
		for o, d := range f.Delta[i*f.Out : (i+1)*f.Out] {
			sum += float64(d) * (float64(product[i*f.Out+o]) + float64(bias[o]))
		}
		dst[i] += sum
	}
}

// UnitTo writes the outer product of unit i.
func (f *Factored) UnitTo(dst []float64, i int) {
	if len(dst) != f.Parameters() {
		panic("probe: gradient of the wrong size")
	}
	a, delta := f.A[i*f.In:(i+1)*f.In], f.Delta[i*f.Out:(i+1)*f.Out]
	for o, d := range delta {
		for j, v := range a {
			dst[o*f.In+j] = float64(d) * float64(v)
		}
		dst[f.Out*f.In+o] = float64(d)
	}
}
