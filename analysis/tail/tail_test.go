package tail

import (
	"encoding/json"
	"math"
	"slices"
	"sort"
	"testing"

	"gonum.org/v1/gonum/stat"

	"github.com/noiseprobe/noiseprobe/analysis/estimate"
	"github.com/noiseprobe/noiseprobe/internal/numtest"
)

var nan, inf = math.NaN(), math.Inf(1)

// byDefinition is M_r(k) as written.
func byDefinition(x []float64, side Side, k, r int) float64 {
	y := []float64{}
	for _, v := range x {
		y = append(y, map[Side]float64{Absolute: math.Abs(v), Left: -v, Right: v}[side])
	}
	sort.Sort(sort.Reverse(sort.Float64Slice(y)))
	sum := 0.0
	for i := range k {
		sum += math.Pow(math.Log(y[i]/y[k]), float64(r))
	}
	return sum / float64(k)
}

func TestAgainstDefinition(t *testing.T) {
	x := student2(rng("definition", 0), 300)
	for _, side := range []Side{Absolute, Left, Right} {
		for _, k := range []int{2, 3, 17, 100} {
			m1, m2 := byDefinition(x, side, k, 1), byDefinition(x, side, k, 2)
			moment := m1 + 1 - 0.5/(1-m1*m1/m2)
			got := []float64{float64(Hill(x, side, k).Gamma), float64(Moment(x, side, k).Gamma)}
			if err := numtest.AllClose(got, []float64{m1, moment}, numtest.Tol{Rel: 1e-12, Abs: 1e-12}); err != nil {
				t.Errorf("%v, k = %d: %v", side, k, err)
			}
		}
	}
}

// The threshold is the (k+1)-th largest. By hand: logarithms 3, 2, 1 above 0 have mean 2 and mean square 14/3.
func TestThresholdIsTheNextValue(t *testing.T) {
	x := []float64{1, -math.E, math.E * math.E, math.E * math.E * math.E, 0.5}
	if err := numtest.Close(float64(Hill(x, Absolute, 3).Gamma), 2, numtest.Tol{Rel: 1e-15}); err != nil {
		t.Error(err)
	}
	if err := numtest.Close(float64(Moment(x, Absolute, 3).Gamma), 2+1-0.5/(1-4/(14.0/3)), numtest.Tol{Rel: 1e-13}); err != nil {
		t.Error(err)
	}
}

func TestHillIntervalIsTheGammaPivot(t *testing.T) {
	// mpmath 1.3.0: 2.5% and 97.5% quantiles of Gamma(10, 1)
	const lo, hi = 4.7953886961324336, 17.08480345141917
	e := Hill(pareto(rng("pivot", 0), 100, 2), Absolute, 10)
	want := []float64{lo / 10 / float64(e.Gamma), hi / 10 / float64(e.Gamma)}
	if err := numtest.AllClose([]float64{e.CI.Lo, e.CI.Hi}, want, numtest.Tol{Rel: 1e-12}); err != nil {
		t.Error(err)
	}
}

// Its ends solve (gamma_hat + 3/k - g)^2 = z^2 (1 + g^2)/k.
func TestMomentInterval(t *testing.T) {
	const z2 = 1.959963984540054 * 1.959963984540054
	for _, k := range []int{4, 10, 100} {
		for _, gamma := range []float64{-2, -0.1, 0, 0.3, 4} {
			ci := momentInterval(gamma, k)
			for _, end := range []float64{ci.Lo, ci.Hi} {
				d := gamma + 3/float64(k) - end
				if err := numtest.Close(d*d, z2*(1+end*end)/float64(k), numtest.Tol{Rel: 1e-10}); err != nil {
					t.Errorf("gamma %g, k = %d: %v", gamma, k, err)
				}
			}
			if !ci.Contains(gamma) {
				t.Errorf("gamma %g, k = %d: outside %v", gamma, k, ci)
			}
		}
	}
	if momentInterval(0.5, 3).Defined() {
		t.Error("k = 3 has an interval")
	}
}

func TestScaleOrderAndSide(t *testing.T) {
	x := student2(rng("laws", 0), 200)
	negated, reversed := slices.Clone(x), slices.Clone(x)
	for i := range negated {
		negated[i] = -negated[i]
	}
	slices.Reverse(reversed)
	for _, method := range []Method{Hill, Moment, Pickands, Kernel, GPD, PowerLaw} {
		want := method(x, Absolute, 20)
		if got := method(reversed, Absolute, 20); got != want {
			t.Errorf("reversed: %+v, want %+v", got, want)
		}
		if left, right := method(x, Left, 20), method(negated, Right, 20); left != right {
			t.Errorf("left of x %+v, right of -x %+v", left, right)
		}
		for _, scale := range []float64{1e-290, 1e290} {
			y := slices.Clone(x)
			for i := range y {
				y[i] *= scale
			}
			if err := numtest.Close(float64(method(y, Absolute, 20).Gamma), float64(want.Gamma), numtest.Tol{Rel: 1e-11}); err != nil {
				t.Errorf("scale %g: %v", scale, err)
			}
		}
	}
	// A ratio beyond the largest float64 still has a logarithm: (log 1e300 - log 1e-300)/1.
	if err := numtest.Close(float64(Hill([]float64{1e300, 1e-300}, Right, 1).Gamma), 600*math.Ln10, numtest.Tol{Rel: 1e-14}); err != nil {
		t.Error(err)
	}
}

