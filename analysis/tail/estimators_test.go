package tail

import (
	"encoding/json"
	"math"
	"slices"
	"sort"
	"strings"
	"testing"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/optimize"
	"gonum.org/v1/gonum/stat/distuv"

	"github.com/noiseprobe/noiseprobe/internal/numtest"
)

// sorted is |x| in descending order.
func sorted(x []float64) []float64 {
	y := []float64{}
	for _, v := range x {
		y = append(y, math.Abs(v))
	}
	sort.Sort(sort.Reverse(sort.Float64Slice(y)))
	return y
}

// The weights as written in the doc comment, the derivative by a difference.
func TestKernelAgainstDefinition(t *testing.T) {
	x := student2(rng("kernel", 0), 300)
	y := sorted(x)
	biweight := func(u float64) float64 { return 15. / 8 * (1 - u*u) * (1 - u*u) }
	power := func(u float64) float64 { return math.Pow(u, 1.6) * biweight(u) }
	for _, k := range []int{3, 10, 100} {
		var w, a, b, wSum, aSum, bSum float64
		for i := 1; i <= k; i++ {
			u, s, j := float64(i)/float64(k+1), math.Log(y[i-1]/y[i]), float64(i)
			derivative := (power(u+1e-5) - power(u-1e-5)) / 2e-5
			w, wSum = w+biweight(u)*j*s, wSum+biweight(u)
			a, aSum = a+derivative*s, aSum+derivative/j
			b, bSum = b+math.Pow(u, 0.6)*biweight(u)*s, bSum+math.Pow(u, 0.6)*biweight(u)/j
		}
		want := w/wSum - 1 + a/aSum*bSum/b
		if err := numtest.Close(float64(Kernel(x, Absolute, k).Gamma), want, numtest.Tol{Rel: 1e-7, Abs: 1e-7}); err != nil {
			t.Errorf("k = %d: %v", k, err)
		}
	}
}

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
				r, err := optimize.Minimize(problem, []float64{start, math.Log(mean(z)) - start}, nil, &optimize.NelderMead{})
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

// clausetByDefinition tries every candidate in full.
func clausetByDefinition(x []float64) (xmin, alpha, ks float64) {
	y := []float64{}
	for _, v := range x {
		if v > 0 {
			y = append(y, v)
		}
	}
	sort.Float64s(y)
	distinct := slices.Compact(slices.Clone(y))
	ks = math.Inf(1)
	for _, candidate := range distinct[:max(0, len(distinct)-2)] {
		first, _ := slices.BinarySearch(y, candidate)
		z := y[first:]
		sum := 0.0
		for _, v := range z {
			sum += math.Log(v / candidate)
		}
		a := 1 + float64(len(z))/sum
		d := 0.0
		for i, v := range z {
			d = max(d, math.Abs(1-math.Pow(v/candidate, 1-a)-float64(i)/float64(len(z))))
		}
		if d < ks {
			xmin, alpha, ks = candidate, a, d
		}
	}
	return xmin, alpha, ks
}

