package probe

import "math"

// Units holds what analysis needs of recorded gradients, in whatever form they were recorded: second moments, losses, and
// projections onto a few fixed directions.
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
	// Diagonal is the distribution of the parameters' variances; nil where it is not known.
	Diagonal []Variances
	// Projections are g_i . u for fixed unit vectors u.
	Projections []Projection
	// Coordinates are the gradients of a few random parameters; nil where they were not stored.
	Coordinates *Coordinates
}

// LayerMoments is one layer's share of the second moments.
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

// Reduce computes the second moments of the gradients, their projections onto directions and the variances of the parameters. Besides its
// result it needs little memory: the Gram matrix is added up in place, a band of rows at a time, and the variances of one layer are kept. Of
// gradients that are not [Gradients.Explicit] there are no projections, coordinates and variances; directions must then be empty.
func (g *Gradients) Reduce(directions []Direction) *Units {
	u := g.SecondMoments(directions)
	u.Diagonal = g.diagonal()
	return u
}

// SecondMoments is Reduce without the variances of the parameters, which take about as long again. Large layers in float32 files are multiplied in float32,
// see [singleGram], and again in float64 where what that rounds could be seen.
func (g *Gradients) SecondMoments(directions []Direction) *Units {
	if u, ok := g.singleMoments(directions); ok {
		return u
	}
	return g.secondMoments(directions, (*Streamed).addDouble)
}

// wanted is what a pass over the gradients of a layer gives besides their Gram matrix: it adds the products with each vector to the projections,
// and copies coordinates.
type wanted struct {
	vectors     [][]float32
	projections [][]float64
	coordinates selection
}

// multiplication adds the Gram matrix of a layer in blocks to dst, in one pass with what is wanted besides.
type multiplication func(s *Streamed, dst []float64, w wanted) Moments

func (g *Gradients) secondMoments(directions []Direction, add multiplication) *Units {
	n := g.Units()
	u := &Units{
		Meta: g.Meta, N: n, Parameters: g.Parameters(),
		Centred: make([]float64, n*n), NormSq: make([]float64, n), MeanDot: make([]float64, n),
	}
	for _, d := range directions {
		checkSize("direction "+d.Name, len(d.Vector), u.Parameters)
		u.Projections = append(u.Projections, Projection{Name: d.Name, Values: make([]float64, n)})
	}
	var coordinates selection
	if g.Explicit() {
		u.Coordinates = g.newSample()
		coordinates = selection{index: u.Coordinates.Index, dst: u.Coordinates.Values, stride: len(u.Coordinates.Index)}
	}
	at := 0
	for _, layer := range g.Layers {
		w := wanted{coordinates: coordinates.of(layer, at)}
		for k, d := range directions {
			w.vectors, w.projections = append(w.vectors, d.Vector[at:at+layer.Parameters()]), append(w.projections, u.Projections[k].Values)
		}
		m := addGramAlong(layer, add, u.Centred, w)
		at += layer.Parameters()
		addTo(u.NormSq, m.NormSq)
		addTo(u.MeanDot, m.MeanDot)
		u.MeanNormSq += m.MeanNormSq
		u.Layers = append(u.Layers, LayerMoments{
			Name: layer.Name(), Parameters: layer.Parameters(), Trace: m.Trace, MeanNormSq: m.MeanNormSq,
		})
	}
	mirror(u.Centred, n)
	// The mean of row i is (g_i - c) . (gbar - c), which is gbar . g_i less the MeanDot of the layers.
	means := rowMeans(u.Centred, n)
	addTo(u.MeanDot, means)
	centreGram(u.Centred, means)
	return u
}

// addGramAlong adds a layer's share of the Gram matrix, with what is wanted besides. A layer in a file is read once.
func addGramAlong(layer Layer, add multiplication, dst []float64, w wanted) Moments {
	if s, ok := layer.(*Streamed); ok {
		return add(s, dst, w)
	}
	m := layer.AddGram(dst)
	for k, v := range w.vectors {
		layer.ProjectTo(w.projections[k], v)
	}
	w.coordinates.copyFrom(layer)
	return m
}

func addTo(dst, x []float64) {
	for i, v := range x {
		dst[i] += v
	}
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
func (u *Units) Trace() float64 { return trace(u.Centred, u.N) / float64(u.N) }

// Gram returns the Gram matrix of the gradients, n×n over all parameters and not centred,
//
//	g_i . g_j = (g_i - gbar) . (g_j - gbar) + gbar . g_i + gbar . g_j - |gbar|^2
//
// from the centred one, by adding the means that were subtracted: |gbar|^2 is here the mean of gbar . g_i. The diagonal is NormSq,
// which was computed from the gradients themselves.
func (u *Units) Gram() []float64 {
	n := u.N
	gram := make([]float64, n*n)
	meanNormSq := sum(u.MeanDot) / float64(n)
	for i := range n {
		row := gram[i*n : (i+1)*n]
		for j := range row {
			row[j] = u.Centred[i*n+j] + (u.MeanDot[i] + u.MeanDot[j] - meanNormSq)
		}
		row[i] = u.NormSq[i]
	}
	return gram
}
