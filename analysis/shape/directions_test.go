package shape

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/noiseprobe/noiseprobe/analysis/normality"
	"github.com/noiseprobe/noiseprobe/internal/numtest"
	"github.com/noiseprobe/noiseprobe/internal/seed"
	"github.com/noiseprobe/noiseprobe/probe"
)

func pursuedKurtosis(n int, draw func(k int) float64, root uint64) (heldOut float64, gaussian bool) {
	_, p := axes(denseUnits(n, 12, draw), root)
	return float64(p.HeldOut), p.Gaussian.Contains(float64(p.HeldOut))
}

// mixed has gradients of which one combination of two equally large coordinates is Laplace and the rest Gaussian: no
// single eigenvector shows it.
func mixed(rng *rand.Rand) func(k int) float64 {
	var heavy, light float64
	return func(k int) float64 {
		switch k {
		case 0:
			heavy, light = rng.ExpFloat64()-rng.ExpFloat64(), math.Sqrt2*rng.NormFloat64()
			return 3 * (heavy + light)
		case 1:
			return 3 * (heavy - light)
		}
		return rng.NormFloat64()
	}
}

// The planted direction, of excess kurtosis 3, is found on one half and seen in the other.
func TestPursuitFindsAPlantedDirection(t *testing.T) {
	for root := range uint64(5) {
		// The standard error of g2 of 800 Laplace values is about 0.5.
		if g2, gaussian := pursuedKurtosis(1600, mixed(seed.New(root, "planted")), root); gaussian || g2 < 0.8 {
			t.Errorf("seed %d: held-out excess kurtosis %g", root, g2)
		}
	}
}

// In Gaussian gradients the held-out value is within the 95% range of Gaussian samples: of 40, 2 are expected outside, and more
// than 7 have a probability of 0.1%.
func TestPursuitOfGaussianGradients(t *testing.T) {
	outside := 0
	for root := range uint64(40) {
		rng := seed.New(root, "gaussian pursuit")
		if _, gaussian := pursuedKurtosis(200, func(int) float64 { return rng.NormFloat64() }, root); !gaussian {
			outside++
		}
	}
	if outside > 7 {
		t.Errorf("%d of 40 are outside", outside)
	}
}

// TestHeldOutProjections: the direction comes from the chosen half alone, and the projections are those of dense vectors.
func TestHeldOutProjections(t *testing.T) {
	const n, p = 20, 6
	rng := seed.New(3, "held out")
	flat := make([]float64, n*p)
	for i := range flat {
		flat[i] = 1 + rng.NormFloat64()/math.Sqrt(float64(i%p+1))
	}
	dense := probe.NewDense("all", n, p, flat)
	u := (&probe.Gradients{Layers: []probe.Layer{dense}}).Reduce(nil)
	chosen, judged := halves(n, 1)
	if both := slices.Concat(chosen, judged); len(both) != n || !slices.IsSorted(chosen) || slices.ContainsFunc(judged, func(i int) bool { return slices.Contains(chosen, i) }) {
		t.Fatalf("halves %v, %v", chosen, judged)
	}
	row := func(i int) []float64 { return flat[i*p : (i+1)*p] }
	for k, got := range leadingScores(u, chosen, judged).judged[:leadingDirections] {
		got = centred(got)
		direction := leadingByPower(chosen, row, p, k)
		want := make([]float64, len(judged))
		for b, j := range judged {
			for l, v := range row(j) {
				want[b] += v * direction[l]
			}
		}
		want = centred(want)
		if got[0]*want[0] < 0 { // an eigenvector has no sign
			for b := range want {
				want[b] = -want[b]
			}
		}
		if err := numtest.AllClose(got, want, numtest.Tol{Abs: 1e-6}); err != nil {
			t.Errorf("direction %d: %v", k+1, err)
		}
	}
	mean := make([]float64, p)
	for _, i := range chosen {
		for l, v := range row(i) {
			mean[l] += v / float64(len(chosen))
		}
	}
	for b, got := range meanProjection(u, chosen, judged) {
		want := 0.0
		for l, v := range row(judged[b]) {
			want += v * mean[l]
		}
		if err := numtest.Close(got, want, numtest.Tol{Rel: 1e-10}); err != nil {
			t.Errorf("mean, unit %d: %v", judged[b], err)
		}
	}
}

