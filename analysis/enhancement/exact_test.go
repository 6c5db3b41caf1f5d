package enhancement

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/noiseprobe/noiseprobe/internal/numtest"
	"github.com/noiseprobe/noiseprobe/internal/seed"
	"github.com/noiseprobe/noiseprobe/noise"
	"github.com/noiseprobe/noiseprobe/probe"
)

// subsets lists the subsets of size b of the given items.
func subsets(items []int, b int) [][]int {
	if b == 0 {
		return [][]int{nil}
	}
	var out [][]int
	for i := range items {
		for _, rest := range subsets(items[i+1:], b-1) {
			out = append(out, append([]int{items[i]}, rest...))
		}
	}
	return out
}

func indices(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}

func disjoint(a, b []int) bool {
	for _, i := range a {
		for _, j := range b {
			if i == j {
				return false
			}
		}
	}
	return true
}

// enumerate returns draws that are all pairs of minibatches of a pairing, in float64, with the NE noise at alpha.
func enumerate(p population, pairing noise.Pairing, batch int, alpha float64) *probe.Draws {
	n := len(p.rows)
	d := &probe.Draws{Plan: probe.Plan{Batch: batch, Alpha: alpha, Pairing: pairing}, Population: n}
	mean := p.mean(indices(n))
	all := subsets(indices(n), batch)
	for _, b := range all {
		x := minus(p.mean(b), mean)
		for _, other := range all {
			if pairing == noise.Disjoint && !disjoint(b, other) {
				continue
			}
			xPrime := minus(p.mean(other), mean)
			enhanced := make([]float64, len(x))
			for k := range x {
				enhanced[k] = alpha*x[k] + (1-alpha)*xPrime[k]
			}
			d.NormSq, d.PrimeNormSq = append(d.NormSq, dot(x, x)), append(d.PrimeNormSq, dot(xPrime, xPrime))
			d.Cross, d.EnhancedSq = append(d.Cross, dot(x, xPrime)), append(d.EnhancedSq, dot(enhanced, enhanced))
		}
	}
	return d
}

func (p population) mean(index []int) []float64 {
	mean := make([]float64, p.Parameters())
	for _, i := range index {
		for k, v := range p.rows[i] {
			mean[k] += v / float64(len(index))
		}
	}
	return mean
}

func minus(x, y []float64) []float64 {
	out := make([]float64, len(x))
	for k := range x {
		out[k] = x[k] - y[k]
	}
	return out
}

// TestEnumeratedPairs: over all pairs of minibatches the measured rho, factors and B_eff equal the predicted ones up to rounding.
func TestEnumeratedPairs(t *testing.T) {
	p := newPopulation(seed.New(2, "small population"), 7, gaussian)
	u := p.units(7, 1)
	tol := numtest.Tol{Rel: 1e-10, Abs: 1e-12}
	for _, pairing := range []noise.Pairing{noise.Independent, noise.Disjoint} {
		for batch := 1; batch <= 3; batch++ {
			d := enumerate(p, pairing, batch, 1.5)
			s := OfDraws(d)
			c := MeasureCorrelation(s)
			if err := numtest.Close(float64(c.Measured), float64(c.Predicted), tol); err != nil {
				t.Errorf("%s, B=%d: rho: %v", pairing, batch, err)
			}
			for _, f := range append(Factors(s, Alphas), Naive(s, 2.5)) {
				if err := numtest.Close(float64(f.Measured), float64(f.Predicted), tol); err != nil {
					t.Errorf("%s, B=%d, alpha=%g: factor: %v", pairing, batch, f.Alpha, err)
				}
			}
			if b := AgainstUnits(d, u); numtest.Close(float64(b.Measured), float64(b.Predicted), tol) != nil {
				t.Errorf("%s, B=%d: B_eff %g, want %g", pairing, batch, b.Measured, b.Predicted)
			}
			d.Effective = 2
			for _, b := range subsets(indices(7), 2) {
				x := minus(p.mean(b), p.mean(indices(7)))
				d.EffectiveSq = append(d.EffectiveSq, dot(x, x))
			}
			for _, b := range EffectiveBatches(s, Alphas) {
				if err := numtest.Close(float64(b.Measured), float64(b.Predicted), tol); err != nil {
					t.Errorf("%s, B=%d, alpha=%g: B_eff: %v", pairing, batch, b.Alpha, err)
				}
			}
			if m, ok := MatchedDraws(d); !ok || numtest.Close(float64(m.Measured), float64(m.Predicted), tol) != nil {
				t.Errorf("%s, B=%d: trace ratio %g, want %g", pairing, batch, m.Measured, m.Predicted)
			}
			if b, _ := AgainstSGD(d); numtest.Close(float64(b.Measured), float64(b.Predicted), tol) != nil {
				t.Errorf("%s, B=%d: B_eff against SGD %g, want %g", pairing, batch, b.Measured, b.Predicted)
			}
		}
	}
}