func TestUndefined(t *testing.T) {
	cases := map[string]struct {
		x    []float64
		side Side
		k    int
	}{
		"empty":                {nil, Absolute, 1},
		"k = 0":                {[]float64{1, 2, 3}, Absolute, 0},
		"k < 0":                {[]float64{1, 2, 3}, Absolute, -5},
		"k = n":                {[]float64{1, 2, 3}, Absolute, 3},
		"huge k":               {[]float64{1, 2, 3}, Absolute, math.MaxInt},
		"threshold 0":          {[]float64{1, 2, 0, 0}, Absolute, 2},
		"threshold below 0":    {[]float64{1, 2, -3, -4}, Right, 2},
		"constant":             {[]float64{2.5, 2.5, 2.5, 2.5}, Absolute, 2},
		"NaN":                  {[]float64{1, 2, 3, nan}, Absolute, 2},
		"infinite":             {[]float64{1, 2, 3, -inf}, Right, 2},
		"ties at the top":      {[]float64{2, 2, 2}, Right, 1},
		"zeros and one number": {[]float64{0, 0, 1}, Absolute, 1},
	}
	for name, c := range cases {
		for _, method := range []Method{Hill, Moment} {
			e := method(c.x, c.side, c.k)
			if e.Gamma.Defined() || e.TailIndex.Defined() || e.CI.Defined() || e.K != c.k {
				t.Errorf("%s: %+v", name, e)
			}
		}
	}
}

// Equal values above the threshold: Hill sees a tail, the moment estimate has no spread to go by but that of rounding.
func TestMomentNeedsASpread(t *testing.T) {
	for i := range 200 {
		x := []float64{1}
		for range 1 + i%7 {
			x = append(x, 1.5+float64(i)/7)
		}
		if h, m := Hill(x, Right, len(x)-1), Moment(x, Right, len(x)-1); !h.Gamma.Defined() || m.Gamma.Defined() || m.CI.Defined() {
			t.Errorf("%v: %+v, %+v", x, h, m)
		}
	}
}

// A uniform sample has a bounded tail: no tail index, and no interval for one where k is large.
func TestBoundedTailHasNoIndex(t *testing.T) {
	r := rng("uniform", 0)
	x := make([]float64, 2000)
	for i := range x {
		x[i] = r.Float64()
	}
	if e := Moment(x, Right, 200); e.Gamma > -0.5 || e.TailIndex.Defined() || e.CI.Defined() {
		t.Errorf("%+v", e)
	}
}

func TestHillCurve(t *testing.T) {
	x := student2(rng("curve", 0), 300)
	k, gamma, lo, hi := HillCurve(x, Absolute, 250)
	if len(k) != 250 || len(gamma) != 250 || len(lo) != 250 || len(hi) != 250 {
		t.Fatalf("%d, %d, %d, %d points", len(k), len(gamma), len(lo), len(hi))
	}
	for i := range k {
		e := Hill(x, Absolute, k[i])
		got, want := []float64{gamma[i], 1 / hi[i], 1 / lo[i]}, []float64{float64(e.Gamma), e.CI.Lo, e.CI.Hi}
		if err := numtest.AllClose(got, want, numtest.Tol{Rel: 1e-12}); err != nil {
			t.Errorf("k = %d: %v", k[i], err)
		}
	}
	if k, _, _, _ = HillCurve([]float64{3, 2, 1, 0, -1}, Right, 10); !slices.Equal(k, []int{1, 2}) {
		t.Errorf("two thresholds are positive, got k = %v", k)
	}
	for _, x := range [][]float64{nil, {1}, {nan, 1, 2}} {
		if k, _, _, _ = HillCurve(x, Absolute, 10); len(k) != 0 {
			t.Errorf("%v: k = %v", x, k)
		}
	}
	if k, _, _, _ = HillCurve(x, Absolute, -1); len(k) != 0 {
		t.Errorf("maxK = -1: k = %v", k)
	}
}

func TestLargest(t *testing.T) {
	x := student2(rng("largest", 0), 500)
	for i := range 50 {
		x = append(x, x[i]) // ties
	}
	all := slices.Clone(x)
	descending(all)
	for _, m := range []int{1, 2, 7, 100, 275, 276, 549, 550, 900} {
		if got := largest(x, Right, m); !slices.Equal(got, all[:min(m, len(all))]) {
			t.Errorf("the %d largest are wrong", m)
		}
	}
}

