package compare

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/noiseprobe/noiseprobe/analysis/estimate"
	"github.com/noiseprobe/noiseprobe/internal/numtest"
	"github.com/noiseprobe/noiseprobe/noise"
)

// slowLeastSquares solves the normal equations by Cramer's rule and adds up HC3 element by element.
func slowLeastSquares(x [][]float64, y []float64) (beta [3]float64, covariance [3][3]float64) {
	var a, inverse [3][3]float64
	var b [3]float64
	for i := range y {
		for j := range 3 {
			b[j] += x[i][j] * y[i]
			for k := range 3 {
				a[j][k] += x[i][j] * x[i][k]
			}
		}
	}
	cofactor := func(j, k int) float64 {
		p, q, r, s := (j+1)%3, (j+2)%3, (k+1)%3, (k+2)%3
		return a[p][r]*a[q][s] - a[p][s]*a[q][r]
	}
	det := a[0][0]*cofactor(0, 0) + a[0][1]*cofactor(0, 1) + a[0][2]*cofactor(0, 2)
	for j := range 3 {
		for k := range 3 {
			inverse[j][k] = cofactor(k, j) / det
			beta[j] += inverse[j][k] * b[k]
		}
	}
	for i := range y {
		e, h := y[i], 0.0
		for j := range 3 {
			e -= x[i][j] * beta[j]
			for k := range 3 {
				h += x[i][j] * inverse[j][k] * x[i][k]
			}
		}
		var g [3]float64 // (X^T X)^-1 x_i
		for j := range 3 {
			for k := range 3 {
				g[j] += inverse[j][k] * x[i][k]
			}
		}
		for j := range 3 {
			for k := range 3 {
				covariance[j][k] += g[j] * g[k] * e * e / ((1 - h) * (1 - h))
			}
		}
	}
	return beta, covariance
}

func TestLeastSquares(t *testing.T) {
	rng := rand.New(rand.NewPCG(15, 16))
	for range 50 {
		var x [][]float64
		var y []float64
		for range 6 + rng.IntN(10) {
			x = append(x, []float64{1, rng.NormFloat64(), rng.NormFloat64()})
			y = append(y, rng.NormFloat64())
		}
		fit, reason := leastSquares(x, y)
		if reason != "" {
			t.Fatal(reason)
		}
		beta, covariance := slowLeastSquares(x, y)
		for j := range 3 {
			near(t, "beta", fit.beta.AtVec(j), beta[j], numtest.Tol{Rel: 1e-9, Abs: 1e-11})
			for k := range 3 {
				near(t, "covariance", fit.covariance.At(j, k), covariance[j][k], numtest.Tol{Rel: 1e-8, Abs: 1e-11})
			}
		}
	}
}

func TestWeakNoiseFindsThePlanted(t *testing.T) {
	p := usual()
	p.d, p.spread = 0.4, 0.01
	g := groupsOf(p.runs(5))[0]
	direct, units := g.weakNoise(DefaultSettings())[0], g.weakNoise(DefaultSettings())[1]
	for _, w := range []WeakNoise{direct, units} {
		if !w.LogF.CI.Contains(p.d) || !w.LogBEff.CI.Contains(p.slope) || !w.LogFAtB.CI.Contains(p.d-p.slope) || w.Verdict != Stronger {
			t.Errorf("%+v", w)
		}
		// f is 5 at alpha = 2.
		near(t, "ratio", math.Log(float64(w.Ratio)), float64(w.LogF.Value)*math.Log(5), numtest.Tol{Rel: 1e-12})
		near(t, "its end", math.Log(w.RatioCI.Hi), w.LogF.CI.Hi*math.Log(5), numtest.Tol{Rel: 1e-10})
	}
	if direct.Cells != 12 || direct.Runs != 36 || direct.DF != 9 || !direct.AtConvergence || direct.Evidence != Direct || units.Evidence != Units {
		t.Errorf("%+v", direct)
	}
	for d, want := range map[float64]string{-0.4: Weaker, 0: Equal} {
		p.d = d
		if got := groupsOf(p.runs(6))[0].weakNoise(DefaultSettings())[0].Verdict; got != want {
			t.Errorf("d = %g: %s", d, got)
		}
	}
}

