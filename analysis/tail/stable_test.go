package tail

import (
	"fmt"
	"math"
	"math/cmplx"
	"slices"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/noiseprobe/noiseprobe/internal/numtest"
	"github.com/noiseprobe/noiseprobe/internal/parallel"
)

// stable draws from S0 by the method of Chambers, Mallows and Stuck. gonum's location is that of S1.
func stable(label string, rep, n int, l law) []float64 {
	draw := distuv.AlphaStable{Alpha: l.alpha, Beta: l.beta, C: 1, Src: rng(label, rep)}
	shift := 0.0
	if l.alpha != 1 {
		shift = -l.beta * math.Tan(math.Pi*l.alpha/2)
	}
	x := make([]float64, n)
	for i := range x {
		x[i] = l.location + l.scale*(draw.Rand()+shift)
	}
	return x
}

func lawOf(e StableEstimate) law {
	return law{float64(e.Alpha), float64(e.Beta), float64(e.Scale), float64(e.Location)}
}

// At n = 20,000 the standard errors measured at n = 5000 are halved: alpha 0.012, beta 0.03 where alpha < 1.9, scale and location
// 0.03. Five of them and seeds that are fixed: a new seed fails with a probability below 1e-5 a number.
func TestKoutrouvelisFindsTheLaw(t *testing.T) {
	numtest.NotShort(t, "many samples")
	for i, alpha := range []float64{0.8, 1, 1.2, 1.5, 1.8, 2} {
		for j, beta := range []float64{-0.8, 0, 0.5, 0.8} {
			want := law{alpha, beta, 2, -3}
			got := lawOf(Koutrouvelis(stable("find", 4*i+j, 20_000, want)))
			bad := math.Abs(got.alpha-alpha) > 0.06 || math.Abs(got.scale-2) > 0.15 || math.Abs(got.location+3) > 0.15
			if alpha < 2 {
				bad = bad || math.Abs(got.beta-beta) > 0.15
			}
			if bad {
				t.Errorf("got %+v, want %+v", got, want)
			}
		}
	}
}

// The tables have an error of their own: McCulloch's alpha is within 0.02 of the true one, his beta within 0.2, and the location is
// off by up to a fifth of the scale at alpha < 1. Symmetric laws only for the two methods that assume it.
func TestOthersFindTheLaw(t *testing.T) {
	for i, alpha := range []float64{0.8, 1.2, 1.5, 1.8} {
		x := stable("others", i, 19_600, law{alpha, 0, 2, 0})
		// K1 = 140, 140 blocks: the standard error of 1/alpha is 1.2/sqrt(140)/log 140 = 0.02, five of it.
		if got := 1 / float64(Mohammadi(x).Alpha); math.Abs(got-1/alpha) > 0.1 {
			t.Errorf("mohammadi: 1/alpha = %g, want %g", got, 1/alpha)
		}
		if e := LogMoment(x); math.Abs(float64(e.Alpha)-alpha) > 0.15 || math.Abs(float64(e.Scale)-2) > 0.15 {
			t.Errorf("log-moment: %+v, want %g", e, alpha)
		}
		skewed := lawOf(McCulloch(stable("others", 10+i, 19_600, law{alpha, 0.5, 2, 1}), 1))
		if math.Abs(skewed.alpha-alpha) > 0.12 || math.Abs(skewed.beta-0.5) > 0.3 ||
			math.Abs(skewed.scale-2) > 0.3 || math.Abs(skewed.location-1) > 0.4 {
			t.Errorf("mcculloch: %+v, want alpha %g", skewed, alpha)
		}
	}
}

// Of 300 samples 95% are covered up to 1.3 points; the bounds leave three of them beside the measured rates in the doc comments. Of 60
// samples, unless everything is tested, less than 80% are with probability 2e-4 where the rate is 94%.
func TestStableIntervalsCover(t *testing.T) {
	numtest.NotShort(t, "many samples")
	t.Parallel()
	reps, least := 300, 0.86
	if !numtest.Full() {
		reps, least = 60, 0.8
	}
	want := law{1.5, 0, 1, 0}
	hits := map[string]int{}
	for rep := range reps {
		for _, e := range Stable(stable("cover", rep, 800, want), uint64(rep)) {
			if e.CI.Contains(want.alpha) {
				hits[e.Method]++
			}
		}
	}
	if len(hits) != 4 {
		t.Errorf("methods %v", hits)
	}
	for method, count := range hits {
		if rate := float64(count) / float64(reps); rate < least {
			t.Errorf("%s: coverage %.3f", method, rate)
		}
	}
}

