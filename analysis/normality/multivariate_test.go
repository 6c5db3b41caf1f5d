package normality

import (
	"math"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/noiseprobe/noiseprobe/internal/numtest"
	"github.com/noiseprobe/noiseprobe/internal/parallel"
	"github.com/noiseprobe/noiseprobe/internal/seed"
)

// normalRows returns correlated rows of a normal law with a mean.
func normalRows(n, d int, root uint64) Rows {
	r := seed.New(root, "rows", uint64(n), uint64(d))
	x := make([]float64, n*d)
	for i := range n {
		common := r.NormFloat64()
		for j := range d {
			x[i*d+j] = 0.5*common + float64(j+1)*r.NormFloat64() + 3
		}
	}
	return Rows{n, d, x}
}

// slow are the statistics from their definitions, with the inverse of the covariance (divisor n) and no shortcut.
type slow struct{ b1, b2, hz, energy float64 }

func byDefinition(r Rows) slow {
	n, d := float64(r.N), float64(r.D)
	mean := make([]float64, r.D)
	for i, v := range r.X {
		mean[i%r.D] += v / n
	}
	c := mat.NewDense(r.D, r.D, nil)
	y := mat.NewDense(r.N, r.D, nil)
	for i, v := range r.X {
		y.Set(i/r.D, i%r.D, v-mean[i%r.D])
	}
	c.Mul(y.T(), y)
	c.Scale(1/n, c)
	var inverse, half, g mat.Dense
	if err := inverse.Inverse(c); err != nil {
		panic(err)
	}
	half.Mul(y, &inverse)
	g.Mul(&half, y.T())
	var s slow
	b := math.Pow((2*d+1)*n/4, 1/(d+4)) / math.Sqrt2
	pairs := 0.0
	for i := range r.N {
		q := g.At(i, i)
		s.b2 += q * q / n
		s.hz -= 2 * math.Pow(1+b*b, -d/2) * math.Exp(-b*b*q/2/(1+b*b))
		s.energy += 2 * math.Sqrt2 * gammaOf((d+1)/2) / gammaOf(d/2) * kummer(d/2, q*(n-1)/n/2)
		for j := range r.N {
			sq := q + g.At(j, j) - 2*g.At(i, j)
			s.b1 += math.Pow(g.At(i, j), 3) / (n * n)
			s.hz += math.Exp(-b*b/2*sq) / n
			pairs += math.Sqrt(max(0, sq*(n-1)/n))
		}
	}
	s.hz += n * math.Pow(1+2*b*b, -d/2)
	s.energy -= n*2*gammaOf((d+1)/2)/gammaOf(d/2) + pairs/n
	return s
}

func gammaOf(x float64) float64 { return math.Gamma(x) }

// kummer returns 1F1(-1/2; b; -x) = exp(-x) 1F1(b + 1/2; b; x), term by term.
func kummer(b, x float64) float64 {
	sum, term := 1.0, 1.0
	for k := 0.0; k < 2000; k++ {
		term *= (b + 0.5 + k) / (b + k) * x / (k + 1)
		sum += term
	}
	return math.Exp(-x) * sum
}

func statistics(r Rows) []float64 {
	m, _ := Mardia(r)
	return []float64{float64(m.B1), float64(m.B2), float64(HenzeZirkler(r).Statistic), float64(Energy(r, 0, 0).Statistic)}
}

func TestMultivariateAgainstDefinition(t *testing.T) {
	for _, r := range []Rows{normalRows(40, 1, 1), normalRows(12, 3, 1), normalRows(300, 4, 1), normalRows(700, 11, 1)} {
		want := byDefinition(r)
		if err := numtest.AllClose(statistics(r), []float64{want.b1, want.b2, want.hz, want.energy}, numtest.Tol{Rel: 1e-9}); err != nil {
			t.Errorf("%d x %d: %v", r.N, r.D, err)
		}
	}
	if want := byDefinition(normalRows(40, 1, 1)); numtest.Close(want.b1*1.001, want.b1, numtest.Tol{Rel: 1e-9}) == nil {
		t.Error("the comparison is blind")
	}
}

func TestBothFormsOfMardiasSkewness(t *testing.T) {
	for _, r := range []Rows{normalRows(60, 2, 2), normalRows(5000, 3, 2), normalRows(300, 20, 2)} {
		v := whiten(r)
		if err := numtest.Close(v.skewnessOfPairs(), v.skewnessOfMoments(), numtest.Tol{Rel: 1e-9}); err != nil {
			t.Errorf("%d x %d: %v", r.N, r.D, err)
		}
	}
}