func TestDefaultK(t *testing.T) {
	for n, want := range map[int]int{0: 0, 1: 0, 2: 1, 4: 2, 5: 3, 64: 8, 1000: 32, 1_000_000: 1000} {
		if got := DefaultK(n); got != want {
			t.Errorf("DefaultK(%d) = %d, want %d", n, got, want)
		}
	}
}

func TestSurrogateHasMeanAndScale(t *testing.T) {
	x := make([]float64, 40000)
	for i := range x {
		x[i] = 5 + 3*float64(i%2) // mean 6.5, sd 1.5
	}
	y := Surrogate(x, rng("surrogate", 0))
	mean, sd := stat.MeanStdDev(y, nil)
	// Five standard errors: 1.5/200 and 1.5/sqrt(2 40000).
	if len(y) != len(x) || math.Abs(mean-6.5) > 5*0.0075 || math.Abs(sd-1.5) > 5*0.0053 {
		t.Errorf("%d values of mean %g, sd %g", len(y), mean, sd)
	}
	huge := Surrogate([]float64{1e300, -1e300, 2e300}, rng("surrogate", 1))
	if math.IsInf(huge[0], 0) || math.Abs(huge[0]) < 1e298 {
		t.Errorf("huge values gave %g", huge[0])
	}
}

func TestGaussianBandOrderStatistics(t *testing.T) {
	next := 0.0
	counting := func([]float64, Side, int) Estimate { // gamma 199, 198, ..., 1
		next++
		return newEstimate("counting", 1, 200-next, estimate.None())
	}
	b := GaussianBand([]float64{1, 2}, Absolute, 1, counting, Replicates, rng("band", 0))
	// j = 5 of 199
	want := SurrogateBand{"counting", 1.0 / 100, estimate.Interval{Lo: 1.0 / 195, Hi: 1.0 / 5}, estimate.Interval{Lo: 5, Hi: 195}}
	if b != want {
		t.Errorf("got %+v, want %+v", b, want)
	}
	if !b.Contains(Estimate{Gamma: 5}) || b.Contains(Estimate{Gamma: 4.9}) || b.Contains(Estimate{Gamma: estimate.Undefined()}) {
		t.Error("Contains does not compare gamma with the band")
	}
	defer func() {
		if recover() == nil {
			t.Error("38 surrogates did not panic")
		}
	}()
	GaussianBand([]float64{1, 2}, Absolute, 1, counting, 38, rng("band", 1))
}

func TestSide(t *testing.T) {
	for _, s := range []Side{Absolute, Left, Right} {
		text, _ := s.MarshalText()
		var back Side
		if err := back.UnmarshalText(text); err != nil || back != s {
			t.Errorf("%s became %v, %v", text, back, err)
		}
	}
	var s Side
	if err := s.UnmarshalText([]byte("both")); err == nil || err.Error() != `unknown tail "both": want absolute, left or right` {
		t.Errorf("got %v", err)
	}
}

func TestInputsAreNotModified(t *testing.T) {
	x := student2(rng("inputs", 0), 100)
	before := slices.Clone(x)
	Hill(x, Left, 10)
	Moment(x, Right, 10)
	HillCurve(x, Absolute, 50)
	Surrogate(x, rng("inputs", 1))
	GaussianBand(x, Absolute, 10, Hill, 39, rng("inputs", 2))
	Zeros(x)
	if !slices.Equal(x, before) {
		t.Error("the sample was modified")
	}
}

func TestJSON(t *testing.T) {
	e := newEstimate("moment", 3, -0.5, estimate.Interval{Lo: -1, Hi: 0.5})
	data, err := json.Marshal(struct {
		Tail Side     `json:"tail"`
		Row  Estimate `json:"row"`
	}{Left, e})
	const want = `{"tail":"left","row":{"method":"moment","k":3,"gamma":-0.5,"tail_index":null,"ci":[2,null]}}`
	if err != nil || string(data) != want {
		t.Errorf("%s, %v", data, err)
	}
}

func TestZeros(t *testing.T) {
	if got := Zeros([]float64{0, 1, math.Copysign(0, -1), 5e-324, nan}); got != 2 {
		t.Errorf("%d zeros, want 2", got)
	}
}

func BenchmarkHill(b *testing.B) {
	x := student2(rng("bench", 0), 100_000)
	for b.Loop() {
		Hill(x, Absolute, DefaultK(len(x)))
	}
}

func BenchmarkGaussianBand(b *testing.B) {
	x := student2(rng("bench", 0), 1000)
	r := rng("bench", 1)
	for b.Loop() {
		GaussianBand(x, Absolute, DefaultK(len(x)), Hill, Replicates, r)
	}
}
