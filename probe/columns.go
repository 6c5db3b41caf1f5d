package probe

import (
	"fmt"

	"github.com/noiseprobe/noiseprobe/internal/parallel"
)

// Columns are gradients of the same network with other labels than the samples have: with h_kc column c of unit k,
//
//	F_k = sum_c h_kc h_kc',    F = (1/K) sum_k F_k
//
// is the Gauss-Newton matrix of K units, which for cross-entropy is the Fisher matrix of the model's own labels. Columns have the form of
// gradients, mostly factors, so that products with F are products between gradients and nothing of size P×P is formed.
type Columns struct {
	// Gradients holds Each columns of every unit, one unit after another.
	*Gradients
	Each int
	// Drawn says that the columns of a unit are independent draws of labels, each with E h h' = F_k / Each; otherwise they make F_k exactly.
	Drawn bool
	// Unit is the place of each of the K units among the recorded ones.
	Unit []int
}

// Curvature holds what analysis needs of the Gauss-Newton matrix F of K units and of what it makes of the gradients g_i of n recorded units, of which
// the K are some.
type Curvature struct {
	Drawn bool
	Each  int
	Unit  []int
	N     int
	// Trace is tr F_k and Pair, K×K, tr F_k F_l. Of drawn columns the diagonal of Pair is made of different draws, which makes it unbiased; of one
	// draw a unit it is NaN.
	Trace, Pair []float64
	// MeanSq is gbar' F_k gbar. The others are K×n, with c_i = g_i - gbar and u the unit k itself:
	//
	//	Along = gbar' F_k c_i,    Deviation = c_i' F_k c_i,    Own = c_u' F_k c_i
	MeanSq, Along, Deviation, Own []float64
	// Eigenvalues are the leading ones of F, descending.
	Eigenvalues []float64
	Basis       CurvatureBasis
	Layers      []LayerCurvature
	// Hessian and Preconditioned are nil where they were not asked for, or there is no metric.
	Hessian        *Hessian
	Preconditioned *Preconditioned
}

// Hessian holds what makes tr(H Sigma), H the Hessian of the loss: the mean over pairs of c_i' H_j c_i n/(n-1), with c_i the deviations of n gradients from their mean and
// H_j the Hessian of one of other units.
type Hessian struct {
	// Step is the length of the displacement of the weights in central differences of gradients, Error the relative change of the result at twice that.
	Step, Error float64
	// Rows are the means over j for each i, Columns those over i for each j; both are empty where there are too few units.
	Rows, Columns []float64
}

// K is the number of units whose curvature is known.
func (c *Curvature) K() int { return len(c.Unit) }

// LayerCurvature has the sums over the units of one layer's block of F and its part of the gradients: of Trace, of MeanSq, of Deviation over all
// pairs, and of Deviation and Along of the units k themselves.
type LayerCurvature struct {
	Name         string
	Parameters   int
	Trace        float64
	MeanSq       float64
	Deviation    float64
	OwnDeviation float64
	OwnAlong     float64
}

// Reduce computes the second moments of columns and of the gradients of the recorded units at the same weights, layer by layer. Gradients that
// cannot be read show in the Err of either. It panics if the layers differ, or the columns are not those of whole units.
func (c *Columns) Reduce(g *Gradients) *Curvature {
	m, n := c.Units(), g.Units()
	if len(c.Layers) != len(g.Layers) || m != c.Each*len(c.Unit) {
		panic(fmt.Sprintf("probe: %d columns of %d units in %d layers, and gradients in %d", m, len(c.Unit), len(c.Layers), len(g.Layers)))
	}
	r := &Curvature{Drawn: c.Drawn, Each: c.Each, Unit: c.Unit, N: n}
	gram, cross, own := make([]float64, m*m), make([]float64, m*n), make([]float64, m*n)
	before := 0.0
	for i, l := range c.Layers {
		clear(own)
		addCross(own, l, g.Layers[i])
		addOwn(gram, l)
		total := trace(gram, m)
		r.Layers = append(r.Layers, c.layer(l, own, n, total-before))
		before = total
		addTo(cross, own)
	}
	mirror(gram, m)
	s := c.sight(cross, n)
	r.MeanSq, r.Along, r.Deviation, r.Own = s.meanSq, s.along, s.deviation, s.own
	r.Trace, r.Pair = c.pairs(gram)
	r.Eigenvalues = leadingEigenvalues(gram, m, float64(len(c.Unit)))
	r.Basis = c.basis(gram, cross, n)
	return r
}

func (c *Columns) layer(l Layer, cross []float64, n int, trace float64) LayerCurvature {
	s := c.sight(cross, n)
	out := LayerCurvature{Name: l.Name(), Parameters: l.Parameters(), Trace: trace, MeanSq: sum(s.meanSq), Deviation: sum(s.deviation)}
	for k, u := range c.Unit {
		out.OwnDeviation += s.deviation[k*n+u]
		out.OwnAlong += s.along[k*n+u]
	}
	return out
}

// sight is what the curvature of every unit sees of the recorded gradients, see [Curvature].
type sight struct{ meanSq, along, deviation, own []float64 }

// sight is computed from the products of columns and gradients.
func (c *Columns) sight(cross []float64, n int) sight {
	k := len(c.Unit)
	s := sight{make([]float64, k), make([]float64, k*n), make([]float64, k*n), make([]float64, k*n)}
	parallel.For(k, 1, func(lo, hi int) {
		x := make([]float64, n)
		for unit := lo; unit < hi; unit++ {
			along, deviation, own := s.along[unit*n:][:n], s.deviation[unit*n:][:n], s.own[unit*n:][:n]
			for column := range c.Each {
				mean := lessMean(x, cross[(unit*c.Each+column)*n:][:n])
				s.meanSq[unit] += float64(mean * mean)
				self := x[c.Unit[unit]]
				for i, v := range x {
					along[i] += float64(mean * v)
					deviation[i] += float64(v * v)
					own[i] += float64(self * v)
				}
			}
		}
	})
	return s
}

// lessMean writes x less its mean, which it returns.
func lessMean(dst, x []float64) float64 {
	mean := sum(x) / float64(len(x))
	rest := 0.0
	for i, v := range x {
		dst[i] = v - mean
		rest += dst[i]
	}
	return mean + rest/float64(len(x))
}

// pairs are tr F_k and tr F_k F_l from the products of the columns.
func (c *Columns) pairs(gram []float64) (trace, pair []float64) {
	k, m := len(c.Unit), c.Units()
	trace, pair = make([]float64, k), make([]float64, k*k)
	parallel.For(k, 1, func(lo, hi int) {
		for a := lo; a < hi; a++ {
			for row := a * c.Each; row < (a+1)*c.Each; row++ {
				trace[a] += gram[row*m+row]
				for b := range k {
					for _, v := range gram[row*m+b*c.Each:][:c.Each] {
						pair[a*k+b] += float64(v * v)
					}
				}
			}
			if c.Drawn {
				pair[a*k+a] = c.ownPair(gram, a, pair[a*k+a])
			}
		}
	})
	return trace, pair
}

// ownPair is tr F_k^2 without bias: over pairs of different draws, given the sum over all pairs.
func (c *Columns) ownPair(gram []float64, k int, all float64) float64 {
	m, draws := c.Units(), float64(c.Each)
	for row := k * c.Each; row < (k+1)*c.Each; row++ {
		all -= float64(gram[row*m+row] * gram[row*m+row])
	}
	return all * draws / (draws - 1) // 0/0 of one draw
}