// pingouin 0.5, multivariate_normality on Fever, Pressure and Aches of its data set "multivariate": 0.5400861018514641, p =
// 0.7173686509624891.
// Rows that lie symmetric around a point have a b1 of 0, which rounding makes negative in one sample of three.
func TestSymmetricRowsAreNotSkewed(t *testing.T) {
	for root := range uint64(20) {
		r := normalRows(4, 3, root)
		for _, v := range r.X[:12] {
			r.X = append(r.X, -v)
		}
		m, tests := Mardia(Rows{8, 3, r.X})
		if !(m.B1 >= 0 && m.B1 < 1e-12) || tests[0].PValue != 1 {
			t.Errorf("root %d: %+v, %+v", root, m, tests[0])
		}
	}
}

func TestHenzeZirklerGolden(t *testing.T) {
	x := []float64{38.4, 73, 18, 36.8, 85, 14, 40, 58, 20, 39.8, 80, 20, 38.6, 68, 25, 39.1, 52, 27, 38.9, 79, 26, 36.8, 100, 8,
		40.4, 64, 21, 39.4, 53, 22, 38, 70, 15, 38.6, 75, 14, 40.1, 48, 28, 38.1, 57, 22, 37.2, 78, 16, 39.5, 65, 18, 37.3, 77, 13,
		39.1, 67, 16, 40.9, 54, 14, 39.5, 75, 18, 39.4, 57, 24, 38.2, 71, 24, 39.7, 65, 22, 38.9, 49, 30, 38.6, 58, 25, 39.9, 52, 17,
		41.3, 62, 18, 38.1, 57, 20, 39.6, 78, 19, 37.1, 92, 15, 39.5, 63, 13, 40.3, 52, 25, 41.5, 46, 27, 39.3, 56, 14, 37.6, 86, 16,
		40.6, 48, 21}
	got := HenzeZirkler(Rows{36, 3, x})
	if err := numtest.AllClose([]float64{float64(got.Statistic), float64(got.PValue)}, []float64{0.5400861018514641, 0.7173686509624891},
		numtest.Tol{Rel: 1e-12}); err != nil {
		t.Error(err)
	}
}

