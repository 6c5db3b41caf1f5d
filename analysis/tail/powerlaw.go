package tail

import (
	"math"
	"math/rand/v2"
	"slices"

	"github.com/noiseprobe/noiseprobe/analysis/estimate"
)

// PowerLawFit is the fit of Clauset, Shalizi and Newman to the positive values of a side: a density proportional to x^-Exponent for
// x >= Xmin. The tail index is Exponent - 1.
//
//	Exponent = 1 + n_t / sum log(x/Xmin)    over the n_t = NTail values x >= Xmin
//
// Xmin is the candidate with the smallest KS. KS compares the fit with the empirical distribution just below each point,
// max |F(x_(i)) - i/n_t| for i = 0 to n_t - 1; KSTwoSided also compares it with that at each point. Candidates are all distinct values
// except the two largest. Of more than 10,000 values only some are tried: all with NTail <= 1000, and beyond that NTail in steps of 1%.
type PowerLawFit struct {
	Xmin          estimate.Number `json:"xmin"`
	Exponent      estimate.Number `json:"exponent"`
	NTail         int             `json:"ntail"`
	KS            estimate.Number `json:"ks"`
	KSTwoSided    estimate.Number `json:"ks_two_sided"`
	LogLikelihood estimate.Number `json:"log_likelihood"`
	Thinned       bool            `json:"thinned"`

	// PValue is (1 + count)/(Replicates + 1), where count is the number of samples, drawn from the fit (below Xmin from the data) and fitted
	// with an Xmin of their own, whose KS is at least that of the data. A small value is evidence against a power law.
	PValue     estimate.Number `json:"p_value"`
	Replicates int             `json:"replicates"`

	Alternatives []LikelihoodRatio `json:"alternatives"`
}

// PowerLaw returns the maximum likelihood tail index of a Pareto law from the k-th largest value on:
//
//	gamma = (1/k) sum_(i<=k) log(y_i / y_k)
//
// Only here the threshold is one of the k values, as in Clauset, Shalizi & Newman, Power-law distributions in empirical data, SIAM
// Review 51 (2009), eq. 3.1, so that gamma is (k-1)/k times Hill's at k-1. It needs k >= 2. FitPowerLaw chooses k.
//
// The interval inverts the exact distribution for Pareto values, k gamma_hat/gamma ~ Gamma(k-1, 1), which holds for a k that does not
// depend on the data. At the k of FitPowerLaw it covers 92.6% for 1000 Pareto samples of 1000 values with gamma = 1/2.
func PowerLaw(x []float64, side Side, k int) Estimate { return powerLaw.of(x, side, k) }

func powerLawOf(k int) fit {
	return above(func(y []float64) (float64, func() estimate.Interval) {
		gamma := powerLawGamma(y, k)
		return gamma, func() estimate.Interval { return gammaInterval(gamma*float64(k), float64(k-1)) }
	})
}

func powerLawGamma(y []float64, k int) float64 {
	m1, _ := logMoments(y[:k])
	return hillGamma(m1 * float64(k-1) / float64(k))
}

// FitPowerLaw fits a power law and compares it with other laws; Test adds the goodness of fit. The fit is undefined,
// with NTail 0, for fewer than three distinct positive values.
//
// Source: Clauset, Shalizi & Newman (2009), sections 3.1 and 3.3. The KS is that of their plfit.m.
func FitPowerLaw(x []float64, side Side) PowerLawFit {
	return fitDescending(positive(largest(x, side, len(x))))
}

// positive returns the positive ones of descending values.
func positive(y []float64) []float64 {
	for i, v := range y {
		if !(v > 0) {
			return y[:i]
		}
	}
	return y
}

// fitDescending is FitPowerLaw for positive values in descending order.
func fitDescending(y []float64) PowerLawFit {
	f := PowerLawFit{
		Xmin: estimate.Undefined(), Exponent: estimate.Undefined(), KS: estimate.Undefined(), KSTwoSided: estimate.Undefined(),
		LogLikelihood: estimate.Undefined(), PValue: estimate.Undefined(), Thinned: len(y) > exactCandidates,
	}
	s := newScan(y)
	s.search()
	f.Alternatives = compare(y[:s.ntail])
	if s.ntail == 0 {
		return f
	}
	n, xmin := s.ntail, y[s.ntail-1]
	gamma := powerLawGamma(y, n)
	f.Xmin, f.NTail, f.Exponent = estimate.Number(xmin), n, estimate.Number(1+1/gamma)
	f.KS, f.KSTwoSided = estimate.Number(s.ks), estimate.Number(s.twoSided())
	f.LogLikelihood = estimate.Number(-float64(n) * (math.Log(gamma) + math.Log(xmin) + 1 + gamma))
	return f
}

// Test returns the fit of a side of x with the p-value of its goodness of fit, from the given number of replicates. An undefined fit is
// returned as it is. The test is conservative: at 5% it rejects 2.6 and 1.8% of Pareto samples of 100 and 500 values (500 samples,
// standard error 0.7; docs/calibration.md).
//
// Source: Clauset, Shalizi & Newman (2009), section 4.1.
func (f PowerLawFit) Test(x []float64, side Side, replicates int, rng *rand.Rand) PowerLawFit {
	return f.test(positive(largest(x, side, len(x))), replicates, rng)
}

func (f PowerLawFit) test(y []float64, replicates int, rng *rand.Rand) PowerLawFit {
	if f.NTail == 0 || replicates < 1 {
		return f
	}
	count := 0
	for range replicates {
		s := newScan(replicate(y, f, rng))
		if s.search(); s.ntail > 0 && s.ks >= float64(f.KS) {
			count++
		}
	}
	f.Replicates = replicates
	f.PValue = estimate.Number(float64(1+count) / float64(replicates+1))
	return f
}

// replicate draws len(y) values: from the fit with probability NTail/n, and otherwise from the values of y below Xmin.
func replicate(y []float64, f PowerLawFit, rng *rand.Rand) []float64 {
	xmin, gamma := float64(f.Xmin), 1/(float64(f.Exponent)-1)
	below := y[f.NTail:]
	z := make([]float64, len(y))
	for i := range z {
		if j := rng.IntN(len(y)); j < f.NTail {
			z[i] = min(xmin*math.Exp(gamma*rng.ExpFloat64()), math.MaxFloat64)
		} else {
			z[i] = below[rng.IntN(len(below))]
		}
	}
	slices.Sort(z)
	slices.Reverse(z)
	return z
}
