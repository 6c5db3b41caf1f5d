package probe

import (
	"math"
	"slices"
)

// Gram holds the inner products of a layer's gradients in place of the gradients themselves, as they come from elsewhere where a layer has
// too many parameters. Second moments over the units follow from it. What is about single parameters or directions does not: MeanTo,
// VarianceTo, ProjectTo and UnitTo write NaN.
type Gram struct {
	Layer string
	// N is n, and P the number of parameters that the products are sums over; 0 if unknown.
	N, P int
	// read returns g_i . g_j, [N, N], symmetric and not centred.
	read func() ([]float64, error)
	err  error
}

func (g *Gram) Name() string    { return g.Layer }
func (g *Gram) Units() int      { return g.N }
func (g *Gram) Parameters() int { return g.P }
func (g *Gram) Err() error      { return g.err }

// AddGram adds the matrix as it is, with c = 0: digits that a large mean has taken from it are lost for good. A matrix in a file is read
// when it is needed, so that those of many layers are not in memory together.
func (g *Gram) AddGram(dst []float64) Moments {
	m := Moments{NormSq: make([]float64, g.N)}
	products, err := g.read()
	if err != nil {
		g.err = err
		return m
	}
	addTo(dst, products)
	means := rowMeans(products, g.N)
	m.MeanNormSq = sum(means) / float64(g.N)
	for i, mean := range means {
		m.NormSq[i] = products[i*g.N+i]
		m.Trace += (m.NormSq[i] - float64(2*mean) + m.MeanNormSq) / float64(g.N)
	}
	m.Trace = max(0, m.Trace)
	return m
}

func (g *Gram) MeanTo(dst []float64)                 { fillUndefined(dst) }
func (g *Gram) VarianceTo(dst []float64)             { fillUndefined(dst) }
func (g *Gram) ProjectTo(dst []float64, _ []float32) { fillUndefined(dst) }
func (g *Gram) UnitTo(dst []float64, _ int)          { fillUndefined(dst) }

func fillUndefined(dst []float64) {
	for i := range dst {
		dst[i] = math.NaN()
	}
}

// Explicit reports whether the gradients of every layer are known, and not their inner products alone ([Gram]).
func (g *Gradients) Explicit() bool {
	return !slices.ContainsFunc(g.Layers, func(l Layer) bool {
		_, gram := l.(*Gram)
		return gram
	})
}