func TestWeakNoiseSaysWhyNot(t *testing.T) {
	for name, c := range map[string]struct {
		p      planted
		reason string
	}{
		"one alpha": {planted{alphas: []float64{1}, batches: []int{100, 200, 300, 400}, seeds: 2, spread: 0.1}, "do not vary independently"},
		"one B":     {planted{alphas: []float64{1, 1.5, 2, 3}, batches: []int{100}, seeds: 2, spread: 0.1}, "do not vary independently"},
		"few cells": {planted{alphas: []float64{1, 2}, batches: []int{100}, seeds: 2, spread: 0.1}, "2 cells, more than 3 are needed"},
	} {
		w := groupsOf(c.p.runs(1))[0].weakNoise(DefaultSettings())[0]
		if !strings.Contains(w.Reason, c.reason) || w.LogF.Value.Defined() || w.Ratio.Defined() || w.Verdict != Undecided {
			t.Errorf("%s: %+v", name, w)
		}
	}
}

// TestWeakNoiseFalseAlarms: at d = 0 the test of d rejects in 5 -+ 3% of 600 sweeps. HC3 with Student's quantiles is not exact, and rejects too
// rarely in a balanced grid.
func TestWeakNoiseFalseAlarms(t *testing.T) {
	p := usual()
	alarms := 0
	const sweeps = 600
	for i := range uint64(sweeps) {
		g := groupsOf(p.runs(5000 + i))[0]
		if g.weakNoise(DefaultSettings())[0].LogF.PValue <= Level {
			alarms++
		}
	}
	rate := float64(alarms) / sweeps
	t.Logf("a rate of %.4f", rate)
	if rate < 0.02 || rate > 0.08 {
		t.Errorf("a rate of %.4f", rate)
	}
}

// setLoss gives every run its training loss at the last checkpoint.
func setLoss(runs []*Run, loss func(r *Run) float64) []*Run {
	for _, r := range runs {
		r.last().TrainLoss = estimate.Number(loss(r))
	}
	return runs
}

// TestWeakNoiseAtEqualLoss: tr Sigma follows the loss alone, which falls with f; the exponent of f is then that of the loss, and no finding. Where
// tr Sigma follows f whatever the loss is, and where the losses are the same, there is one.
func TestWeakNoiseAtEqualLoss(t *testing.T) {
	p := usual()
	p.d, p.spread = 0.4, 0.01
	rng := rand.New(rand.NewPCG(8, 9))
	with := func(loss func(f float64) float64) WeakNoise {
		runs := setLoss(p.runs(5), func(r *Run) float64 { return loss(noise.Factor(r.Alpha())) * math.Exp(0.1*rng.NormFloat64()) })
		return groupsOf(runs)[0].weakNoise(DefaultSettings())[0]
	}
	// log tr Sigma = 0.4 log f and log loss = 0.8 log f + noise: what the two have to do with each other is not to be told.
	mixed := with(func(f float64) float64 { return math.Pow(f, 0.8) })
	for name, w := range map[string]WeakNoise{"independent of f": with(func(float64) float64 { return 1 }), "growing with f": mixed} {
		if !w.AtLoss.LogF.CI.Contains(p.d) || !w.AtLoss.LogLoss.CI.Contains(0) || w.Verdict != Stronger || !w.lossDiffers() {
			t.Errorf("%s: %+v", name, w)
		}
	}
	p.d = 0
	runs := setLoss(p.runs(5), func(r *Run) float64 { return math.Pow(noise.Factor(r.Alpha()), 0.8) * math.Exp(0.5*rng.NormFloat64()) })
	for _, r := range runs { // tr Sigma is proportional to sqrt(loss)
		c := r.last()
		root := math.Sqrt(float64(c.TrainLoss))
		c.Covariance.TraceUnbiased *= estimate.Number(root)
	}
	w := groupsOf(runs)[0].weakNoise(DefaultSettings())[1]
	if w.LogF.PValue > Level || !w.AtLoss.LogF.CI.Contains(0) || !w.AtLoss.LogLoss.CI.Contains(0.5) || w.Verdict != Undecided {
		t.Errorf("a finding where the loss makes it: %+v", w)
	}
	if text := w.answer().Text; !strings.Contains(text, "held equal, so that neither is a finding") {
		t.Errorf("%s", text)
	}
	p.d = 0.4
	same := groupsOf(setLoss(p.runs(5), func(*Run) float64 { return 0.01 }))[0].weakNoise(DefaultSettings())[0]
	if same.LossRatio != 1 || same.AtLoss.LogF.Value.Defined() || same.Verdict != Stronger || strings.Contains(same.answer().Text, "loss") {
		t.Errorf("equal losses: %+v", same)
	}
}