func TestPowerLawAgainstDefinition(t *testing.T) {
	rounded := student2(rng("csn", 9), 300)
	for i := range rounded {
		rounded[i] = math.Round(rounded[i]*5) / 5
	}
	for name, x := range map[string][]float64{
		"student": student2(rng("csn", 0), 400), "normal": normal(rng("csn", 1), 400), "pareto": pareto(rng("csn", 2), 300, 1), "ties": rounded,
	} {
		xmin, alpha, ks := clausetByDefinition(x)
		f := FitPowerLaw(x, Right)
		got := []float64{float64(f.Xmin), float64(f.Exponent), float64(f.KS)}
		if err := numtest.AllClose(got, []float64{xmin, alpha, ks}, numtest.Tol{Rel: 1e-11}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// The moments of truncated normal laws by sums over a fine grid, and the densities integrate to 1.
func TestTruncatedNormalHasTheMoments(t *testing.T) {
	for _, want := range [][2]float64{{1, 1.2}, {0.5, 0.45}, {2, 7.6}, {1, 1.998}, {1, 1.0001}} {
		density := truncatedNormal(want[0], want[1])
		var mass, m1, m2 float64
		const h = 1e-4
		for l := h / 2; l < 60*want[0]; l += h {
			p := math.Exp(density(l)) * h
			mass, m1, m2 = mass+p, m1+l*p, m2+l*l*p
		}
		if err := numtest.AllClose([]float64{mass, m1, m2}, []float64{1, want[0], want[1]}, numtest.Tol{Rel: 1e-5}); err != nil {
			t.Errorf("%v: %v", want, err)
		}
	}
}

func TestLogErfcIsContinuous(t *testing.T) {
	// erfc itself is a float64 up to 26.
	for _, x := range []float64{20, 22, 26} {
		if err := numtest.Close(logErfc(x), math.Log(math.Erfc(x)), numtest.Tol{Rel: 1e-12}); err != nil {
			t.Error(err)
		}
	}
}

// Pareto tails are known to all; a Gaussian sample has no index by moment and gpd. The values at the quantiles (i - 1/2)/n.
func TestKnownAnswers(t *testing.T) {
	const n = 4000
	exact, gaussian := make([]float64, n), make([]float64, n)
	for i := range exact {
		p := (float64(i) + 0.5) / n
		exact[i] = math.Pow(p, -0.5)
		gaussian[i] = distuv.UnitNormal.Quantile(p)
	}
	for _, m := range methods {
		got := m.apply(exact, Absolute, 400)
		// Quantiles at half integers bend the two or three largest.
		if err := numtest.Close(float64(got.Gamma), 0.5, numtest.Tol{Abs: 0.02}); err != nil || !got.CI.Contains(2) {
			t.Errorf("%s: %v, %v", m.name, err, got.CI)
		}
	}
	for _, m := range []Method{Moment, GPD, Kernel, Pickands} {
		if got := m(gaussian, Absolute, 400); got.Gamma > 0 || got.TailIndex.Defined() {
			t.Errorf("%+v of Gaussian quantiles", got)
		}
	}
}

// At fixed k on Pareto with index 2; the bounds leave three standard errors (0.8 points of 800) around what the doc comments say.
func TestCoverageOfTheOthers(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		method Method
		k      int
		lo, hi float64
	}{{Pickands, 10, 0.92, 0.98}, {Pickands, 50, 0.92, 0.98}, {Kernel, 10, 0.92, 0.97}, {Kernel, 100, 0.92, 0.98}, {GPD, 16, 0.87, 0.935}, {GPD, 100, 0.915, 0.97}, {PowerLaw, 50, 0.92, 0.98}} {
		reps := 800
		if testing.Short() {
			reps = 300
			c.lo, c.hi = c.lo-0.02, c.hi+0.02
		}
		if got := coverage(c.method, c.k, reps); got < c.lo || got > c.hi {
			t.Errorf("%s at k = %d: coverage %.3f, want %.3f to %.3f", c.method(nil, Absolute, c.k).Method, c.k, got, c.lo, c.hi)
		}
	}
	x := pareto(rng("few", 0), 1000, 2)
	if Kernel(x, Absolute, 5).CI.Defined() || !Kernel(x, Absolute, 6).CI.Defined() {
		t.Error("the interval of kernel begins at another k than 6")
	}
}

func TestUndefinedOthers(t *testing.T) {
	for name, c := range map[string]struct {
		x []float64
		k int
	}{
		"empty": {nil, 1}, "k = 0": {[]float64{1, 2, 3}, 0}, "k < 0": {[]float64{1, 2, 3}, -5}, "huge k": {[]float64{1, 2, 3}, math.MaxInt},
		"constant": {slices.Repeat([]float64{2.5}, 40), 10}, "NaN": {append(slices.Repeat([]float64{1, 2}, 40), nan), 10},
		"infinite": {append(slices.Repeat([]float64{1, 2}, 40), inf), 10}, "zeros": {make([]float64, 40), 10},
	} {
		for _, m := range methods {
			if e := m.apply(c.x, Right, c.k); e.Gamma.Defined() || e.TailIndex.Defined() || e.CI.Defined() || e.K != c.k || e.Method != m.name {
				t.Errorf("%s: %+v", name, e)
			}
		}
		if f := FitPowerLaw(c.x, Right); name != "k = 0" && name != "k < 0" && name != "huge k" && f.NTail != 0 {
			t.Errorf("%s: %+v", name, f)
		}
	}
}

func TestShiftMovesNothing(t *testing.T) {
	x := student2(rng("shift", 0), 400)
	y := slices.Clone(x)
	floats.AddConst(17, y)
	for _, m := range []Method{Pickands, GPD} {
		if err := numtest.Close(float64(m(y, Right, 40).Gamma), float64(m(x, Right, 40).Gamma), numtest.Tol{Abs: 1e-10}); err != nil {
			t.Error(err)
		}
	}
}

// Burr with P(X > x) = (1 + x^2)^-1 has tail index 2 and rho = -1. The factor 3 around the best k of many samples is far beyond
// the spread of choices.
func TestDoubleBootstrapOnBurr(t *testing.T) {
	const n = 5000
	r := rng("burr", 0)
	x := make([]float64, n)
	for i := range x {
		x[i] = math.Sqrt(1/(1-r.Float64()) - 1)
	}
	c := DoubleBootstrapK(x, Right, r)
	// gamma_k has bias gamma k/(2n) for this law (second order) and standard error gamma/sqrt k: the best k is (2 n^2)^(1/3) = 368.
	if c.K < 368/3 || c.K > 368*3 || c.KRoot < c.K || !c.Band.Contains(float64(Hill(x, Right, c.K).TailIndex)) {
		t.Errorf("%+v", c)
	}
	if e := Hill(x, Right, c.K); math.Abs(float64(e.Gamma)-0.5) > 0.1 {
		t.Errorf("%+v", e)
	}
	if c := DoubleBootstrapK(x[:99], Right, r); c.K != 0 || !strings.Contains(c.Warning, "100") {
		t.Errorf("%+v", c)
	}
	if c := DoubleBootstrapK(slices.Repeat([]float64{0, 0, 0, 1}, 100), Right, r); c.K != 0 || c.Warning == "" {
		t.Errorf("%+v", c)
	}
}

// The largest of Gaussian samples drawn from their ranks have the mean of those of whole samples: 5 standard errors of 2000.
func TestGaussianLargest(t *testing.T) {
	const n, m, reps = 200, 10, 2000
	for _, side := range []Side{Absolute, Left, Right} {
		var fast, slow [m][]float64
		r := rng("extremes", int(side))
		for range reps {
			x := make([]float64, n)
			for i := range x {
				x[i] = 0.3 + 2*r.NormFloat64()
			}
			f, s := gaussianLargest(0.3, 2, n, m, side, r), largest(x, side, m)
			for i := range m {
				fast[i], slow[i] = append(fast[i], f[i]), append(slow[i], s[i])
			}
		}
		for i := range m {
			difference := mean(fast[i]) - mean(slow[i])
			spread := slices.Max(slow[i]) - slices.Min(slow[i])
			if math.Abs(difference) > 5*spread/4*math.Sqrt(2./reps) {
				t.Errorf("%v: value %d differs by %g", side, i, difference)
			}
		}
	}
}

func TestAnalyse(t *testing.T) {
	x := student2(rng("analyse", 0), 500)
	before := slices.Clone(x)
	r := Analyse(x, Settings{Seed: 3, CurvePoints: 10})
	again := Analyse(x, Settings{Seed: 3, CurvePoints: 10})
	a, _ := json.Marshal(r)
	b, _ := json.Marshal(again)
	if string(a) != string(b) || !slices.Equal(x, before) {
		t.Error("the same seed gives another result, or the sample was modified")
	}
	var names []string
	for i, e := range r.Estimates {
		names = append(names, e.Method)
		if m := methods[i].apply(x, Absolute, e.K); m != e {
			t.Errorf("%+v, want %+v", e, m)
		}
		if g := methods[i].gamma(e.K)(sorted(x)[:methods[i].reach(e.K)]); g != float64(e.Gamma) {
			t.Errorf("%s: gamma %g, want %g", e.Method, g, float64(e.Gamma))
		}
		if !strings.Contains("heavier consistent", r.Surrogate[i].Verdict) || r.Surrogate[i].K != e.K || len(r.Curves[i].Points) != 10 {
			t.Errorf("%+v, %d points", r.Surrogate[i], len(r.Curves[i].Points))
		}
	}
	if got := strings.Join(names, " "); got != "hill moment pickands kernel gpd power-law" {
		t.Error(got)
	}
	if len(r.Stable) != 4 || !r.PowerLaw.PValue.Defined() || r.PowerLaw.Replicates != Replicates {
		t.Errorf("%d stable rows, %+v", len(r.Stable), r.PowerLaw)
	}
	for _, e := range Analyse(x, Settings{K: 25, Replicates: -1}).Estimates {
		if e.K != 25 || !e.Gamma.Defined() {
			t.Errorf("%+v", e)
		}
	}
}

func TestAnalyseOfDegenerateSamples(t *testing.T) {
	for name, x := range map[string][]float64{
		"empty": nil, "one": {1}, "two": {1, 2}, "zeros": make([]float64, 200), "NaN": {1, 2, nan}, "negative": {-1, -2, -3, -4, -5, -6},
	} {
		for _, k := range []int{0, 1, 3, math.MaxInt} {
			r := Analyse(x, Settings{Side: Right, K: k})
			if _, err := json.Marshal(r); err != nil || len(r.Estimates) != 6 || len(r.Surrogate) != 6 || len(r.Warnings) == 0 {
				t.Errorf("%s, k = %d: %v, %+v", name, k, err, r)
			}
		}
	}
}

// Of Gaussian samples 5% are not consistent by a method. With 200 samples the standard error is 1.5 points.
func TestVerdictsOnGaussianSamples(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: 200 analyses are left out")
	}
	inconsistent := map[string]int{}
	for rep := range 200 {
		for _, v := range Analyse(normal(rng("verdict", rep), 300), Settings{K: 20, Seed: uint64(rep), Replicates: -1}).Surrogate {
			if v.Verdict != "consistent" {
				inconsistent[v.Method]++
			}
		}
	}
	for _, m := range methods {
		if c := inconsistent[m.name]; c < 1 || c > 24 {
			t.Errorf("%s: %d of 200 Gaussian samples are inconsistent", m.name, c)
		}
	}
}

// The p-value of a power law is uniform: below 0.02 for one seed in fifty. Uniform values are no power law.
func TestPowerLawGoodnessOfFit(t *testing.T) {
	r := rng("fit", 0)
	x := pareto(r, 300, 2)
	if f := FitPowerLaw(x, Absolute).Test(x, Absolute, 99, r); f.PValue < 0.02 || f.PValue > 1 || f.Replicates != 99 {
		t.Errorf("Pareto: %+v", f)
	}
	for i := range x {
		x[i] = r.Float64()
	}
	if f := FitPowerLaw(x, Absolute).Test(x, Absolute, 99, r); f.PValue > 0.2 {
		t.Errorf("uniform: %+v", f)
	}
}

func TestRoot(t *testing.T) {
	for _, f := range []func(float64) float64{
		func(x float64) float64 { return x - 0.3 }, func(x float64) float64 { return math.Pow(x, 9) - math.Pow(0.3, 9) },
		func(x float64) float64 { return math.Log(0.3) - math.Log(x) },
	} {
		if err := numtest.Close(root(f, 1e-9, 10), 0.3, numtest.Tol{Rel: 1e-10}); err != nil {
			t.Error(err)
		}
	}
}

func BenchmarkAnalyse(b *testing.B) {
	x := student2(rng("bench", 0), 1_000_000)
	for b.Loop() {
		Analyse(x, Settings{})
	}
}

func BenchmarkMethods(b *testing.B) {
	x := student2(rng("bench", 0), 1_000_000)
	for _, m := range methods {
		b.Run(m.name, func(b *testing.B) {
			for b.Loop() {
				m.apply(x, Absolute, DefaultK(len(x)))
			}
		})
	}
	b.Run("fit", func(b *testing.B) {
		for b.Loop() {
			FitPowerLaw(x, Absolute)
		}
	})
}
