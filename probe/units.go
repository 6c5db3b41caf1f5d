package probe

import "math"

// Units is what analysis needs of the recorded gradients, whatever form they had: second moments, losses, and projections
// onto a few fixed directions.
type Units struct {
	Meta
	N          int
	Parameters int
	// Centred is n×n: (g_i - gbar) . (g_j - gbar), summed over layers.
	Centred []float64
	// NormSq is |g_i|^2, MeanDot is gbar . g_i and MeanNormSq is |gbar|^2.
	NormSq     []float64
	MeanDot    []float64
	MeanNormSq float64
	Layers     []LayerMoments
	// Projections are g_i . u for fixed unit vectors u.
	Projections []Projection
}

// LayerMoments is one layer's share.
type LayerMoments struct {
	Name       string
	Parameters int
	// Trace is (1/n) sum |g_i - gbar|^2 over the layer's parameters.
	Trace float64
	// MeanNormSq is the layer's |gbar|^2.
	MeanNormSq float64
}

// Projection holds one number per unit: its gradient along a named direction.
type Projection struct {
	Name   string
	Values []float64
}

// Reduce computes the second moments of the gradients and their projections onto directions. Layer by
// layer, it holds the total and a few n×n matrices at a time.
func (g *Gradients) Reduce(directions []Direction) *Units {
	n := g.Units()
	u := &Units{
		Meta: g.Meta, N: n, Parameters: g.Parameters(),
		Centred: make([]float64, n*n), NormSq: make([]float64, n), MeanDot: make([]float64, n),
	}
	for _, layer := range g.Layers {
		gram := layer.Gram()
		addTo(u.Centred, gram.Centred)
		addTo(u.NormSq, gram.NormSq)
		addTo(u.MeanDot, gram.MeanDot)
		u.MeanNormSq += gram.MeanNormSq
		u.Layers = append(u.Layers, LayerMoments{
			Name: layer.Name(), Parameters: layer.Parameters(),
			Trace: meanDiagonal(gram.Centred, n), MeanNormSq: gram.MeanNormSq,
		})
	}
	for _, d := range directions {
		u.Projections = append(u.Projections, Projection{Name: d.Name, Values: g.Project(d.Vector)})
	}
	return u
}

func addTo(dst, x []float64) {
	for i, v := range x {
		dst[i] += v
	}
}

func meanDiagonal(g []float64, n int) float64 {
	sum := 0.0
	for i := range n {
		sum += g[i*n+i]
	}
	return sum / float64(n)
}

// Norm returns |g_i| of every unit.
func (u *Units) Norm() []float64 {
	norm := make([]float64, u.N)
	for i, v := range u.NormSq {
		norm[i] = math.Sqrt(v)
	}
	return norm
}

// Trace is (1/n) sum |g_i - gbar|^2.
func (u *Units) Trace() float64 {
	return meanDiagonal(u.Centred, u.N)
}