// TestResample forms the gradients of the same minibatches from the dense vectors. 700 draws need two blocks.
func TestResample(t *testing.T) {
	const batch, draws, root = 5, 700, 3
	p := newPopulation(seed.New(2, "resampled"), 20, gaussian)
	u := p.wholeUnits()
	u.Step = 40
	s := Resample(u, batch, draws, root)
	want := resampleDense(p, batch, draws, seed.New(root, "resample", 40))
	tol := numtest.Tol{Rel: 1e-11, Abs: 1e-12}
	for _, c := range []struct {
		name      string
		got, want []float64
	}{{"|x|^2", s.NormSq, want.NormSq}, {"|x'|^2", s.PrimeNormSq, want.PrimeNormSq}, {"<x, x'>", s.Cross, want.Cross}} {
		if err := numtest.AllClose(c.got, c.want, tol); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	if s.Evidence != Resampled || s.Pairing != noise.Replacement || s.Batch != batch || s.Population != 20 {
		t.Errorf("scalars of %s, %s, B=%d, N=%d", s.Evidence, s.Pairing, s.Batch, s.Population)
	}
}

func resampleDense(p population, batch, draws int, rng *rand.Rand) (s Scalars) {
	mean := p.mean(indices(len(p.rows)))
	counts := make([]float64, len(p.rows))
	minibatch := func() (index []int) {
		noise.Counts(rng, batch, counts)
		for i, c := range counts {
			index = append(index, slices.Repeat([]int{i}, int(c))...)
		}
		return index
	}
	for range draws {
		x, xPrime := minus(p.mean(minibatch()), mean), minus(p.mean(minibatch()), mean)
		s.NormSq, s.PrimeNormSq = append(s.NormSq, dot(x, x)), append(s.PrimeNormSq, dot(xPrime, xPrime))
		s.Cross = append(s.Cross, dot(x, xPrime))
	}
	return s
}

// wholeUnits records every sample, in order.
func (p population) wholeUnits() *probe.Units {
	var flat []float64
	for _, row := range p.rows {
		flat = append(flat, row...)
	}
	g := &probe.Gradients{Layers: []probe.Layer{probe.NewDense("all", len(p.rows), p.Parameters(), flat)}}
	return g.Reduce(nil)
}

// TestResampledPredictions: the resampled mean of |x|^2 is tr Sigma / B. 20,000 draws; a check at 4.5 standard errors fails
// by chance with probability 7e-6.
func TestResampledPredictions(t *testing.T) {
	u := newPopulation(seed.New(2, "resampled"), 60, gaussian).wholeUnits()
	s := Resample(u, 4, 20000, 1)
	if p := meanOf(s.NormSq).pValue(u.Trace() / 4); p < 7e-6 {
		t.Errorf("mean |x|^2 is %g, want %g", meanOf(s.NormSq).value, u.Trace()/4)
	}
	if c := MeasureCorrelation(s); c.Predicted != 0 || c.PValue < 7e-6 {
		t.Errorf("rho %g, predicted %g", c.Measured, c.Predicted)
	}
	b := EffectiveBatches(s, []float64{1.5})[0]
	if !b.CI.Contains(float64(b.Measured)) || numtest.Close(float64(b.Predicted), 4/2.5, numtest.Tol{Rel: 1e-15}) != nil {
		t.Errorf("resampled B_eff %g in %v, predicted %g", b.Measured, b.CI, b.Predicted)
	}
}
