package tail

import (
	"math"
	"slices"
	"sort"
	"testing"

	"gonum.org/v1/gonum/floats"
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
		got := m.of(exact, Absolute, 400)
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

// At fixed k on Pareto with index 2; the bounds leave three standard errors (0.8 points of 800, 1.3 of 300) around what the doc comments say.
func TestCoverageOfTheOthers(t *testing.T) {
	numtest.NotShort(t, "many samples")
	t.Parallel()
	for _, c := range []struct {
		method Method
		k      int
		lo, hi float64
	}{{Pickands, 10, 0.92, 0.98}, {Pickands, 50, 0.92, 0.98}, {Kernel, 10, 0.92, 0.97}, {Kernel, 100, 0.92, 0.98}, {GPD, 16, 0.87, 0.935}, {GPD, 100, 0.915, 0.97}, {PowerLaw, 50, 0.92, 0.98}} {
		reps := 800
		if !numtest.Full() {
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
			if e := m.of(c.x, Right, c.k); e.Gamma.Defined() || e.TailIndex.Defined() || e.CI.Defined() || e.K != c.k || e.Method != m.name {
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
