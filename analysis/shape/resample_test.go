package analysis

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/noiseprobe/noiseprobe/analysis/enhancement"
	"github.com/noiseprobe/noiseprobe/analysis/report"
	"github.com/noiseprobe/noiseprobe/internal/numtest"
	"github.com/noiseprobe/noiseprobe/internal/seed"
	"github.com/noiseprobe/noiseprobe/noise"
	"github.com/noiseprobe/noiseprobe/probe"
)

// TestEveryRowSaysWhatItIs: axis, evidence, standardisation, size and surrogate.
func TestEveryRowSaysWhatItIs(t *testing.T) {
	c := Analyse(factoredUnits(64), directDraws(16, 1.5), settings).Checkpoint
	if len(c.Normality) < 20 || len(c.Tails) != 8 {
		t.Fatalf("%d rows of moments, %d of tails", len(c.Normality), len(c.Tails))
	}
	for _, r := range c.Normality {
		drawn := r.Axis == report.AxisDraws
		if r.Of == "" || !drawn && r.Axis != report.AxisUnits || r.Standardised != drawn || (r.Alpha != nil) != drawn || (r.Batch != nil) != drawn {
			t.Errorf("row %+v", r)
		}
		want := map[string]int{enhancement.Resampled: DefaultResamples, enhancement.Direct: 16, recorded: 64}[r.Evidence]
		if r.N != want || !r.GaussianSurrogate.Defined() || !r.ExcessKurtosisCeiling.Defined() || len(r.Tests) != 2 {
			t.Errorf("%s: n = %d, want %d; surrogate %v", r.Of, r.N, want, r.GaussianSurrogate)
		}
		if r.ExcessKurtosisPredicted.Defined() != (r.Evidence == enhancement.Resampled) {
			t.Errorf("%s, %s: predicted %g", r.Of, r.Evidence, r.ExcessKurtosisPredicted)
		}
	}
	for _, r := range c.Tails {
		if r.Axis == "" || r.Evidence == "" || r.Standardised != (r.Axis == report.AxisDraws) || r.N == 0 {
			t.Errorf("row %+v", r)
		}
		for i, e := range r.Estimates {
			if s := r.Surrogate[i]; s.Method != e.Method || !s.GammaBand.Defined() {
				t.Errorf("%s: surrogate %+v of %s", r.Of, s, e.Method)
			}
		}
	}
}

