package probe

import (
	"errors"
	"fmt"
	"io"
	"iter"
)

// Kinds of unit. A unit is what one recorded gradient belongs to.
const (
	UnitSample     = "sample"
	UnitGhostBatch = "ghost-batch"
)

// Meta describes a recording.
type Meta struct {
	// Step is the number of updates before the recording.
	Step int
	// Unit is the kind of unit and UnitSize the number of samples in one.
	Unit     string
	UnitSize int
	// Population is N, the number of units that could have been recorded; 0 if unknown.
	Population int
	// Index holds the indices of the recorded units, and Loss the loss of each.
	Index []int
	Loss  []float64
}

// Gradients holds the gradients of n units, layer by layer.
type Gradients struct {
	Meta
	Layers []Layer
	// Total is P where the layers do not show it ([Gram]), 0 where they do or nothing is known.
	Total   int
	closers []io.Closer
}

// Layer holds one layer's gradients of all n units. Parameters are flattened weight first (row-major [out, in]), then bias.
type Layer interface {
	Name() string
	// Units is n and Parameters the layer's share of P.
	Units() int
	Parameters() int
	// AddGram adds the layer's share of the Gram matrix on and below the diagonal of dst, n×n,
	//
	//	(g_i - c) . (g_j - c)        j <= i
	//
	// for a vector c of the layer's choice, which cancels when the sum over layers is centred: gbar, or something near it where that is
	// cheaper to subtract, which keeps digits where the mean is large, or 0. Entries above the diagonal may be written too.
	AddGram(dst []float64) Moments
	// MeanTo writes the mean gradient, divisor n; len(dst) is Parameters.
	MeanTo(dst []float64)
	// VarianceTo writes the variance of every parameter's gradient, divisor n; len(dst) is Parameters. A layer that does not know
	// the variances writes NaN.
	VarianceTo(dst []float64)
	// ProjectTo adds g_i . v to dst[i] for every unit; len(v) is Parameters.
	ProjectTo(dst []float64, v []float32)
	// UnitTo writes the gradient of unit i; len(dst) is Parameters.
	UnitTo(dst []float64, i int)
	// Err is the first error in reading the gradients; what methods return or write after it is meaningless. It is always nil for a
	// layer in memory.
	Err() error
}

// Moments are the second moments of a layer's n gradients g_i, with mean gbar, besides the Gram matrix.
type Moments struct {
	// NormSq is |g_i|^2, computed from g_i itself: computed from the centred entries, a norm that is small against that of the mean
	// would be a rounding error.
	NormSq []float64
	// MeanDot is c . (g_i + gbar - c), with the c of AddGram: gbar . g_i less (g_i - c) . (gbar - c), where the latter is the mean of row i of the
	// Gram matrix. For c = gbar that is gbar . g_i; nil means zeros, for c = 0.
	MeanDot []float64
	// Trace is (1/n) sum |g_i - gbar|^2.
	Trace float64
	// MeanNormSq is |gbar|^2, from the mean vector.
	MeanNormSq float64
}

// Close closes the files that layers are read from; without files it does nothing.
func (g *Gradients) Close() error {
	var all []error
	for _, c := range g.closers {
		all = append(all, c.Close())
	}
	g.closers = nil
	return errors.Join(all...)
}

// Err is the error of the first layer that has one.
func (g *Gradients) Err() error {
	for _, l := range g.Layers {
		if err := l.Err(); err != nil {
			return err
		}
	}
	return nil
}

// Units is n.
func (g *Gradients) Units() int { return g.Layers[0].Units() }

// Parameters is P, 0 where it is not known.
func (g *Gradients) Parameters() int {
	if g.Total > 0 {
		return g.Total
	}
	total := 0
	for _, l := range g.Layers {
		if l.Parameters() == 0 {
			return 0
		}
		total += l.Parameters()
	}
	return total
}

// parts yields every layer with its part of a vector over all parameters.
func parts[T any](g *Gradients, v []T) iter.Seq2[Layer, []T] {
	checkSize("all layers", len(v), g.Parameters())
	return func(yield func(Layer, []T) bool) {
		at := 0
		for _, l := range g.Layers {
			if !yield(l, v[at:at+l.Parameters()]) {
				return
			}
			at += l.Parameters()
		}
	}
}

// checkSize panics for a vector that does not fit what it is for.
func checkSize(what string, numbers, want int) {
	if numbers != want {
		panic(fmt.Sprintf("probe: %s: %d numbers, want %d", what, numbers, want))
	}
}

// joined is what write makes of every layer, one after another.
func (g *Gradients) joined(write func(l Layer, dst []float64)) []float64 {
	all := make([]float64, g.Parameters())
	for l, own := range parts(g, all) {
		write(l, own)
	}
	return all
}

// Mean returns the mean gradient, divisor n, layer after layer.
func (g *Gradients) Mean() []float64 { return g.joined(Layer.MeanTo) }

// Variance returns the P variances of the parameters' gradients, layer after layer: the diagonal of
//
//	Sigma = (1/n) sum (g_i - gbar)(g_i - gbar)'
func (g *Gradients) Variance() []float64 { return g.joined(Layer.VarianceTo) }

// MeanVariance returns what Mean and Variance do, and computes the mean of factors once.
func (g *Gradients) MeanVariance() (mean, variance []float64) {
	known := &Gradients{Meta: g.Meta}
	for _, l := range g.Layers {
		if f, ok := l.(*Factored); ok && f.Mean == nil {
			own := *f
			own.Mean = f.mean32()
			l = &own
		}
		known.Layers = append(known.Layers, l)
	}
	return known.Mean(), known.Variance()
}

// Unit returns the gradient of unit i, layer after layer.
func (g *Gradients) Unit(i int) []float64 {
	return g.joined(func(l Layer, dst []float64) { l.UnitTo(dst, i) })
}

// Project returns g_i . v for every unit; v runs over all parameters, layer after layer.
func (g *Gradients) Project(v []float32) []float64 {
	dst := make([]float64, g.Units())
	for l, own := range parts(g, v) {
		l.ProjectTo(dst, own)
	}
	return dst
}
