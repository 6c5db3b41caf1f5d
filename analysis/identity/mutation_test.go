package identity

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/noiseprobe/noiseprobe/internal/numtest"
	"github.com/noiseprobe/noiseprobe/internal/seed"
	"github.com/noiseprobe/noiseprobe/noise"
	"github.com/noiseprobe/noiseprobe/probe"
)

// mutant is a wrong formula. Each of the words must be in the name of a check that it fails. Mutants of a round touch different
// formulas, and are tried together.
type mutant struct {
	round int
	name  string
	wrong func(*theory)
	fails []string
}

// scaled is a covariance that is wrong by a factor.
func scaled(t *theory, by func(p noise.Pairing, n, batch int, alpha float64) float64) {
	right := t.covariance
	t.covariance = func(p noise.Pairing, n, batch int, alpha float64) float64 {
		return right(p, n, batch, alpha) * by(p, n, batch, alpha)
	}
}

var mutants = []mutant{
	{0, "alpha^2 for f", func(t *theory) {
		scaled(t, func(p noise.Pairing, n, batch int, alpha float64) float64 { return alpha * alpha / noise.Factor(alpha) })
	}, []string{"NE independent: covariance factor, enumeration", "NE with replacement: variance, order", "NE disjoint: trace"}},
	{0, "the misprint in Eq. 10", func(t *theory) {
		t.enhancement = func(noise.Pairing, int, int, float64) float64 { return 1 }
	}, []string{"NE independent: enhancement, direct", "enhancement, resampled"}},
	{1, "no finite-population factor", func(t *theory) {
		scaled(t, func(p noise.Pairing, n, batch int, alpha float64) float64 {
			if p == noise.Disjoint || p == noise.Replacement {
				return 1
			}
			return float64(n-1) / float64(n-batch)
		})
	}, []string{"SGD (Eq. 4): covariance factor, enumeration", "SGD (Eq. 4): variance, order", "SGD (Eq. 4): trace", "naive (Eq. 5): variance"}},
	{2, "N for N-1 in Eq. 4", func(t *theory) {
		scaled(t, func(p noise.Pairing, n, batch int, alpha float64) float64 { return float64(n-1) / float64(n) })
	}, []string{"SGD (Eq. 4): covariance factor, enumeration", "SGD (Eq. 4): variance, order"}},
	{3, "disjoint pairs as independent ones", func(t *theory) {
		t.covariance = func(p noise.Pairing, n, batch int, alpha float64) float64 {
			if p == noise.Disjoint {
				p = noise.Independent
			}
			return noise.CovarianceFactor(p, n, batch, alpha)
		}
		t.correlation = func(noise.Pairing, int, int) float64 { return 0 }
	}, []string{"NE disjoint: covariance factor, enumeration", "NE disjoint: variance, order", "disjoint: correlation of B and B', enumeration",
		"disjoint: correlation of B and B', direct"}},
	{1, "f for the naive noise", func(t *theory) {
		right := t.enhancement
		t.enhancement = func(p noise.Pairing, n, batch int, alpha float64) float64 {
			if p == noise.Naive {
				return noise.Factor(alpha)
			}
			return right(p, n, batch, alpha)
		}
	}, []string{"naive (Eq. 5): enhancement"}},
	{0, "B/f for independent pairs", func(t *theory) {
		t.effective = func(p noise.Pairing, n, batch int, alpha float64) float64 {
			return float64(batch) / noise.Factor(alpha)
		}
	}, []string{"B_eff independent: enumeration", "B_eff independent: against recorded", "B_eff independent: against SGD"}},
	{1, "the independent B_eff for all", func(t *theory) {
		t.effective = func(p noise.Pairing, n, batch int, alpha float64) float64 {
			return noise.EffectiveBatch(noise.Independent, n, batch, alpha)
		}
	}, []string{"B_eff disjoint: enumeration", "B_eff disjoint: against recorded", "B_eff with replacement: enumeration", "B_eff with replacement: against"}},
	{0, "moments without finite N", func(t *theory) {
		t.moments = func(p noise.Pairing, x noise.Population, batch int, alpha float64) noise.CentralMoments {
			return noise.Moments(noise.Replacement, x, batch, alpha)
		}
	}, []string{"NE independent: third moment, enumeration", "NE disjoint: fourth moment, enumeration", "NE disjoint: third moment, order",
		"NE independent: fourth moment, order", "naive (Eq. 5): third moment, order"}},
	{1, "K2^2 for K22", func(t *theory) {
		t.moments = func(p noise.Pairing, x noise.Population, batch int, alpha float64) noise.CentralMoments {
			m := noise.Moments(p, x, batch, alpha)
			k2, _, _, k22 := x.KStatistics()
			m.Mu4 += 3 * (k2*k2 - k22) * math.Pow(m.Mu2/k2, 2)
			return m
		}
	}, []string{"NE disjoint: fourth moment, enumeration", "SGD (Eq. 4): fourth moment, enumeration"}}, // 3%: all draws would show it
	{0, "alpha^r for s_r", func(t *theory) {
		t.powerSum = func(alpha float64, r int) float64 { return math.Pow(alpha, float64(r)) }
	}, []string{"cumulant of order 3, i.i.d. draws: enumeration", "cumulant of order 4, i.i.d. draws: enumeration",
		"cumulant of order 3, i.i.d. draws, alpha 1.5", "cumulant of order 4, i.i.d. draws, alpha 0.6"}},
	{1, "|1-alpha|^3 in s_3", func(t *theory) {
		t.powerSum = func(alpha float64, r int) float64 {
			return math.Pow(alpha, float64(r)) + math.Pow(math.Abs(1-alpha), float64(r))
		}
	}, []string{"cumulant of order 3, i.i.d. draws: enumeration", "cumulant of order 3, i.i.d. draws, alpha 1.5"}},
	{0, "shape at the same B", func(t *theory) {
		t.kurtosis = noise.KurtosisRatioSameBatch
		t.skewness = func(alpha float64) float64 { return noise.PowerSum(alpha, 3) / math.Pow(noise.Factor(alpha), 1.5) }
	}, []string{"kurtosis ratio at equal covariance: enum", "kurtosis ratio at equal covariance, i.i.d.", "skewness ratio at equal covariance: enum",
		"skewness ratio at equal covariance, i.i.d."}},
	{0, "the root mean square for the stable scale", func(t *theory) {
		t.stable = func(alpha, s float64) float64 { return math.Sqrt(noise.Factor(alpha)) }
	}, []string{"s = 0.8", "s = 1:", "s = 1.5"}},
	{0, "the variance of |xi|^2 of a Gaussian", func(t *theory) {
		t.normVariance = func(k noise.NormPolykays, p noise.Pairing, n, batch int, alpha float64) float64 {
			k.K4 = 0
			return k.NormVariance(p, n, batch, alpha)
		}
		t.normExcess = func(kappa, traceOfSquare float64, batch int, alpha float64) float64 { return 0 }
	}, []string{"SGD (Eq. 4): variance of |xi|^2, enumeration", "NE independent: variance of |xi|^2, order", "NE disjoint: variance of |xi|^2, order",
		"NE with replacement: variance of |xi|^2, order", "naive (Eq. 5): variance of |xi|^2, order", "SGD with replacement: excess"}},
	{1, "the variance of |xi|^2 without finite N", func(t *theory) {
		t.normVariance = func(k noise.NormPolykays, p noise.Pairing, n, batch int, alpha float64) float64 {
			return k.NormVariance(noise.Replacement, n, batch, alpha)
		}
	}, []string{"SGD (Eq. 4): variance of |xi|^2, enumeration", "SGD (Eq. 4): variance of |xi|^2, order", "NE disjoint: variance of |xi|^2, enumeration",
		"NE disjoint: variance of |xi|^2, order", "NE independent: variance of |xi|^2, order"}},
	{2, "no shared term of independent pairs", func(t *theory) {
		t.normVariance = func(k noise.NormPolykays, p noise.Pairing, n, batch int, alpha float64) float64 {
			if p == noise.Independent && alpha != 1 {
				return noise.PowerSum(alpha, 4) * k.NormVariance(p, n, batch, 1)
			}
			return k.NormVariance(p, n, batch, alpha)
		}
	}, []string{"NE independent: variance of |xi|^2, enumeration", "NE independent: variance of |xi|^2, order"}},
	{3, "an infinite population for minibatches with replacement", func(t *theory) {
		t.normVariance = func(k noise.NormPolykays, p noise.Pairing, n, batch int, alpha float64) float64 {
			if p == noise.Replacement {
				n = 0
			}
			return k.NormVariance(p, n, batch, alpha)
		}
	}, []string{"NE with replacement: variance of |xi|^2, enumeration", "SGD with replacement: variance of |xi|^2, order"}},
	{1, "f for f^2 and s_2 for s_4 in the excess", func(t *theory) {
		t.normExcess = func(kappa, traceOfSquare float64, batch int, alpha float64) float64 {
			return kappa / (2 * float64(batch) * traceOfSquare) * noise.Factor(alpha)
		}
	}, []string{"NE with replacement: excess"}},
	{0, "an added noise that is skewed", func(t *theory) {
		t.mixture = func(w []float64, r int) float64 {
			sum := 0.0
			for _, x := range w {
				sum += math.Pow(math.Abs(x), float64(r))
			}
			return sum
		}
	}, []string{"large noise: cumulant of order 3"}},
	{0, "successive updates that are independent", func(t *theory) {
		t.momentum = func(p noise.PNMUpdate) momentumTheory {
			want := momentumOf(p)
			want.lag, want.longRun = 0, want.cumulants[0]
			return want
		}
	}, []string{"covariance of successive updates", "noise summed over many steps"}},
	{2, "kappa for K4, and what has the divisor n for the polykays", func(t *theory) {
		t.polykays = func(m noise.NormMoments) noise.NormPolykays {
			return noise.NormPolykays{K4: m.Kappa(), TraceSquared: m.Trace * m.Trace, TraceOfSquare: m.TraceSquare}
		}
	}, []string{"K4: mean", "(tr Sigma)^2, unbiased", "tr Sigma^2, unbiased"}},
}

