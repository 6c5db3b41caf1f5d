package covariance

import (
	"math"
	"slices"
	"testing"

	"github.com/noiseprobe/noiseprobe/analysis/estimate"
	"github.com/noiseprobe/noiseprobe/internal/numtest"
	"github.com/noiseprobe/noiseprobe/internal/parallel"
	"github.com/noiseprobe/noiseprobe/internal/seed"
	"gonum.org/v1/gonum/mat"
)

// lead takes units with the indices 0 to n-1.
func (g rows) lead() *Leading {
	u := g.units()
	u.Index = everyone(len(g))
	return Lead(u)
}

func (g rows) times(o rows) []float64 {
	var cross []float64
	for _, x := range g {
		for _, y := range o {
			v := 0.0
			for k := range x {
				v += x[k] * y[k]
			}
			cross = append(cross, v)
		}
	}
	return cross
}

func (g rows) at(index []int) (part rows) {
	for _, i := range index {
		part = append(part, g[i])
	}
	return part
}

// spans is |U'V|^2/k from the eigenvectors of the P×P covariances.
func spans(a, b rows, k int) float64 {
	leading := func(g rows) *mat.Dense {
		sigma, _ := dense(g)
		var eigen mat.EigenSym
		eigen.Factorize(sigma, true)
		var vectors mat.Dense
		eigen.VectorsTo(&vectors)
		p := len(g[0])
		return mat.DenseCopyOf(vectors.Slice(0, p, p-k, p))
	}
	var product mat.Dense
	product.Mul(leading(a).T(), leading(b))
	return math.Pow(mat.Norm(&product, 2), 2) / float64(k)
}

func TestOverlapAgainstTheDenseMatrices(t *testing.T) {
	a := powerLaw(12, 1, 0.5).gaussian(seed.New(5, "earlier"), 21)
	b := powerLaw(12, 0.7, 0.4).gaussian(seed.New(5, "later"), 21)
	for i := range b {
		for k := range b[i] {
			b[i][k] += 0.8 * a[i][k]
		}
		for k := range 3 { // so that the means are not nearly parallel, where the unbiased cosine may exceed 1
			b[i][k] *= -1
		}
	}
	got := b.lead().Overlap(a.lead(), a.times(b))
	order := seed.New(1, "order of the units", 21).Perm(21)
	h, rest := order[:10], order[10:]
	if len(got.Subspaces) != maxSubspace {
		t.Fatalf("%d subspaces", len(got.Subspaces))
	}
	for i, s := range got.Subspaces {
		k := i + 1
		want := []float64{
			float64(k), spans(a, b, k), (spans(a.at(h), b.at(rest), k) + spans(a.at(rest), b.at(h), k)) / 2,
			(spans(a.at(h), a.at(rest), k) + spans(b.at(h), b.at(rest), k)) / 2,
		}
		have := []float64{float64(s.K), float64(s.Overlap), float64(s.Halves), float64(s.SplitHalf)}
		if err := numtest.AllClose(have, want, tight); err != nil {
			t.Errorf("k = %d: %v", k, err)
		}
	}
	// The cosines by the U-statistics: means of g_i . g'_j, g_i . g_j and g'_i . g'_j over i != j.
	apart := func(x, y rows) float64 {
		cross, total := x.times(y), 0.0
		for i := range x {
			for j := range y {
				if i != j {
					total += cross[i*len(y)+j]
				}
			}
		}
		return total / float64(len(x)*(len(x)-1))
	}
	_, meanA := dense(a)
	_, meanB := dense(b)
	product := 0.0
	for k := range meanA {
		product += meanA[k] * meanB[k]
	}
	want := []float64{product / math.Sqrt(squareNorm(meanA)*squareNorm(meanB)), apart(a, b) / math.Sqrt(apart(a, a)*apart(b, b))}
	if err := numtest.AllClose([]float64{float64(got.MeanCosine), float64(got.MeanCosineUnbiased)}, want, tight); err != nil {
		t.Error(err)
	}
}

// A checkpoint compared with itself has an overlap of 1, and halves of its units differ by sampling alone.
func TestOverlapWithItself(t *testing.T) {
	g := example(30, 10)
	o := g.lead().Overlap(g.lead(), g.times(g))
	if err := numtest.AllClose([]float64{float64(o.MeanCosine), float64(o.MeanCosineUnbiased)}, []float64{1, 1}, tight); err != nil {
		t.Errorf("cosines: %v", err)
	}
	for _, s := range o.Subspaces {
		if err := numtest.AllClose([]float64{float64(s.Overlap), float64(s.Halves)}, []float64{1, float64(s.SplitHalf)}, tight); err != nil {
			t.Errorf("k = %d: %v", s.K, err)
		}
		if s.SplitHalf >= 1 {
			t.Errorf("k = %d: two halves agree to %g", s.K, s.SplitHalf)
		}
	}
}

