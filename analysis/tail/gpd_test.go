package tail

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/optimize"

	"github.com/noiseprobe/noiseprobe/analysis/estimate"
	"github.com/noiseprobe/noiseprobe/internal/numtest"
)

// gpdMinus is the negative log-likelihood over k of gamma and log sigma, as written, infinite outside of the support.
func gpdMinus(z []float64, gamma, sigma float64) float64 {
	sum := 0.0
	for _, v := range z {
		t := 1 + gamma*v/sigma
		if t <= 0 {
			return math.Inf(1)
		}
		if math.Abs(gamma) < 1e-9 {
			sum += v / sigma
			continue
		}
		sum += (1 + 1/gamma) * math.Log(t)
	}
	return math.Log(sigma) + sum/float64(len(z))
}

// Nelder and Mead's simplex finds no better maximum in two dimensions, from several starts, and the same one.
func TestGPDAgainstTwoDimensions(t *testing.T) {
	for name, x := range map[string][]float64{
		"student": student2(rng("gpd", 0), 400), "normal": normal(rng("gpd", 1), 400), "pareto": pareto(rng("gpd", 2), 400, 0.4),
	} {
		y := sorted(x)
		for _, k := range []int{20, 100} {
			z := excesses(y[:k+1])
			gamma, sigma := gpdFit(z)
			best := optimize.Result{}
			best.F = math.Inf(1)
			for _, start := range []float64{-0.3, 0.1, 1, 3} {
				problem := optimize.Problem{Func: func(p []float64) float64 { return gpdMinus(z, p[0], math.Exp(p[1])) }}
				r, err := optimize.Minimize(problem, []float64{start, math.Log(estimate.Mean(z)) - start}, nil, &optimize.NelderMead{})
				if err == nil && r.F < best.F && r.X[0] > -1 {
					best = *r
				}
			}
			if err := numtest.Close(gpdMinus(z, gamma, sigma), best.F, numtest.Tol{Abs: 1e-8}); err != nil {
				t.Errorf("%s, k = %d: likelihood: %v", name, k, err)
			}
			if err := numtest.Close(gamma, best.X[0], numtest.Tol{Abs: 1e-3, Rel: 1e-3}); err != nil {
				t.Errorf("%s, k = %d: gamma: %v", name, k, err)
			}
		}
	}
}

// Each end of the interval has a profile, over a grid of log sigma, that is 1.96^2/2 below the maximum.
func TestGPDIntervalIsTheProfile(t *testing.T) {
	x := pareto(rng("profile", 0), 500, 2)
	k := 80
	z := excesses(sorted(x)[:k+1])
	gamma, sigma := gpdFit(z)
	ci := gpdInterval(z, gamma, sigma)
	for _, end := range []float64{ci.Lo, ci.Hi} {
		best := math.Inf(1)
		for s := -3.0; s < 3; s += 1e-3 {
			best = min(best, gpdMinus(z, end, sigma*math.Exp(s)))
		}
		drop := 2 * float64(k) * (best - gpdMinus(z, gamma, sigma))
		// 1.959963984540054^2; the grid costs at most k 1e-6.
		if err := numtest.Close(drop, 3.841458820694124, numtest.Tol{Abs: 1e-4}); err != nil {
			t.Errorf("end %g: %v", end, err)
		}
	}
}

// Exponential excesses have gamma = 0: near it nothing jumps.
func TestGPDNearTheExponentialLaw(t *testing.T) {
	z := make([]float64, 200)
	for i := range z {
		z[i] = -math.Log1p(-(float64(len(z)-i)-0.5)/float64(len(z))) / 6
	}
	for _, theta := range []float64{-1e-3, -1e-9, 0, 1e-12, 1e-6, 0.02} {
		h := 1e-4
		l := func(theta float64) float64 {
			_, sigma := gpdAt(z, theta)
			return -math.Log(sigma) - theta*sigma
		}
		slope := (l(theta+h) - l(theta-h)) / (2 * h)
		if err := numtest.Close(gpdScore(z, theta), slope, numtest.Tol{Abs: 1e-8}); err != nil {
			t.Errorf("theta = %g: %v", theta, err)
		}
	}
}

// With an excess of exactly 0 the likelihood has no bound: undefined, at every k with one, and defined at the next threshold.
func TestGPDNeedsPositiveExcesses(t *testing.T) {
	x := []float64{20, 15, 11, 9, 8, 7, 6, 5, 5, 4, 3, 2}
	for k, defined := range map[int]bool{7: true, 8: false, 9: true} {
		if e := GPD(x, Right, k); e.Gamma.Defined() != defined || e.CI.Defined() && !defined {
			t.Errorf("k = %d: %+v", k, e)
		}
	}
	r := Analyse(x, Settings{K: 8, Replicates: -1})
	if e := r.Estimates[4]; e.Reason == "" || e.Method != NameGPD {
		t.Errorf("%+v", e)
	}
}