// TestWeakNoiseWithoutSecondFit: too few cells to hold the loss equal, or losses that are not known, are said in the same line.
func TestWeakNoiseWithoutSecondFit(t *testing.T) {
	p := planted{alphas: []float64{1, 2}, batches: []int{100, 500}, seeds: 3, slope: 0.3, d: 2, spread: 0.01}
	w := groupsOf(setLoss(p.runs(5), func(r *Run) float64 { return noise.Factor(r.Alpha()) }))[0].weakNoise(DefaultSettings())[0]
	if w.Verdict != Undecided || !strings.Contains(w.answer().Text, "differs 5.00 times between cells, cannot be held equal (4 cells, more than 4 are needed)") {
		t.Errorf("%+v\n%s", w, w.answer().Text)
	}
	unknown := groupsOf(setLoss(p.runs(5), func(*Run) float64 { return math.NaN() }))[0].weakNoise(DefaultSettings())[0]
	if !strings.Contains(unknown.answer().Text, "the training loss there is not known") {
		t.Errorf("%s", unknown.answer().Text)
	}
}

// TestQuickRunsAreNoFinding: of the 30 quick runs of docs/results tr Sigma grows with f until the loss is held equal.
func TestQuickRunsAreNoFinding(t *testing.T) {
	set, err := Read([]string{"../../docs/results/f1-quick"})
	if err != nil {
		t.Fatal(err)
	}
	r := compared(t, set.Groups[0].Runs, DefaultSettings()).Groups[0]
	if !slices.Contains(r.Notes, "At the last checkpoint the training loss differs 1.34 times between cells: differences of the noise there may be those of the loss.") {
		t.Errorf("%q", r.Notes)
	}
	for _, w := range r.WeakNoise {
		if !(w.LogF.PValue <= Level) || w.Verdict != Undecided || !(w.AtLoss.LogF.PValue > Level) || !(w.LossRatio > 1.3) {
			t.Errorf("%+v", w)
		}
	}
}

// TestWeakNoiseOfAverages: alpha = 1/2 has f = 1/2, at which the noise is compared with that of plain SGD: 0.5^d of it.
func TestWeakNoiseOfAverages(t *testing.T) {
	g := groupsOf(planted{alphas: []float64{0.5, 1}, batches: []int{100, 200, 500}, seeds: 3, slope: 0.3, d: 0.8, spread: 0.01}.runs(3))[0]
	for _, w := range g.weakNoise(DefaultSettings()) {
		if w.Quantity != "trace_direct" {
			continue
		}
		near(t, "f", float64(w.LargestF), 0.5, numtest.Tol{})
		near(t, "ratio", float64(w.Ratio), math.Pow(0.5, 0.8), numtest.Tol{Rel: 0.05})
		if w.Verdict != Stronger || !w.RatioCI.Defined() || !w.Equivalence.PValue.Defined() {
			t.Errorf("%+v", w)
		}
	}
}
