package shape

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/noiseprobe/noiseprobe/analysis/estimate"
	"github.com/noiseprobe/noiseprobe/analysis/normality"
	"github.com/noiseprobe/noiseprobe/analysis/tail"
	"github.com/noiseprobe/noiseprobe/internal/eigen"
	"github.com/noiseprobe/noiseprobe/internal/parallel"
	"github.com/noiseprobe/noiseprobe/internal/seed"
	"github.com/noiseprobe/noiseprobe/probe"
	"gonum.org/v1/gonum/stat/distuv"
)

// exactDirections is the number of leading eigenvectors that Gaussian vectors are drawn along one by one; what is left is drawn as one number.
const exactDirections = 48

// normLaw is the law of |g| for Gaussian g with the mean and the covariance of the units:
//
//	|g|^2 = |gbar|^2 + sum_k (lambda_k z_k^2 + 2 b_k sqrt(lambda_k) z_k),    z_k standard normal, b_k = gbar . v_k
//
// The squares of the directions beyond the leading ones are drawn together, as a chi-squared of the same mean and variance (Satterthwaite, 1946),
// and so are their products with the mean, as a normal.
type normLaw struct {
	meanSq         float64
	lambda, linear []float64 // lambda_k and 2 b_k sqrt(lambda_k)
	restMean, restVariance,
	restLinear float64 // standard deviation
}

func newNormLaw(u *probe.Units) (l normLaw, ok bool) {
	n := float64(u.N)
	count := min(exactDirections, u.N-1)
	values, vectors, ok := eigen.Vectors(u.N, count, u.Centred)
	if !ok {
		return l, false
	}
	l.meanSq = u.MeanNormSq
	square, trace, linear := 0.0, u.Trace(), 0.0
	for _, v := range u.Centred {
		square += v * v / (n * n)
	}
	for i := range u.N {
		toMean := u.MeanDot[i] - u.MeanNormSq
		linear += 4 * toMean * toMean / n // 4 gbar' Sigma gbar
	}
	for k, value := range values {
		if !(value > 1e-12*values[0]) {
			break
		}
		lambda, b := value/n, 0.0
		for i := range u.N {
			b += vectors[k*u.N+i] * (u.MeanDot[i] - u.MeanNormSq) / math.Sqrt(value)
		}
		l.lambda, l.linear = append(l.lambda, lambda), append(l.linear, 2*b*math.Sqrt(lambda))
		trace, square, linear = trace-lambda, square-float64(lambda*lambda), linear-float64(4*b*b*lambda)
	}
	l.restMean, l.restVariance, l.restLinear = max(trace, 0), 2*max(square, 0), math.Sqrt(max(linear, 0))
	return l, true
}

// draw fills dst with norms.
func (l normLaw) draw(rng *rand.Rand, dst []float64) {
	var rest distuv.Gamma
	exact := !(l.restMean > 0 && l.restVariance > 0)
	if !exact {
		rest = distuv.Gamma{Alpha: l.restMean * l.restMean / l.restVariance, Beta: l.restMean / l.restVariance, Src: rng}
	}
	for i := range dst {
		square := l.meanSq + float64(l.restLinear*rng.NormFloat64())
		for k, lambda := range l.lambda {
			z := rng.NormFloat64()
			square += float64(z * (float64(lambda*z) + l.linear[k]))
		}
		if exact {
			square += l.restMean
		} else {
			square += rest.Rand()
		}
		dst[i] = math.Sqrt(max(square, 0))
	}
}

// reference is what samples of Gaussian gradients give: gamma of each of methods, and g2. Its zero value is no reference.
type reference struct {
	gammas [][]float64
	g2     []float64
}

// gaussianNorms draws as many norms as there are units, some hundred times.
func gaussianNorms(u *probe.Units, s Settings) (ref reference) {
	law, ok := newNormLaw(u)
	if !ok || u.N < 4 {
		return ref
	}
	replicates := s.effort().replicates(tail.Replicates)
	root := seed.New(s.Seed, "norms of Gaussian vectors", uint64(u.Step)).Uint64()
	ref = reference{gammas: make([][]float64, len(methods)), g2: make([]float64, replicates)}
	for m := range methods {
		ref.gammas[m] = make([]float64, replicates)
	}
	parallel.For(replicates, 1, func(lo, hi int) {
		x := make([]float64, u.N)
		for r := lo; r < hi; r++ {
			law.draw(seed.New(root, "replicate", uint64(r)), x)
			ref.g2[r] = float64(normality.Describe(x).ExcessKurtosis.Biased)
			for m, e := range tails(x) {
				ref.gammas[m][r] = float64(e.Gamma)
			}
		}
	})
	return ref
}

// kurtosis is the central 95% range of g2.
func (ref reference) kurtosis() estimate.Interval {
	if len(ref.g2) == 0 || slices.ContainsFunc(ref.g2, math.IsNaN) {
		return estimate.None()
	}
	return estimate.Central(slices.Sorted(slices.Values(ref.g2)))
}

// untested says why the norms are not tested: with so few references no p-value could be as low as [FalseDiscoveryRate].
func (ref reference) untested() estimate.Reason {
	if ref.gammas == nil {
		return estimate.Reason{Why: "there are fewer than 4 gradients, or they have no spectrum"}
	}
	least := floor(len(ref.g2))
	if least <= FalseDiscoveryRate {
		return estimate.Reason{}
	}
	enough := estimate.Enough(resamplesFor(FalseDiscoveryRate))
	return estimate.Reason{Why: fmt.Sprintf("beside %d Gaussian samples no p-value is below %.2g", len(ref.g2), least),
		Remedy: fmt.Sprintf("%d resamples would do", enough), Needs: estimate.Needs{Resamples: enough}}
}

// tests are Monte Carlo tests of the tail of norms, by the rank of their gamma among those of Gaussian vectors: with R of these the p-value is
// at least 2/(R+1).
func (ref reference) tests(norms []float64) (tests []Test) {
	if ref.gammas == nil {
		return nil
	}
	for m, e := range tails(norms) {
		gamma := float64(e.Gamma)
		above, below := 1, 1
		for _, g := range ref.gammas[m] {
			if !(g < gamma) {
				above++
			}
			if !(g > gamma) {
				below++
			}
		}
		if math.IsNaN(gamma) || slices.ContainsFunc(ref.gammas[m], math.IsNaN) {
			continue
		}
		p := min(1, 2*float64(min(above, below))/float64(len(ref.gammas[m])+1))
		t := newTest(GradientNorm, e.Method, gamma, math.Log(p), heavierOrLighter(float64(below-above)))
		t.Floor = estimate.Number(floor(len(ref.gammas[m])))
		tests = append(tests, t)
	}
	return tests
}
