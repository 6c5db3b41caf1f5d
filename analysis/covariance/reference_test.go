package covariance

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/noiseprobe/noiseprobe/analysis/estimate"
	"github.com/noiseprobe/noiseprobe/internal/numtest"
	"github.com/noiseprobe/noiseprobe/internal/seed"
	"gonum.org/v1/gonum/mat"
)

// dense is the covariance as it is defined: the P×P matrix (1/n) sum (g_i - gbar)(g_i - gbar)', and gbar.
func dense(g rows) (sigma *mat.SymDense, mean []float64) {
	n, p := float64(len(g)), len(g[0])
	mean = make([]float64, p)
	for _, row := range g {
		for k, v := range row {
			mean[k] += v / n
		}
	}
	sigma = mat.NewSymDense(p, nil)
	for _, row := range g {
		for k := range p {
			for l := k; l < p; l++ {
				sigma.SetSym(k, l, sigma.At(k, l)+(row[k]-mean[k])*(row[l]-mean[l])/n)
			}
		}
	}
	return sigma, mean
}

func squareNorm(x []float64) float64 {
	total := 0.0
	for _, v := range x {
		total += v * v
	}
	return total
}

// byDefinition computes the keys of a covariance from the P×P matrix.
func byDefinition(g rows) map[string]float64 {
	sigma, mean := dense(g)
	n, trace, norm := float64(len(g)), mat.Trace(sigma), squareNorm(mean)
	var square mat.Dense
	square.Mul(sigma, sigma)
	var eigen mat.EigenSym
	eigen.Factorize(sigma, false)
	entropy := 0.0
	for _, v := range eigen.Values(nil) {
		if p := v / trace; p > 0 {
			entropy -= p * math.Log(p)
		}
	}
	norms, total := 0.0, make([]float64, len(mean))
	for _, row := range g {
		norms += squareNorm(row)
		for k, v := range row {
			total[k] += v
		}
	}
	unbiased := trace * n / (n - 1)
	return map[string]float64{
		"trace": trace, "trace_unbiased": unbiased, "gradient_norm_sq": norm,
		"gradient_norm_sq_unbiased": norm - unbiased/n, "noise_scale": unbiased / (norm - unbiased/n),
		"noise_scale_plugin": trace / norm, "gradient_diversity": norms / squareNorm(total),
		"gradient_diversity_scaled":             n * norms / squareNorm(total),
		"effective_rank_entropy":                math.Exp(entropy),
		"effective_rank_participation":          trace * trace / mat.Trace(&square),
		"effective_rank_participation_unbiased": unbiased * unbiased / squareByQuadruples(g),
	}
}

// squareByQuadruples is the U-statistic of tr Sigma^2: the mean over all ordered quadruples of different units of
//
//	((g_i - g_j) . (g_k - g_l))^2 / 4
//
// whose expectation is tr((2 Sigma)(2 Sigma))/4.
func squareByQuadruples(g rows) float64 {
	total, count := 0.0, 0.0
	for i := range g {
		for j := range g {
			for k := range g {
				for l := range g {
					if i == j || i == k || i == l || j == k || j == l || k == l {
						continue
					}
					v := dotDifferences(g[i], g[j], g[k], g[l])
					total += v * v / 4
					count++
				}
			}
		}
	}
	return total / count
}

func dotDifferences(a, b, c, d []float64) float64 {
	total := 0.0
	for k := range a {
		total += (a[k] - b[k]) * (c[k] - d[k])
	}
	return total
}

// byKey lists the numbers of a covariance by their JSON keys.
func byKey(c Covariance) map[string]float64 {
	return map[string]float64{
		"trace": float64(c.Trace), "trace_unbiased": float64(c.TraceUnbiased),
		"gradient_norm_sq":          float64(c.GradientNormSq),
		"gradient_norm_sq_unbiased": float64(c.GradientNormSqUnbiased),
		"noise_scale":               float64(c.NoiseScale), "noise_scale_plugin": float64(c.NoiseScalePlugin),
		"gradient_diversity":                    float64(c.GradientDiversity),
		"gradient_diversity_scaled":             float64(c.GradientDiversityScaled),
		"effective_rank_entropy":                float64(c.EffectiveRankEntropy),
		"effective_rank_participation":          float64(c.EffectiveRankParticipation),
		"effective_rank_participation_unbiased": float64(c.EffectiveRankParticipationUnbiased),
	}
}

