package main

import (
	"fmt"
	"io"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/noiseprobe/noiseprobe/analysis/compare"
	"github.com/noiseprobe/noiseprobe/analysis/covariance"
	"github.com/noiseprobe/noiseprobe/analysis/enhancement"
	"github.com/noiseprobe/noiseprobe/analysis/estimate"
	"github.com/noiseprobe/noiseprobe/analysis/normality"
	"github.com/noiseprobe/noiseprobe/analysis/optimizer"
	"github.com/noiseprobe/noiseprobe/analysis/shape"
	"github.com/noiseprobe/noiseprobe/analysis/tail"
	"github.com/noiseprobe/noiseprobe/internal/numtest"
	"github.com/noiseprobe/noiseprobe/internal/parallel"
	"github.com/noiseprobe/noiseprobe/internal/seed"
	"github.com/noiseprobe/noiseprobe/probe"
	"gonum.org/v1/gonum/stat"
)

// TestEveryCaseRuns: with a few replicates every case gives a finite row, the page has it, and another number of workers changes
// nothing.
func TestEveryCaseRuns(t *testing.T) {
	defer parallel.SetWorkers(0)
	o := options{seed: 1, replicates: numtest.Cases(4, 2), seeds: 1}
	c := measure(o, cases(), io.Discard)
	page := c.page()
	for _, r := range c.rows {
		line := lineOf(r.target, r.data, r.n)
		if !strings.Contains(page, line) {
			t.Errorf("the page has no row %q", line)
		}
		if r.kind == covers && r.given > 0 && math.Abs(r.covered+r.above+r.below-1) > 1e-9 {
			t.Errorf("%s: the shares %+v do not add up", line, r.coverage)
		}
		withheld := strings.HasPrefix(r.data, few(0.01, 0.73).name)
		if r.kind == rejects && r.five.N == 0 && r.n > 20 && !withheld {
			t.Errorf("%s: no p-value at all", line)
		}
	}
	if strings.Contains(page, "NaN") {
		t.Error("the page has a NaN")
	}
	for _, workers := range []int{1, 3} {
		parallel.SetWorkers(workers)
		if again := measure(o, cases()[:2], io.Discard); !slices.EqualFunc(again.rows, c.rows[:len(again.rows)], sameRow) {
			t.Errorf("%d workers change the rows", workers)
		}
	}
	parallel.SetWorkers(0)
	o.seed++
	if other := measure(o, cases()[:1], io.Discard); slices.EqualFunc(other.rows, c.rows[:len(other.rows)], sameRow) {
		t.Error("the seed changes nothing")
	}
}

// lineOf is how a row of the page begins.
func lineOf(t target, data string, n int) string {
	if t.kind == says {
		return fmt.Sprintf("| %s | %d |", data, n)
	}
	return fmt.Sprintf("| %s | %s | %d |", t.name, data, n)
}

func sameRow(a, b row) bool { return fmt.Sprint(a) == fmt.Sprint(b) }

// TestEveryIntervalHasACase lists, by name, what the packages give an interval or a p-value to.
func TestEveryIntervalHasACase(t *testing.T) {
	intervals, tests := map[string]bool{}, map[string]bool{}
	for _, e := range cases() {
		for _, r := range e.targets {
			switch r.kind {
			case rejects:
				tests[r.name] = true
			case covers:
				intervals[r.name] = true
			}
		}
	}
	for _, name := range namesOfIntervals() {
		if !intervals[name] {
			t.Errorf("%s has an interval and no case", name)
		}
	}
	for _, name := range namesOfTests() {
		if !tests[name] {
			t.Errorf("%s has a p-value and no case", name)
		}
	}
}

// namesOfIntervals asks the packages themselves, where their results name them.
func namesOfIntervals() []string {
	names := []string{"rho", "f", "f, naive", "B_eff against recorded units", "B_eff against SGD at B_eff", "B_eff against SGD at B",
		"B_eff against all norms", "population gamma", "population norm_excess_unit", "trace-ratio to SGD at B_eff", "exponent s", "g1", "g2", "eigenvalue 1",
		compare.MethodPaired, compare.MethodWelch, "mean of a cell", "distance of curves", "weak noise, exponent of f", "weak noise, exponent of B_eff",
		"noise scale of a log", "tr Sigma of a log", "squared gradient norm of a log", settledName, measuredName, optimizer.KeyUpdateTrace}
	for _, arm := range enhancement.Arms() {
		names = append(names, "excess of "+arm.String())
	}
	names = append(names, gammaName, normExcessName, "G1 along a direction", "G2 along a direction")
	c := covariance.Analyse(gaussian.of(60, 256, 60).units(seed.New(1, "names"), 256), 1)
	for key := range c.CI {
		names = append(names, key)
	}
	for key := range c.Extrapolated {
		names = append(names, "extrapolated "+key)
	}
	for _, e := range tail.Analyse([]float64{1, 2, 3}, tail.Settings{K: 1}).Estimates {
		names = append(names, e.Method, e.Method+" in its surrogate band")
	}
	names = append(names, "scale artefact, alpha", "scale artefact, difference to Gaussian surrogates",
		"pursuit, held-out g2 in its Gaussian interval", "exponent s in its Gaussian band", "eigenvalue 1 below null_edge")
	for _, s := range tail.Stable([]float64{1, 2}, 1) {
		names = append(names, s.Method)
	}
	return names
}