// Rotating both checkpoints, and their scales, change nothing.
func TestOverlapLaws(t *testing.T) {
	a, b := example(25, 8), powerLaw(8, 0.5, 0.2).gaussian(seed.New(6, "other"), 25)
	want := b.lead().Overlap(a.lead(), a.times(b))
	scaled := func(x []float64) []float64 {
		for k := range x {
			x[k] *= 7
		}
		return x
	}
	for name, pair := range map[string][2]rows{"rotation": {a.mapped(rotate), b.mapped(rotate)}, "scale": {a, b.mapped(scaled)}} {
		got := pair[1].lead().Overlap(pair[0].lead(), pair[0].times(pair[1]))
		for i, s := range got.Subspaces {
			w := want.Subspaces[i]
			if err := numtest.AllClose([]float64{float64(s.Overlap), float64(s.Halves), float64(got.MeanCosine)},
				[]float64{float64(w.Overlap), float64(w.Halves), float64(want.MeanCosine)}, tight); err != nil {
				t.Errorf("%s, k = %d: %v", name, s.K, err)
			}
		}
	}
}

// Independent white noise has an overlap of K/P on average, here over 400 pairs; any of the 5 means is off by 4.5 standard errors with
// probability 3e-5.
func TestUnrelatedSubspaces(t *testing.T) {
	numtest.NotShort(t, "many samples")
	const n, p = 12, 30
	reps := numtest.Cases(400, 100)
	values := make([][]float64, reps)
	parallel.For(reps, 1, func(lo, hi int) {
		for rep := lo; rep < hi; rep++ {
			rng := seed.New(6, "unrelated", uint64(rep))
			a, b := powerLaw(p, 0, 0).gaussian(rng, n), powerLaw(p, 0, 0).gaussian(rng, n)
			for _, s := range b.lead().Overlap(a.lead(), a.times(b)).Subspaces {
				values[rep] = append(values[rep], float64(s.Overlap))
			}
		}
	})
	for k := range maxSubspace {
		var x []float64
		for _, v := range values {
			x = append(x, v[k])
		}
		checkMean(t, "overlap", x, float64(k+1)/p)
	}
}

// TestOverlapDegenerate: without variance or mean there is nothing to compare, and nothing panics.
func TestOverlapDegenerate(t *testing.T) {
	still, zero := rows{{1, 2}, {1, 2}, {1, 2}}, rows{{0, 0}, {0, 0}, {0, 0}}
	for _, g := range []rows{still, zero, {{1, 2}, {3, 1}}, {{math.NaN(), 1}, {1, 2}, {2, 1}}} {
		o := g.lead().Overlap(still.lead(), still.times(g))
		for _, s := range o.Subspaces {
			if s.K > 1 {
				t.Errorf("%v: %+v", g, s)
			}
		}
	}
	if o := zero.lead().Overlap(still.lead(), still.times(zero)); o.MeanCosine.Defined() || len(o.Subspaces) != 0 {
		t.Errorf("%+v", o)
	}
	defer func() {
		if recover() == nil {
			t.Error("products of other units passed")
		}
	}()
	still.lead().Overlap(still.lead(), make([]float64, 4))
}

// Different units have independent noise: their product needs no correction.
func TestOverlapOfOtherUnits(t *testing.T) {
	a, b := example(20, 6), powerLaw(6, 1, 0.5).gaussian(seed.New(6, "other units"), 20)
	for i := range b { // as in TestOverlapAgainstTheDenseMatrices
		b[i][5] *= -1
	}
	u := b.units()
	u.Index = everyone(21)[1:]
	o, same := Lead(u).Overlap(a.lead(), a.times(b)), b.lead().Overlap(a.lead(), a.times(b))
	norms := math.Sqrt(float64(Analyse(a.units(), 1).GradientNormSqUnbiased) * float64(Analyse(b.units(), 1).GradientNormSqUnbiased))
	if err := numtest.Close(float64(o.MeanCosineUnbiased)*norms, estimate.Sum(a.times(b))/400, tight); err != nil {
		t.Error(err)
	}
	if o.MeanCosineUnbiased == same.MeanCosineUnbiased || !slices.Equal(o.Subspaces, same.Subspaces) {
		t.Error("only the product of the means depends on whether units are the same")
	}
}