func TestAgainstTheDenseMatrix(t *testing.T) {
	for _, size := range []struct{ n, p int }{{6, 3}, {6, 20}, {12, 12}, {4, 2}, {15, 1}} {
		g := powerLaw(size.p, 1, 0.7).gaussian(seed.New(1, "dense", uint64(size.n), uint64(size.p)), size.n)
		c := Analyse(g.units(), 0)
		got, want := byKey(c), byDefinition(g)
		for key, w := range want {
			if key == "noise_scale" && want["gradient_norm_sq_unbiased"] <= 0 {
				w = math.NaN()
			}
			if key == "effective_rank_participation_unbiased" {
				// An estimate of tr Sigma^2 may fall below 0, and the ratio is at most P.
				if w = min(w, float64(size.p)); w <= 0 {
					w = math.NaN()
				}
			}
			if err := numtest.Close(got[key], w, numtest.Tol{Rel: 1e-10}); err != nil {
				t.Errorf("n=%d P=%d: %s: %v", size.n, size.p, key, err)
			}
		}
		sigma, _ := dense(g)
		var eigen mat.EigenSym
		eigen.Factorize(sigma, false)
		want2 := eigen.Values(nil)
		slices.Reverse(want2)
		if err := numtest.CloseToLargest(floats(c.Eigenvalues), want2[:min(size.n-1, size.p)], 1e-12); err != nil {
			t.Errorf("n=%d P=%d: eigenvalues: %v", size.n, size.p, err)
		}
	}
}

// The means of the unbiased estimates of tr Sigma, |grad L|^2 and tr Sigma^2 over 400 samples of 8 units (4000 if everything is tested) equal
// their targets, also where the units' noises have different scales. A check at |z| > 4.5 fails by chance with probability 7e-6, and one of 6
// with 4e-5.
func TestUnbiased(t *testing.T) {
	numtest.NotShort(t, "many samples")
	const n = 8
	reps := numtest.Cases(4000, 400)
	l := powerLaw(12, 1, 0.3)
	for _, c := range []struct {
		name     string
		variance float64 // E scale^2
		scale    func(*rand.Rand) float64
	}{
		{"gaussian", 1, func(*rand.Rand) float64 { return 1 }},
		{"exponential scales", 2, (*rand.Rand).ExpFloat64},
	} {
		var trace, norm, square []float64
		for rep := range reps {
			rng := seed.New(2, "unbiased/"+c.name, uint64(rep))
			u := l.draw(rng, n, func() float64 { return c.scale(rng) }).units()
			m := momentsOf(u)
			trace = append(trace, m.traceUnbiased())
			norm = append(norm, m.meanNormSqUnbiased())
			square = append(square, NormMoments(u).Polykays().TraceOfSquare)
		}
		checkMean(t, c.name+": trace", trace, c.variance*l.trace())
		checkMean(t, c.name+": norm", norm, l.normSq())
		checkMean(t, c.name+": square", square, c.variance*c.variance*squareNorm(l.eigenvalues))
	}
}

func checkMean(t *testing.T, name string, x []float64, want float64) {
	t.Helper()
	n := float64(len(x))
	mean, squares := estimate.Sum(x)/n, 0.0
	for _, v := range x {
		squares += (v - mean) * (v - mean)
	}
	if z := (mean - want) / math.Sqrt(squares/(n-1)/n); math.Abs(z) > 4.5 {
		t.Errorf("%s: mean %.4g, want %.4g: off by %.1f standard errors", name, mean, want, z)
	}
}
