package covariance

import (
	"math"
	"slices"

	"github.com/noiseprobe/noiseprobe/analysis/estimate"
	"github.com/noiseprobe/noiseprobe/internal/eigen"
	"github.com/noiseprobe/noiseprobe/internal/gemm"
	"github.com/noiseprobe/noiseprobe/probe"
)

// Overlap compares the directions of the gradients at a checkpoint with those at an earlier one.
type Overlap struct {
	PreviousStep int `json:"previous_step"`
	// MeanCosine is the cosine of the two mean gradients, gbar . gbar' / (|gbar| |gbar'|). The noise in both biases it towards 0, and
	// recording the same units at both checkpoints towards 1.
	MeanCosine estimate.Number `json:"mean_cosine"`
	// MeanCosineUnbiased is computed from unbiased estimates of the product and of the two squared norms. It is undefined if one of the
	// latter is not positive, or if the ratio is outside [-1, 1]; MeanCosineReason says which.
	MeanCosineUnbiased estimate.Number `json:"mean_cosine_unbiased"`
	MeanCosineReason   string          `json:"mean_cosine_reason,omitempty"`
	// Subspaces compares the spans of the leading eigenvectors of the two covariances.
	Subspaces []Subspace `json:"subspaces"`
}

// Subspace compares the spans of K leading eigenvectors, the columns of U and V: |U'V|^2/K (Frobenius norm), which is 1 for
// equal spans and K/P on average for random ones.
type Subspace struct {
	K int `json:"k"`
	// Overlap compares the two checkpoints by all units. If the same units were recorded at both, the same sampling errors are in both,
	// and make the overlap larger.
	Overlap estimate.Number `json:"overlap"`
	// Halves compares one half of the units at one checkpoint with the other half at the other, as the mean over both ways.
	Halves estimate.Number `json:"halves"`
	// SplitHalf compares the two halves at the same checkpoint, as the mean over both checkpoints: the value that sampling alone leaves
	// of 1. If the covariance has not changed, Halves is near SplitHalf.
	SplitHalf estimate.Number `json:"split_half"`
}

// Largest is the subspace of the most directions that the halves of the units have, nil where they have none.
func (o *Overlap) Largest() *Subspace {
	for i := len(o.Subspaces) - 1; i >= 0; i-- {
		if s := &o.Subspaces[i]; s.Halves.Defined() && s.SplitHalf.Defined() {
			return s
		}
	}
	return nil
}

// maxSubspace is the largest K.
const maxSubspace = 5

// Leading holds what [Leading.Overlap] needs of one checkpoint: its units and their leading directions, from all units and from each of
// two random halves of them.
type Leading struct {
	u              *probe.Units
	all            frame
	first, second  frame
	splitHalf      []float64 // of K = 1, 2, ...
	correctionOver float64   // (1 - n/N) / n
}

// frame holds orthonormal directions sum_i c_ki g_i, with i over index; the coefficients of a direction have the sum 0.
type frame struct {
	index        []int
	count        int
	coefficients []float64
}

// Lead finds the leading directions. The halves are the same for all samples of n units.
func Lead(u *probe.Units) *Leading {
	order := randomOrder(u.N)
	l := &Leading{u: u, correctionOver: momentsOf(u).correction / float64(u.N)}
	l.all = frameOf(u, everyone(u.N))
	l.first, l.second = frameOf(u, order[:u.N/2]), frameOf(u, order[u.N/2:])
	l.splitHalf = l.first.overlaps(l.second, u.Centred, u.N)
	return l
}

func everyone(n int) []int {
	index := make([]int, n)
	for i := range index {
		index[i] = i
	}
	return index
}

// frameOf returns up to 5 leading eigenvectors of the covariance of some units. With V, lambda an eigenpair of their centred Gram matrix,
// c = V/sqrt(lambda). Eigenvalues that are rounding errors of the largest are left out.
func frameOf(u *probe.Units, index []int) frame {
	n := len(index)
	f := frame{index: index}
	if n < 2 {
		return f
	}
	s := u
	if n < u.N {
		s = u.Subset(index)
	}
	values, vectors, ok := eigen.Vectors(n, min(maxSubspace, n-1), s.Centred)
	if !ok {
		return f
	}
	for k, v := range values {
		if !(v > 1e-9*values[0]) {
			break
		}
		for _, x := range vectors[k*n : (k+1)*n] {
			f.coefficients = append(f.coefficients, x/math.Sqrt(v))
		}
		f.count++
	}
	return f
}