// TestWrongFormulasFail: with a quarter of the draws, so that the checks have power to spare.
func TestWrongFormulasFail(t *testing.T) {
	numtest.NeedFull(t, "that checks of every formula fail where it is wrong")
	t.Parallel()
	for round := range 4 {
		wrong := closedForms
		for _, m := range mutants {
			if m.round == round {
				m.wrong(&wrong)
			}
		}
		failed := failures(verify(Settings{Seed: 1, Shrink: 4}, wrong))
		for _, m := range mutants {
			for _, name := range m.fails {
				if m.round == round && !slices.ContainsFunc(failed, func(s string) bool { return strings.Contains(s, name) }) {
					t.Errorf("%s: %q holds; only these fail: %q", m.name, name, failed)
				}
			}
		}
	}
}

func failures(r *Result) (names []string) {
	for _, c := range r.Checks {
		if !c.OK {
			names = append(names, c.Name)
		}
	}
	return names
}

// swapped is a trainer with the weights of B and B' the wrong way round.
type swapped struct{ population }

func (g swapped) EnhancedGradientTo(dst []float32, alpha float64, b, bPrime []int) error {
	return g.population.EnhancedGradientTo(dst, 1-alpha, b, bPrime)
}

// overweight has the factor 1/(2B) for 1/B.
type overweight struct{ population }