// x -> a x + b moves scale and location; of the two methods that assume a centre of 0, x -> a x.
func TestStableEquivariance(t *testing.T) {
	x := stable("equivariance", 0, 1200, law{1.4, 0.4, 1, 0})
	for _, a := range []float64{1e-200, 3, 1e200} {
		y := slices.Clone(x)
		for i := range y {
			y[i] *= a
		}
		for i, e := range Stable(y, 7) {
			compareLaws(t, e, Stable(x, 7)[i], a, 0)
		}
		for i := range y {
			y[i] += 100 * a
		}
		compareLaws(t, McCulloch(y, 7), McCulloch(x, 7), a, 100)
		compareLaws(t, Koutrouvelis(y), Koutrouvelis(x), a, 100)
	}
}

func compareLaws(t *testing.T, moved, plain StableEstimate, a, b float64) {
	t.Helper()
	got := lawOf(moved)
	got.scale, got.location = got.scale/a, got.location/a-b
	want := lawOf(plain)
	if err := numtest.AllClose([]float64{got.alpha, got.beta, got.scale, got.location, moved.CI.Lo, moved.CI.Hi},
		[]float64{want.alpha, want.beta, want.scale, want.location, plain.CI.Lo, plain.CI.Hi}, numtest.Tol{Rel: 1e-9, Abs: 1e-9}); err != nil {
		t.Errorf("%s, %g x + %g: %v", moved.Method, a, b, err)
	}
}

// -x has the same alpha and scale, and beta and location of the other sign; the order of values matters to block sums alone.
func TestStableMirrorAndOrder(t *testing.T) {
	x := stable("mirror", 0, 900, law{1.3, 0.6, 1, 1})
	negated, reversed := slices.Clone(x), slices.Clone(x)
	for i := range negated {
		negated[i] = -negated[i]
	}
	slices.Reverse(reversed)
	for i, e := range Stable(x, 1) {
		want, got := lawOf(e), lawOf(Stable(negated, 1)[i])
		want.beta, want.location = -want.beta, -want.location
		if err := closeLaws(got, want, 1e-9); err != nil {
			t.Errorf("%s of -x: %v", e.Method, err)
		}
		if err := closeLaws(lawOf(Stable(reversed, 1)[i]), lawOf(e), 1e-9); err != nil {
			t.Errorf("%s reversed: %v", e.Method, err) // whole blocks stay whole
		}
	}
}

func closeLaws(got, want law, tol float64) error {
	return numtest.AllClose([]float64{got.alpha, got.beta, got.scale, got.location},
		[]float64{want.alpha, want.beta, want.scale, want.location}, numtest.Tol{Rel: tol, Abs: tol})
}

func TestCharacteristicByDefinition(t *testing.T) {
	x := stable("characteristic", 0, 5000, law{1.5, 0, 2, 3})
	l := law{scale: 2, location: 3}
	for j, got := range characteristic(x, l, 40) {
		want := complex(0, 0)
		for _, v := range x {
			want += cmplx.Exp(complex(0, math.Pi/50*float64(j+1)*(v-3)/2)) / 5000
		}
		if cmplx.Abs(got-want) > 1e-12 {
			t.Errorf("point %d: %v, want %v", j+1, got, want)
		}
	}
}

// skewPhase is continuous at alpha = 1.
func TestSkewPhaseAtOne(t *testing.T) {
	for _, u := range []float64{0.1, 0.7, 1, 2} {
		if err := numtest.Close(skewPhase(1+1e-7, u), skewPhase(1, u), numtest.Tol{Rel: 1e-5, Abs: 1e-9}); err != nil {
			t.Errorf("u = %g: %v", u, err)
		}
	}
}

// The bootstrap's shortcut has the law of the plain one: means and spreads of the five quantiles agree within five standard errors.
func TestResampledQuantilesHaveTheLawOfTheBootstrap(t *testing.T) {
	sorted := slices.Sorted(slices.Values(normal(rng("bootstrap", 0), 30)))
	const reps = 4000
	var fast, slow [5][]float64
	r := rng("bootstrap", 1)
	for range reps {
		q := resampledQuantiles(sorted, r)
		y := make([]float64, len(sorted))
		for i := range y {
			y[i] = sorted[r.IntN(len(sorted))]
		}
		slices.Sort(y)
		for i, v := range quantilesOf(y) {
			fast[i], slow[i] = append(fast[i], q[i]), append(slow[i], v)
		}
	}
	for i := range fast {
		m1, s1 := meanStdDev(fast[i])
		m2, s2 := meanStdDev(slow[i])
		if math.Abs(m1-m2) > 5*s2*math.Sqrt(2.0/reps) || math.Abs(s1/s2-1) > 5*1.5/math.Sqrt(reps) {
			t.Errorf("quantile %d: %g +- %g, want %g +- %g", i, m1, s1, m2, s2)
		}
	}
}

