package probe

import (
	"github.com/noiseprobe/noiseprobe/internal/parallel"
	"github.com/noiseprobe/noiseprobe/internal/vector"
)

// centred are the factors of a layer less vectors abar and dbar, their means over the units in float32: a_i = abar + x_i and
// delta_i = dbar + y_i. With c = dbar abar' for the weights and dbar for the bias,
//
//	g_i - c = dbar x_i' + y_i abar' + y_i x_i'          (weights),          y_i          (bias)
//
// where all terms are small if all gradients are nearly the same: their products keep digits that the products of the factors lose.
type centred struct {
	f          *Factored
	aBar, dBar []float32
	x, y       []float32 // [N, In], [N, Out]
	// p is abar . x_i and q is dbar . y_i.
	p, q []float64
	// aSq is |abar|^2 + 1, with the 1 of the bias if there is one, and dSq is |dbar|^2.
	aSq, dSq float64
}

func (f *Factored) centre() *centred {
	c := &centred{f: f, aBar: columnMeans(f.A, f.In), dBar: columnMeans(f.Delta, f.Out)}
	c.x, c.p = deviations(f.A, c.aBar)
	c.y, c.q = deviations(f.Delta, c.dBar)
	c.aSq, c.dSq = vector.Dot(c.aBar, c.aBar)+f.one(), vector.Dot(c.dBar, c.dBar)
	return c
}

// release gives back the memory of the deviations.
func (c *centred) release() {
	returnBlock(c.x)
	returnBlock(c.y)
}

// columnMeans are the means of the columns of a matrix [rows, cols].
func columnMeans(m []float32, cols int) []float32 {
	mean := make([]float32, cols)
	rows := len(m) / cols
	parallel.For(cols, 64, func(lo, hi int) {
		total := make([]float64, hi-lo)
		for i := range rows {
			vector.AddWide(total, m[i*cols+lo:i*cols+hi])
		}
		for j, v := range total {
			mean[lo+j] = float32(v / float64(rows))
		}
	})
	return mean
}

// deviations are the rows less their mean, and the products of these with the mean.
func deviations(m, mean []float32) (less []float32, along []float64) {
	cols := len(mean)
	less, along = borrowBlock[float32](len(m)), make([]float64, len(m)/cols)
	parallel.For(len(along), 16, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			row := less[i*cols : (i+1)*cols]
			copy(row, m[i*cols:])
			vector.AddScaled(row, -1, mean)
			along[i] = vector.Dot(mean, row)
		}
	})
	return less, along
}

// addGram adds (g_i - c) . (g_j - c) on and below the diagonal of dst.
func (c *centred) addGram(dst []float64) {
	n := c.f.N
	lowerRows(n, c.x, c.f.In, c.y, c.f.Out, func(i int, xx, yy []float32) { c.addRow(dst[i*n:][:i+1], i, xx, yy) })
}

// addRow adds the products of unit i with the first ones, given x_i . x_j and y_i . y_j.
func (c *centred) addRow(dst []float64, i int, xx, yy []float32) {
	pi, qi := c.p[i], c.q[i]
	vector.AddDeviationProducts(dst, xx, yy, c.p, c.q, vector.Coefficients{A: c.aSq + pi, D: c.dSq + qi, P: pi, Q: qi})
}

// distance is |g_i - c|^2.
func (c *centred) distance(i int) float64 {
	x, y := c.x[i*c.f.In:(i+1)*c.f.In], c.y[i*c.f.Out:(i+1)*c.f.Out]
	xx, yy := vector.Dot(x, x), vector.Dot(y, y)
	return float64(xx*(c.dSq+float64(2*c.q[i])+yy)) + float64(yy*(c.aSq+float64(2*c.p[i]))) + float64(2*c.p[i]*c.q[i])
}

// dots are c . (g_i + gbar - c).
func (c *centred) dots() []float64 {
	dots, mean := make([]float64, c.f.N), 0.0
	for i, p := range c.p {
		less := float64(p*c.dSq) + float64(c.q[i]*c.aSq) + float64(p*c.q[i]) // c . (g_i - c)
		dots[i] = float64(c.aSq*c.dSq) + less
		mean += less / float64(c.f.N)
	}
	for i := range dots {
		dots[i] += mean
	}
	return dots
}

// trace is (1/n) sum |g_i - c|^2 - |gbar - c|^2, given gbar.
func (c *centred) trace(gbar []float32) float64 {
	total := sumOver(c.f.N, c.distance)
	offset := sumOver(c.f.Out, func(o int) float64 { return c.offset(o, gbar) })
	return max(0, total/float64(c.f.N)-offset)
}

// offset is the part of |gbar - c|^2 that belongs to output o, its weights and its bias.
func (c *centred) offset(o int, gbar []float32) float64 {
	d, total := float64(c.dBar[o]), 0.0
	for j, v := range gbar[o*c.f.In : (o+1)*c.f.In] {
		less := float64(v) - float64(d*float64(c.aBar[j]))
		total += float64(less * less)
	}
	if c.f.NoBias {
		return total
	}
	less := float64(gbar[c.f.Out*c.f.In+o]) - d
	return total + float64(less*less)
}