// Any invertible affine map of the rows leaves every statistic alone; so do a mean of 1e6, and scales at the ends of float64.
func TestAffineInvariance(t *testing.T) {
	r := normalRows(200, 4, 3)
	for i, v := range r.X {
		r.X[i] = math.Round(v*1024) / 1024 // so that a shift by 2^20 is exact
	}
	want := statistics(r)
	mapped := func(f func(i, j int) float64) Rows {
		x := make([]float64, len(r.X))
		for k := range x {
			x[k] = f(k/r.D, k%r.D)
		}
		return Rows{r.N, r.D, x}
	}
	at := func(i, j int) float64 { return r.X[i*r.D+j] }
	for name, c := range map[string]struct {
		rows Rows
		rel  float64
	}{
		"mixed":           {mapped(func(i, j int) float64 { return at(i, j) - 2*at(i, (j+1)%4) }), 1e-9},
		"shifted":         {mapped(func(i, j int) float64 { return at(i, j) + 1<<20 }), 1e-9},
		"tiny":            {mapped(func(i, j int) float64 { return at(i, j) * 1e-300 }), 1e-9},
		"huge":            {mapped(func(i, j int) float64 { return at(i, j) * 1e300 }), 1e-9},
		"unlike columns":  {mapped(func(i, j int) float64 { return at(i, j) * math.Pow(1e-80, float64(j)) }), 1e-9},
		"ill-conditioned": {mapped(func(i, j int) float64 { return at(i, 0)*float64(min(j, 1)) + 1e-3*at(i, j) }), 1e-8},
		"permuted":        {mapped(func(i, j int) float64 { return at(199-i, j) }), 1e-9},
	} {
		if err := numtest.AllClose(statistics(c.rows), want, numtest.Tol{Rel: c.rel}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestRowsThatAreRefused(t *testing.T) {
	good := normalRows(30, 3, 4)
	with := func(change func(x []float64)) Rows {
		x := slices.Clone(good.X)
		change(x)
		return Rows{30, 3, x}
	}
	for reason, r := range map[string]Rows{
		"needs at least d + 2 = 5 rows, got 4":   {4, 3, good.X[:12]},
		"needs at least d + 2 = 5 rows, got 0":   {0, 3, nil},
		"column 1 (counting from 0) has values":  with(func(x []float64) { x[4] = nan }),
		"column 2 (counting from 0) has values":  with(func(x []float64) { x[5] = -inf }),
		"column 0 (counting from 0) is constant": with(func(x []float64) { setColumn(x, 0, func([]float64) float64 { return 7 }) }),
		"singular":                               with(func(x []float64) { setColumn(x, 2, func(row []float64) float64 { return row[0] - 3*row[1] }) }),
	} {
		m, tests := Mardia(r)
		tests = append(tests, HenzeZirkler(r), Energy(r, 9, 1))
		for _, test := range tests {
			if m.B2.Defined() || test.Statistic.Defined() || test.LogP.Defined() || !strings.Contains(test.Reason, reason) {
				t.Errorf("%s: %+v", reason, test)
			}
		}
	}
}

func setColumn(x []float64, j int, f func(row []float64) float64) {
	for i := 0; i < len(x); i += 3 {
		x[i+j] = f(x[i : i+3])
	}
}

// With n = d + 1 rows b2 is (n-1)^2 whatever the rows are: why they are refused.
func TestSimplexHasNoShape(t *testing.T) {
	for _, d := range []int{1, 2, 5} {
		s := byDefinition(normalRows(d+1, d, 5))
		if err := numtest.Close(s.b2, float64(d*d), numtest.Tol{Rel: 1e-9}); err != nil {
			t.Errorf("d = %d: %v", d, err)
		}
	}
}

func TestResultsDoNotDependOnWorkers(t *testing.T) {
	defer parallel.SetWorkers(0)
	r := normalRows(700, 5, 6)
	parallel.SetWorkers(1)
	want, p := statistics(r), Energy(r, 19, 3)
	for _, w := range []int{2, 3, 7} {
		parallel.SetWorkers(w)
		if got := statistics(r); !slices.Equal(got, want) || Energy(r, 19, 3) != p {
			t.Errorf("%d workers: %v, want %v", w, got, want)
		}
	}
}

func TestRowsAreNotModified(t *testing.T) {
	r := normalRows(100, 4, 7)
	before := slices.Clone(r.X)
	Multivariate(r, MultivariateOptions{})
	Pursue(r, 1)
	if !slices.Equal(r.X, before) {
		t.Error("the rows were modified")
	}
}

func TestLogChiSquaredTail(t *testing.T) {
	// P(chi^2_2 > x) = exp(-x/2); P(chi^2_4 > x) = exp(-x/2)(1 + x/2).
	for _, x := range []float64{0.1, 3, 700, 1400, 1e5, 1e9} {
		if err := numtest.Close(logChiSquaredTail(x, 2), -x/2, numtest.Tol{Rel: 1e-12}); err != nil {
			t.Errorf("x = %g: %v", x, err)
		}
		if err := numtest.Close(logChiSquaredTail(x, 4), math.Log1p(x/2)-x/2, numtest.Tol{Rel: 1e-12}); err != nil {
			t.Errorf("x = %g: %v", x, err)
		}
	}
	// An odd number: erfc(sqrt(x/2)), which is a normal's two tails.
	for _, z := range []float64{1, 10, 30, 50, 1e3} {
		if err := numtest.Close(logChiSquaredTail(z*z, 1), logTwoSided(z), numtest.Tol{Rel: 1e-11}); err != nil {
			t.Errorf("z = %g: %v", z, err)
		}
	}
	// An even number is a Poisson sum: log sum_{k<500} exp(-y) y^k/k!, from its last term down.
	y, sum, term := 4000.0, 0.0, 1.0
	for k := 499.0; k >= 0; k-- {
		sum += term
		term *= k / y
	}
	lg, _ := math.Lgamma(500)
	if err := numtest.Close(logChiSquaredTail(2*y, 1000), -y+499*math.Log(y)-lg+math.Log(sum), numtest.Tol{Rel: 1e-11}); err != nil {
		t.Error(err)
	}
}

func TestMeanDistance(t *testing.T) {
	for _, d := range []int{1, 2, 3, 10, 47, 48, 50, 200} {
		for _, x := range []float64{0, 1e-9, 0.3, 1, 7, 40, 300} {
			scale := math.Sqrt2 * math.Exp(lgamma(float64(d+1)/2)-lgamma(float64(d)/2))
			if err := numtest.Close(meanDistance(2*x, d), scale*kummer(float64(d)/2, x), numtest.Tol{Rel: 2e-13}); err != nil {
				t.Errorf("d = %d, x = %g: %v", d, x, err)
			}
		}
	}
	// In one dimension: a (2 Phi(a) - 1) + 2 phi(a).
	for _, a := range []float64{0.1, 1, 5, 100, 3000} {
		want := a*math.Erf(a/math.Sqrt2) + math.Sqrt(2/math.Pi)*math.Exp(-a*a/2)
		if err := numtest.Close(meanDistance(a*a, 1), want, numtest.Tol{Rel: 1e-13}); err != nil {
			t.Errorf("a = %g: %v", a, err)
		}
	}
}

func lgamma(x float64) float64 {
	v, _ := math.Lgamma(x)
	return v
}