func TestBlockSize(t *testing.T) {
	// Nearest to the root, the smaller of two; none for primes and units.
	for n, want := range map[int]int{0: 0, 1: 0, 2: 0, 3: 0, 4: 2, 6: 2, 8: 2, 9: 3, 50: 5, 97: 0, 1000: 25, 5000: 50} {
		if got := BlockSize(n); got != want {
			t.Errorf("BlockSize(%d) = %d, want %d", n, got, want)
		}
	}
}

func TestStableUndefined(t *testing.T) {
	type why = map[string]string
	for name, c := range map[string]struct {
		x    []float64
		want why
	}{
		"empty":  {nil, why{"mohammadi": "all values are equal"}},
		"one":    {[]float64{1}, why{"koutrouvelis": "all values are equal"}},
		"NaN":    {[]float64{1, nan, 2, 3}, why{"mcculloch": "a value is not finite"}},
		"inf":    {[]float64{1, inf, 2, 3}, why{"log-moment": "a value is not finite"}},
		"zeros":  {[]float64{1, 0, 2, 3}, why{"mohammadi": "exact zeros have no logarithm", "log-moment": "exact zeros have no logarithm"}},
		"prime":  {[]float64{1, -2, 3, 4, -7}, why{"mohammadi": "the number of values is prime: there are no blocks of equal size"}},
		"cancel": {[]float64{1, -1, 3, 4, 5, 6}, why{"mohammadi": "a block sum is exactly zero"}},
		"ties":   {[]float64{5, 2, 2, 2, 2, 2, 2, 2, -3}, why{"mcculloch": "the quartiles are equal", "koutrouvelis": "the quartiles are equal"}},
	} {
		for _, e := range Stable(c.x, 1) {
			if want := c.want[e.Method]; want != "" && (e.Alpha.Defined() || e.CI.Defined() || !slices.Equal(e.Warnings, []string{want})) {
				t.Errorf("%s: %+v, want %q", name, e, want)
			}
		}
	}
}

// Values whose sums overflow have a logarithm all the same: two equal numbers sum to twice one, so that alpha = 1.
func TestMohammadiDoesNotOverflow(t *testing.T) {
	x := []float64{1.5e308, 1.5e308, 1.2e308, 1.2e308}
	if err := numtest.Close(float64(Mohammadi(x).Alpha), 1, numtest.Tol{Rel: 1e-12}); err != nil {
		t.Error(err)
	}
}

// What is lighter than Gaussian is not clipped, but by the table that ends there.
func TestLightSamplesAreAboveTwo(t *testing.T) {
	x := make([]float64, 2000)
	r := rng("light", 0)
	for i := range x {
		x[i] = r.Float64() - 0.5
	}
	rows := Stable(x, 1)
	for _, e := range []StableEstimate{rows[1], rows[3]} {
		if e.Alpha <= 2 || e.Beta.Defined() {
			t.Errorf("%+v", e)
		}
	}
	if e := rows[2]; e.Alpha != 2 || len(e.Warnings) != 1 {
		t.Errorf("%+v", e)
	}
}

func TestStableDoesNotDependOnWorkers(t *testing.T) {
	defer parallel.SetWorkers(0)
	x := stable("workers", 0, 30_000, law{1.5, 0.3, 1, 0})
	var rows []string
	for _, w := range []int{1, 2, 5} {
		parallel.SetWorkers(w)
		rows = append(rows, fmt.Sprint(Stable(x, 1), ScaleArtefact(Matrix{1000, 30, x}, 1)))
	}
	if rows[0] != rows[1] || rows[0] != rows[2] {
		t.Errorf("%v", rows)
	}
}

func TestStableInputsAreNotModified(t *testing.T) {
	x := stable("unmodified", 0, 400, law{1.5, 0, 1, 0})
	before := slices.Clone(x)
	Stable(x, 1)
	if !slices.Equal(x, before) {
		t.Error("the sample was modified")
	}
}

func BenchmarkStable(b *testing.B) {
	x := stable("bench", 0, 1_000_000, law{1.5, 0.3, 1, 0})
	for b.Loop() {
		Stable(x, 1)
	}
}
