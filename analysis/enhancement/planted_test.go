package enhancement

import (
	"math"
	"testing"

	"github.com/noiseprobe/noiseprobe/internal/numtest"
	"github.com/noiseprobe/noiseprobe/internal/parallel"
	"github.com/noiseprobe/noiseprobe/internal/seed"
	"github.com/noiseprobe/noiseprobe/noise"
	"github.com/noiseprobe/noiseprobe/probe"
)

// TestPlantedWeight: the effective batch detects an error of 10% in the trainer's alpha at 256 draws, and one of 2% at 8192 draws with the
// whole population recorded. The power is above 99.9%: the expected shifts of log B_eff, 0.23 and 0.048, are 6 standard errors. Rows
// that are computed from the minibatches alone do not depend on the error.
func TestPlantedWeight(t *testing.T) {
	p := newPopulation(seed.New(1, "population"), 1000, gaussian)
	for _, c := range []struct {
		wrong float64
		draws int
	}{{1.10, 256}, {1.02, 8192}} {
		if !numtest.Full() && c.draws > 1000 {
			continue
		}
		plan := probe.Plan{Draws: c.draws, Batch: 50, Alpha: 1.5, Pairing: noise.Disjoint, Seed: 1}
		p.wrong = c.wrong
		for _, r := range rowsOf(p.draws(plan), p.units(1000, 1)) {
			against := r.name == "against units" || r.name == "against SGD"
			if c.draws == 8192 && r.name == "against SGD" {
				continue // its own draws are as noisy: only 4 standard errors
			}
			if found := !r.ci.Contains(float64(r.want)); found != against {
				t.Errorf("alpha off by %.2f: %s: %v against %g", c.wrong, r.name, r.ci, r.want)
			}
		}
	}
}

// TestPlantedPairing: disjoint pairs that are declared independent are detected by rho at 64 draws, since it is -0.43 at B/N = 0.3 with a
// standard error near 0.03. They are not found equivalent either.
func TestPlantedPairing(t *testing.T) {
	p := newPopulation(seed.New(1, "population"), 1000, gaussian)
	s := OfDraws(p.draws(probe.Plan{Draws: 64, Batch: 300, Alpha: 1.5, Pairing: noise.Disjoint, Seed: 1}))
	if c := MeasureCorrelation(s); c.PValue < 1e-3 || !c.CI.Contains(-3.0/7) {
		t.Errorf("disjoint pairs are rejected: %+v", c)
	}
	s.Pairing = noise.Independent
	c := MeasureCorrelation(s)
	if c.PValue > 1e-6 {
		t.Errorf("rho %g is taken for %g: p = %g", c.Measured, c.Predicted, c.PValue)
	}
	if f := Factors(s, []float64{1.5})[0]; f.Equivalence.Equivalent || f.CI.Contains(float64(f.Predicted)) {
		t.Errorf("factor %+v", f)
	}
}

// TestEquivalence: if the true factor is exactly at the margin, agreement is found in at most 5% of the cases, and the p-values are nearly
// uniform. With 2000 replicates, or 500, the bounds are 3.5 standard errors away; the false-alarm rate is below 1e-3.
func TestEquivalence(t *testing.T) {
	reps := numtest.Cases(2000, 500)
	p := newPopulation(seed.New(5, "population"), 60, gaussian).wholeUnits()
	for _, side := range []float64{-1, 1} {
		pValues := make([]float64, reps)
		parallel.For(reps, 1, func(lo, hi int) {
			for rep := lo; rep < hi; rep++ {
				// The factor at alpha = 1/2 is 1/2 + rho/2; rho is 0.
				q := rho(Resample(p, 4, 128, uint64(rep)))
				half := quantity{0.5 + q.value/2, q.se / 2, q.df}
				predicted := 0.5 / (1 - side*Margin)
				pValues[rep] = float64(half.equivalence(predicted, Margin*predicted).PValue)
			}
		})
		for _, level := range []float64{0.05, 0.5} {
			below := 0.0
			for _, v := range pValues {
				if v < level {
					below += 1 / float64(reps)
				}
			}
			slack := 3.5 * math.Sqrt(level*(1-level)/float64(reps))
			if below > level+slack+0.005 || below < level-slack-0.01 {
				t.Errorf("margin boundary %g: p < %g in %.3f of the replicates", side, level, below)
			}
		}
	}
}