// overlaps returns |U'V|^2/K for K = 1, 2, ..., given the products of the units of both, in rows of the given number of columns.
func (f frame) overlaps(o frame, cross []float64, columns int) []float64 {
	if f.count == 0 || o.count == 0 {
		return nil
	}
	n, m := len(f.index), len(o.index)
	part := make([]float64, 0, n*m)
	for _, i := range f.index {
		for _, j := range o.index {
			part = append(part, cross[i*columns+j])
		}
	}
	half, product := make([]float64, f.count*m), make([]float64, f.count*o.count)
	gemm.Dgemm(false, false, f.count, m, n, 1, f.coefficients, n, part, m, 0, half, m)
	gemm.Dgemm(false, true, f.count, o.count, m, 1, half, m, o.coefficients, m, 0, product, o.count)
	var all []float64
	for k := 1; k <= min(f.count, o.count); k++ {
		squares := 0.0
		for a := range k {
			for _, v := range product[a*o.count : a*o.count+k] {
				squares += float64(v * v)
			}
		}
		all = append(all, squares/float64(k))
	}
	return all
}

// Overlap compares a checkpoint with an earlier one, given the products of the earlier gradients (rows) with its own (columns), not
// centred, as returned by [probe.CrossGram]. It panics if their number does not fit.
func (l *Leading) Overlap(earlier *Leading, cross []float64) *Overlap {
	n, m := earlier.u.N, l.u.N
	if len(cross) != n*m {
		panic("covariance: products of the wrong units")
	}
	centred, mean := centredCross(cross, n, m)
	o := &Overlap{PreviousStep: earlier.u.Step}
	o.MeanCosine = cosine(mean, earlier.u.MeanNormSq, l.u.MeanNormSq)
	if l.sameUnits(earlier) {
		covariance := 0.0
		for i := range n {
			covariance += centred[i*m+i] / float64(n-1)
		}
		mean -= float64(covariance * l.correctionOver)
	}
	o.MeanCosineUnbiased = cosine(mean, momentsOf(earlier.u).meanNormSqUnbiased(), momentsOf(l.u).meanNormSqUnbiased())
	switch {
	case !o.MeanCosineUnbiased.Defined():
		o.MeanCosineReason = "a mean gradient is not told apart from 0"
	case math.Abs(float64(o.MeanCosineUnbiased)) > 1:
		o.MeanCosineUnbiased, o.MeanCosineReason = estimate.Undefined(), "the estimates of product and norms give no cosine: they are too uncertain"
	}
	o.Subspaces = l.subspaces(earlier, centred)
	return o
}

// sameUnits reports whether both have the same units.
func (l *Leading) sameUnits(o *Leading) bool {
	return l.u.N == o.u.N && slices.Equal(l.u.Index, o.u.Index)
}

// cosine is undefined unless both squared norms are positive.
func cosine(product, normSq, otherNormSq float64) estimate.Number {
	if !(normSq > 0 && otherNormSq > 0) {
		return estimate.Undefined()
	}
	return estimate.Number(product / math.Sqrt(normSq) / math.Sqrt(otherNormSq))
}

func (l *Leading) subspaces(earlier *Leading, centred []float64) []Subspace {
	m := l.u.N
	all := earlier.all.overlaps(l.all, centred, m)
	forth, back := earlier.first.overlaps(l.second, centred, m), earlier.second.overlaps(l.first, centred, m)
	list := []Subspace{}
	for i, v := range all {
		list = append(list, Subspace{
			K: i + 1, Overlap: estimate.Number(v), Halves: meanAt(forth, back, i), SplitHalf: meanAt(earlier.splitHalf, l.splitHalf, i),
		})
	}
	return list
}

// meanAt is the mean of two elements, undefined where one is missing.
func meanAt(a, b []float64, i int) estimate.Number {
	if i >= len(a) || i >= len(b) {
		return estimate.Undefined()
	}
	return estimate.Number((a[i] + b[i]) / 2)
}

// centredCross subtracts the means of its row and of its column from every element and adds the mean of all, gbar . gbar', which it
// returns too.
func centredCross(cross []float64, n, m int) (centred []float64, mean float64) {
	rows, columns := make([]float64, n), make([]float64, m)
	for i := range n {
		for j, v := range cross[i*m : (i+1)*m] {
			rows[i] += v / float64(m)
			columns[j] += v / float64(n)
		}
		mean += rows[i] / float64(n)
	}
	centred = make([]float64, n*m)
	for i := range n {
		for j, v := range cross[i*m : (i+1)*m] {
			centred[i*m+j] = v - rows[i] - columns[j] + mean
		}
	}
	return centred, mean
}