// TestPredictedShape computes the judged half's projections from the dense gradients, and its moments with package noise.
// The measured kurtosis may differ by 5 standard errors, sqrt(24/16384) near a Gaussian: false alarm 6e-7 a row, 18 rows.
func TestPredictedShape(t *testing.T) {
	u := factoredUnits(64)
	s := settings
	s.Batch = 10
	_, judged := halves(u.N, s.Seed)
	sh := drawShape(u, s)
	var random *axis
	for i := range sh.axes {
		if sh.axes[i].name == randomAxis {
			random = &sh.axes[i]
		}
	}
	projections := pick(u.Projections[0].Values, judged)
	centre(projections)
	if err := numtest.AllClose(random.units, projections, numtest.Tol{Abs: 1e-12}); err != nil {
		t.Error(err)
	}
	var c report.Checkpoint
	sh.addTo(&c)
	for i, r := range c.Normality {
		population := noise.NewPopulation(sh.axes[i/3].units)
		m := noise.Moments(noise.Replacement, population, *r.Batch, *r.Alpha)
		if float64(r.ExcessKurtosisPredicted) != m.ExcessKurtosis() || float64(r.SkewnessPredicted) != m.Skewness() {
			t.Errorf("%s: predicted %g, want %g", r.Of, r.ExcessKurtosisPredicted, m.ExcessKurtosis())
		}
		if d := float64(r.ExcessKurtosisG2 - r.ExcessKurtosisPredicted); math.Abs(d) > 0.2 {
			t.Errorf("%s, alpha = %g, B = %d: kurtosis %g, predicted %g", r.Of, *r.Alpha, *r.Batch, r.ExcessKurtosisG2, r.ExcessKurtosisPredicted)
		}
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
		centre(got)
		direction := leadingByPower(chosen, row, p, k)
		want := make([]float64, len(judged))
		for b, j := range judged {
			for l, v := range row(j) {
				want[b] += v * direction[l]
			}
		}
		centre(want)
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

// consistent counts the resampled rows of moments and the tail estimates that their surrogates hold.
func consistent(c report.Checkpoint, of string) (inside, total int) {
	count := func(in bool) {
		total++
		if in {
			inside++
		}
	}
	for _, r := range c.Normality {
		if r.Evidence == enhancement.Resampled && strings.HasPrefix(r.Of, of) {
			count(r.GaussianSurrogate.Contains(float64(r.ExcessKurtosisG2)))
		}
	}
	for _, r := range c.Tails {
		if r.Evidence == enhancement.Resampled && strings.HasPrefix(r.Of, of) {
			for i, e := range r.Estimates {
				count(r.Surrogate[i].Contains(e))
			}
		}
	}
	return inside, total
}

// TestGaussianGradientsAreGaussian: at B = 60 the noise of Gaussian gradients comes out as Gaussian in about 95% of the rows,
// also where the coordinates' scales have a log-scale spread of 1: pooled, those would have an excess kurtosis of
// 3 (exp(4) - 1) = 161. With 30 rows of moments and estimates in each of 12 sets, of which those of one set hang together, the
// standard error of the share is about 1.5 points; the bound of 88% is
// 3.7 away (3 for the 8 sets of a short run).
func TestGaussianGradientsAreGaussian(t *testing.T) {
	t.Parallel()
	const p = 100
	sets := 12
	if testing.Short() {
		sets = 8
	}
	for _, spread := range []float64{0, 1} {
		inside, total := 0, 0
		for set := range sets {
			rng := seed.New(4, fmt.Sprint("gaussian", spread), uint64(set))
			scale := make([]float64, p)
			for k := range scale {
				scale[k] = math.Exp(spread * rng.NormFloat64())
			}
			u := denseUnits(128, p, func(k int) float64 { return scale[k] * rng.NormFloat64() })
			s := Settings{Alpha: 1.5, Batch: 60, Seed: uint64(set)}
			var c report.Checkpoint
			drawShape(u, s).addTo(&c)
			in, all := consistent(c, "noise")
			inside, total = inside+in, total+all
		}
		if share := float64(inside) / float64(total); share < 0.88 || share > 0.99 {
			t.Errorf("spread %g: %d of %d rows are consistent with Gaussian", spread, inside, total)
		}
	}
}

// heavyCoordinate makes coordinate 0 Student t with 2 degrees of freedom, larger than all the rest.
func heavyCoordinate(rng *rand.Rand) func(k int) float64 {
	return func(k int) float64 {
		if k == 0 {
			return 10 * rng.NormFloat64() / math.Sqrt(rng.ExpFloat64())
		}
		return rng.NormFloat64()
	}
}

// TestPlantedHeavyDirection: a heavy-tailed direction that dominates is found by the held-out leading direction at B = 5, in
// every arm, and NE is nearer to Gaussian than SGD at B_eff. The other eigenvectors stay nearly Gaussian.
func TestPlantedHeavyDirection(t *testing.T) {
	u := denseUnits(400, 20, heavyCoordinate(seed.New(5, "heavy")))
	var c report.Checkpoint
	drawShape(u, Settings{Alpha: 1.5, Batch: 5, Seed: 1}).addTo(&c)
	var kurtosis []float64
	for _, r := range c.Normality {
		if r.Of == leadingAxis {
			kurtosis = append(kurtosis, float64(r.ExcessKurtosisG2))
		}
	}
	if in, total := consistent(c, leadingAxis); in > total/4 {
		t.Errorf("%d of %d rows of the planted direction are consistent with Gaussian", in, total)
	}
	if len(kurtosis) != 3 || kurtosis[0] < 0.5 || kurtosis[0] > kurtosis[2]*2/3 {
		t.Errorf("excess kurtosis of NE, SGD at B, SGD at B_eff: %g", kurtosis)
	}
	if k := c.Normality[3].ExcessKurtosisG2; c.Normality[3].Of != "noise top2" || math.Abs(float64(k)) > 0.5 {
		t.Errorf("%s has the excess kurtosis %g", c.Normality[3].Of, k)
	}
}

func TestArms(t *testing.T) {
	for _, c := range []struct {
		alpha float64
		batch int
		want  []arm
	}{
		{1.5, 500, []arm{{1.5, 500}, {1, 500}, {1, 200}}},
		{1, 500, []arm{{1, 500}}},
		{0.5, 500, []arm{{0.5, 500}, {1, 500}, {1, 1000}}},
		{3, 1, []arm{{3, 1}, {1, 1}}},
		{1.01, 2, []arm{{1.01, 2}, {1, 2}}},
	} {
		if got := armsOf(Settings{Alpha: c.alpha, Batch: c.batch}); !slices.Equal(got, c.want) {
			t.Errorf("alpha = %g, B = %d: %v, want %v", c.alpha, c.batch, got, c.want)
		}
	}
}

// TestShapeOfPlainSGD: without NE its place in the figure stays empty.
func TestShapeOfPlainSGD(t *testing.T) {
	s := settings
	s.Alpha = 1
	r := Analyse(factoredUnits(32), nil, s)
	if r.Shape[0] != nil || len(r.Shape[1]) != DefaultResamples || r.Shape[2] != nil {
		t.Errorf("arms of %d, %d, %d draws", len(r.Shape[0]), len(r.Shape[1]), len(r.Shape[2]))
	}
	if p := noise.NewPopulation(r.Shape[1]); math.Abs(p.C2-1) > 1e-3 {
		t.Errorf("variance %g", p.C2)
	}
}