func (g overweight) EnhancedGradientTo(dst []float32, alpha float64, b, bPrime []int) error {
	err := g.population.EnhancedGradientTo(dst, alpha, b, bPrime)
	for i := range dst {
		dst[i] /= 2
	}
	return err
}

// The algebra of f and B_eff does not see swapped weights, f being the same: the comparison with the combination does.
func TestWrongWeightsFail(t *testing.T) {
	v := &verification{root: 1, shrink: 1, want: closedForms}
	g := v.population("direct", 60, 3)
	for name, src := range map[string]probe.Source{"swapped": swapped{g}, "overweight": overweight{g}} {
		d, err := probe.Measure(src, probe.Plan{Draws: 64, Batch: 15, Alpha: alpha, Pairing: noise.Independent, Seed: 1}, nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		r := &Result{FalseAlarmRate: FalseAlarmRate, Checks: v.directChecks(g, d, g.units(everyIndex(60)))}
		r.judge()
		failed := failures(r)
		if !slices.ContainsFunc(failed, func(s string) bool { return strings.Contains(s, "one pass over 2B samples") }) {
			t.Errorf("%s weights hold: only these fail: %q", name, failed)
		}
	}
}

// A sampler that draws with replacement where it says without is found out by the moments of the order.
func TestWrongSamplerFails(t *testing.T) {
	x := clumps(seed.New(1, "sampler"), orderedSamples)
	v := &verification{root: 1, shrink: 8, want: closedForms}
	moments := v.orderMoments(x, scheme{"", noise.Replacement, 1})
	want := noise.Moments(noise.Independent, noise.NewPopulation(x), orderedBatch, 1)
	for r, mu := range []float64{want.Mu2, want.Mu3, want.Mu4} {
		if c := mean("", mu, moments[r]); c.PValue > 1e-5 {
			t.Errorf("moment %d: p = %g", r+2, float64(c.PValue))
		}
	}
}