func namesOfTests() []string {
	names := []string{"rho", "B_eff against recorded units", "B_eff against SGD at B_eff", "B_eff against all norms", "trace-ratio to SGD at B_eff", "equivalence",
		compare.MethodPaired, compare.MethodWelch, "distance of curves", "weak noise, exponent of f", "smallest p of a family, by Holm",
		"equivalence, Welch t", "equivalence, distance of curves", "equivalence, weak noise",
		"power-law goodness of fit", "pursuit, held-out dagostino-kurtosis"}
	for _, arm := range enhancement.Arms() {
		names = append(names, "excess of "+arm.String())
	}
	l := gaussian.of(60, 128, 60)
	u := l.units(seed.New(1, "names"), 128, probe.RandomDirections(1, l.p, 1)...)
	for _, t := range shape.Of(u, shape.Settings{Alpha: math.NaN()}).Shape.Tests {
		names = append(names, nameOf(t))
	}
	all := normality.Tests([]float64{1, 2})
	all = append(all, normality.Multivariate(normality.Rows{N: 2, D: 1, X: []float64{1, 2}}, normality.MultivariateOptions{}).Tests...)
	for _, t := range all {
		names = append(names, t.Name)
	}
	return names
}

// TestCommittedPage: the page in the repository has every case of today. Its numbers are too slow to repeat here.
func TestCommittedPage(t *testing.T) {
	text, err := os.ReadFile("../../docs/calibration.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range cases() {
		for _, r := range e.targets {
			if line := lineOf(r, e.data, e.n); !strings.Contains(string(text), line) {
				t.Errorf("docs/calibration.md has no row %q: run go -C tools run ./calibrate", line)
			}
		}
	}
	for _, s := range introductions {
		if !strings.Contains(string(text), "\n## "+s.title+"\n\n"+s.text+"\n") {
			t.Errorf("docs/calibration.md does not introduce %s as today: run go -C tools run ./calibrate -section %s", s.title, s.section)
		}
	}
	if !strings.Contains(string(text), "    go -C tools run ./calibrate\n") {
		t.Error("the page does not say how it is made")
	}
}