// leadingByPower finds eigenvector k of the chosen rows' covariance by power iteration with deflation.
func leadingByPower(chosen []int, row func(int) []float64, p, k int) []float64 {
	mean, cov := make([]float64, p), make([][]float64, p)
	for _, i := range chosen {
		for l, v := range row(i) {
			mean[l] += v / float64(len(chosen))
		}
	}
	for l := range cov {
		cov[l] = make([]float64, p)
		for _, i := range chosen {
			for m := range p {
				cov[l][m] += (row(i)[l] - mean[l]) * (row(i)[m] - mean[m])
			}
		}
	}
	for ; ; k-- {
		v, value := powerIteration(cov)
		if k == 0 {
			return v
		}
		for l := range cov {
			for m := range cov {
				cov[l][m] -= value * v[l] * v[m]
			}
		}
	}
}

func powerIteration(a [][]float64) (v []float64, value float64) {
	v = make([]float64, len(a))
	for l := range v {
		v[l] = 1 + float64(l)/7
	}
	for range 3000 {
		next, norm := make([]float64, len(a)), 0.0
		for l := range a {
			for m, x := range a[l] {
				next[l] += x * v[m]
			}
			norm += next[l] * next[l]
		}
		value = math.Sqrt(norm)
		for l := range v {
			v[l] = next[l] / value
		}
	}
	return v, value
}

// centred is x less its mean.
func centred(x []float64) []float64 {
	mean := 0.0
	for _, v := range x {
		mean += v / float64(len(x))
	}
	out := make([]float64, len(x))
	for i, v := range x {
		out[i] = v - mean
	}
	return out
}

// TestDirectionsOfGaussianGradients: of 300 Gaussian axes of 32 numbers 5% are rejected at 5%; more than 29 have a probability below 0.1%.
func TestDirectionsOfGaussianGradients(t *testing.T) {
	rejected, covered := 0, 0
	for r := range 300 {
		rng := seed.New(uint64(r), "gaussian axis")
		a := axis{name: "noise x", units: make([]float64, 32)}
		for i := range a.units {
			a.units[i] = rng.NormFloat64()
		}
		d, test := a.describe()
		if test.PValue < 0.05 {
			rejected++
		}
		if d.CI.Contains(0) {
			covered++
		}
	}
	if rejected > 29 || covered < 255 {
		t.Errorf("%d of 300 are rejected, %d intervals of the kurtosis hold 0", rejected, covered)
	}
}

// TestPlantedDirections: what the tests see in 128 numbers that are exponential, normal times exponential, and uniform.
func TestPlantedDirections(t *testing.T) {
	rng := seed.New(1, "planted axes")
	for _, c := range []struct {
		draw func() float64
		want Verdict
	}{
		{rng.ExpFloat64, Skewed},
		{func() float64 { return rng.NormFloat64() * rng.ExpFloat64() }, Heavier},
		{rng.Float64, Lighter},
	} {
		a := axis{units: make([]float64, 128)}
		for i := range a.units {
			a.units[i] = c.draw()
		}
		_, test := a.describe()
		if !(test.PValue < 1e-3) || test.deviation != c.want {
			t.Errorf("%s: p = %g, deviation %s", c.want, test.PValue, test.deviation)
		}
	}
}

// TestJackknifeShape by leaving out one number after the other.
func TestJackknifeShape(t *testing.T) {
	x := []float64{1, 2, -3, 0.5, 4, 7, -1, 0, 2, 2.5, 1, -6, 3, 3, 9, 0.25}
	d, _ := axis{units: x}.describe()
	var values []float64
	mean := 0.0
	for i := range x {
		_, g2 := normality.Shape(slices.Delete(slices.Clone(x), i, i+1))
		values = append(values, g2)
		mean += g2 / float64(len(x))
	}
	squares := 0.0
	for _, v := range values {
		squares += (v - mean) * (v - mean)
	}
	n := float64(len(x))
	// scipy.stats.t.ppf(0.975, 15)
	half := 2.131449545559323 * math.Sqrt((n-1)/n*squares)
	if err := numtest.AllClose([]float64{d.CI.Lo, d.CI.Hi}, []float64{float64(d.ExcessKurtosisG2) - half, float64(d.ExcessKurtosisG2) + half}, numtest.Tol{Rel: 1e-9}); err != nil {
		t.Error(err)
	}
	if few, _ := (axis{units: x[:15]}).describe(); few.CI.Defined() {
		t.Error("15 numbers have an interval")
	}
}