// TestReplaceSections: a section that is measured again is put in the place of its old one, or where it belongs, and the others stay as they are.
func TestReplaceSections(t *testing.T) {
	o := options{seed: 1, replicates: 2, seeds: 1}
	page := "# Calibration\n"
	for _, s := range introductions {
		if s.section != sectionNoiseVerdict {
			page += "\n## " + s.title + "\n\nold\n"
		}
	}
	page += "\n## verify (`analysis/identity`)\n\nold\n"
	got, err := replace(page, o, []string{sectionNoiseVerdict}, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	again, err := replace(got, o, []string{sectionNoiseVerdict}, io.Discard)
	if err != nil || again != got {
		t.Errorf("twice is not once: %v\n%s", err, again)
	}
	at := strings.Index(got, "equal B_eff (`analysis/compare`)")
	if at < 0 || at > strings.Index(got, "## Logs of norms") || strings.Count(got, "\nold\n") != strings.Count(page, "\nold\n") || !strings.Contains(got[at:], "| stronger | weaker |") {
		t.Errorf("%s", got)
	}
	if _, err := replace(page, o, []string{"no such section"}, io.Discard); err == nil {
		t.Error("an unknown section is accepted")
	}
}

func TestCoverageOf(t *testing.T) {
	inf := math.Inf(1)
	c := coverageOf([]reading{
		{value: 2, ci: estimate.Interval{Lo: 1, Hi: 3}},
		{value: 4, ci: estimate.Interval{Lo: 3, Hi: inf}},
		{value: 1, ci: estimate.Interval{Lo: 0, Hi: 1.5}},
		{value: math.NaN(), ci: estimate.None()},
	}, 2)
	// By hand: differences 0, 2, -1 over 2; mean 1/6, sd sqrt(7/3)/2, over sqrt 3; median 0.
	got := []float64{c.covered, c.above, c.below, c.open, c.absent, c.mean, c.meanError}
	want := []float64{1.0 / 3, 1.0 / 3, 1.0 / 3, 1.0 / 3, 0.25, 1.0 / 6, math.Sqrt(7.0/9) / 2}
	if err := numtest.AllClose(got, want, numtest.Tol{Rel: 1e-12}); err != nil {
		t.Error(err)
	}
}

// 1 of 20 is said; the exact interval is that of R's binom.test(1, 20), 0.001265 to 0.248733.
func TestRateOf(t *testing.T) {
	readings := said(make([]bool, 20)...)
	readings[7].said = true
	r := rateOf(readings)
	if err := numtest.AllClose([]float64{float64(r.Rate), r.CI.Lo, r.CI.Hi}, []float64{0.05, 0.001265, 0.248733}, numtest.Tol{Rel: 1e-3}); err != nil {
		t.Error(err)
	}
}

// The laws have the moments that the cases hold estimates against: the mean of many |x|^2 and |x|^4. The fourth moment of |x|^2 bounds the
// error of the latter, so that laws without one are left out; the others leave their five standard errors with probability 1e-6 a law.
func TestLaws(t *testing.T) {
	const n = 40000
	for _, l := range []law{gaussian, skewed, few(0.02, 0.5), logNormal(0.25)} {
		l = l.of(8, n, 0)
		var squares, fourths []float64
		for row := range slices.Chunk(l.rows(seed.New(1, "laws"), n), l.p) {
			square := 0.0
			for _, v := range row {
				square += v * v
			}
			squares, fourths = append(squares, square), append(fourths, square*square)
		}
		t1 := l.trace()
		for i, want := range []float64{t1, l.kappa() + t1*t1 + 2*l.traceOfSquare()} {
			mean, sd := stat.MeanStdDev([][]float64{squares, fourths}[i], nil)
			if math.Abs(mean-want) > 5*sd/math.Sqrt(n) {
				t.Errorf("%s: moment %d of |x| is %g, want %g", l.name, 2*i+2, mean, want)
			}
		}
	}
}

// TestInfiniteMoments: a law without a fourth moment has an infinite kappa, also where its coordinates have no excess, and no rows of gamma.
func TestInfiniteMoments(t *testing.T) {
	if k := t3.of(8, 64, 6).kappa(); !math.IsInf(k, 1) {
		t.Errorf("kappa of Student t3 is %g", k)
	}
	for _, target := range unequalCase(t3.of(8, 64, 6), 64).targets {
		if strings.HasPrefix(lineOf(target, "", 64), "| "+gammaName+" |") {
			t.Error("Student t3 has a row of gamma")
		}
	}
}

func TestSizeOf(t *testing.T) {
	var readings []reading
	for i := range 100 {
		readings = append(readings, reading{p: (float64(i) + 0.5) / 100})
	}
	s := sizeOf(readings)
	if s.five.Rejected != 5 || s.one.Rejected != 1 || math.Abs(s.distance-0.005) > 1e-12 || s.uniformity != 1 {
		t.Errorf("%+v", s)
	}
	for i := range readings {
		readings[i].p *= readings[i].p // a test that rejects too often
	}
	if s := sizeOf(readings); s.uniformity > 1e-4 || s.five.CI.Lo < 0.05 {
		t.Errorf("too many rejections pass: %+v", s)
	}
}

// Kolmogorov's limit law has 1.3581 as its 95% point and 1.6276 as its 99% point (tables).
func TestKolmogorovPValue(t *testing.T) {
	const n = 400
	for x, want := range map[float64]float64{1.3581: 0.05, 1.6276: 0.01} {
		shift := x / (math.Sqrt(n) + 0.12 + 0.11/math.Sqrt(n))
		u := make([]float64, n)
		for i := range u {
			u[i] = max(0, float64(i+1)/n-shift) // shift below the diagonal, everywhere
		}
		if d, p := fromUniform(u); math.Abs(d-shift) > 1e-12 || math.Abs(p-want) > 1e-4 {
			t.Errorf("D = %g, p = %g, want %g, %g", d, p, shift, want)
		}
	}
}

// The laws are what the cases say they are. With 40,000 draws a share has a standard error of 0.25 points at most: at another
// seed one of the six leaves its five with probability 4e-6.
func TestGenerators(t *testing.T) {
	const n = 40000
	for _, c := range []struct {
		name  string
		x     []float64
		above float64
		want  float64 // P(X > above)
	}{
		{"pareto", sample(seed.New(1, "generators"), n, pareto), 2, 0.25},
		{"burr", sample(seed.New(1, "generators"), n, burr), 2, 0.2},
		{"cauchy", sample(seed.New(1, "generators"), n, stable(1)), 1, 0.25},
		{"stable at 2", sample(seed.New(1, "generators"), n, stable(2)), math.Sqrt2, 0.158655253931457},
		{"laplace", sample(seed.New(1, "generators"), n, laplace), 1, math.Exp(-1) / 2},
		{"student", sample(seed.New(1, "generators"), n, student(3)), 1.637744353696210, 0.1}, // tables
	} {
		count := 0.0
		for _, v := range c.x {
			if v > c.above {
				count++
			}
		}
		if math.Abs(count/n-c.want) > 5*binomialError(c.want, n) {
			t.Errorf("%s: %g above %g, want %g", c.name, count/n, c.above, c.want)
		}
	}
}

func TestVerdict(t *testing.T) {
	verdict := func(covered float64) string {
		return row{target: target{bar: true}, coverage: coverage{covered: covered, given: 2000}}.verdict()
	}
	for covered, want := range map[float64]string{0.93: "yes", 0.955: "yes", 0.925: "~", 0.972: "~", 0.9: "no", 0.99: "no"} {
		if got := verdict(covered); got != want {
			t.Errorf("%g: %q, want %q", covered, got, want)
		}
	}
}
