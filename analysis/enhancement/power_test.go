package enhancement

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/noiseprobe/noiseprobe/analysis/estimate"
	"github.com/noiseprobe/noiseprobe/internal/numtest"
	"github.com/noiseprobe/noiseprobe/internal/parallel"
	"github.com/noiseprobe/noiseprobe/internal/seed"
	"github.com/noiseprobe/noiseprobe/noise"
	"github.com/noiseprobe/noiseprobe/probe"
)

// participation of the eigenvalues 1/k, k = 1 to 30: (sum 1/k)^2 / sum 1/k^2 = 3.994987^2 / 1.612150.
const participation = 9.8997

// drawsToDetect is the number of direct draws at which the test of [AgainstUnits], at level 5%, detects with the given power that the
// trainer's alpha has a relative error, if all N samples are recorded, B is small against N and the noise is Gaussian:
//
//	2 ((z_0.975 + z_power) / log(f(alpha (1 + error)) / f(alpha)))^2 / participation
//
// The relative variance of a mean of M squared norms is 2/(M participation), with participation = (tr Sigma)^2 / tr Sigma^2. At
// alpha = 1.5, participation 10 and power 90% an error of 2% takes 929 draws and one of 10% takes 42; the update check finds so small
// an error in one draw. With n recorded units no number of draws detects an error below about
// (z_0.975 + z_power) sqrt(2 (1 - n/N) / (n participation)) in log f. The result is infinite where the error does not change f.
func drawsToDetect(alpha, relativeError, participation, power float64) float64 {
	shift := math.Log(noise.Factor(alpha*(1+relativeError)) / noise.Factor(alpha))
	z := distuv.UnitNormal.Quantile(0.5+estimate.Level/2) + distuv.UnitNormal.Quantile(power)
	return math.Ceil(2 * (z / shift) * (z / shift) / participation)
}

// TestDrawsToDetect derives the numbers by hand: f(1.53) = 2.6218 and f(1.65) = 3.145 against 2.5, z = 1.95996 + 1.28155.
func TestDrawsToDetect(t *testing.T) {
	for _, c := range []struct{ wrong, f float64 }{{0.02, 2.6218}, {0.1, 3.145}} {
		want := math.Ceil(2 * math.Pow(3.24151/math.Log(c.f/2.5), 2) / 10)
		if got := drawsToDetect(1.5, c.wrong, 10, 0.9); got != want {
			t.Errorf("error %g: %g draws, want %g", c.wrong, got, want)
		}
	}
	if got := drawsToDetect(0, 0.1, 10, 0.9); !math.IsInf(got, 1) {
		t.Errorf("alpha = 0 needs %g draws", got)
	}
}

// TestPower: at the number of draws computed for it, here 939, the p-value of B_eff detects an error of 2% in alpha in 90% of the cases, and
// rejects the right alpha in 5%. Measured with 1000 replicates: 90.2% and 4.2%. With 100 the standard errors are 3.0 and 2.2 points; the
// bounds are 4 of them, with a false-alarm rate below 1e-3.
func TestPower(t *testing.T) {
	numtest.NeedFull(t, "the power of the test of B_eff")
	t.Parallel()
	const reps = 100
	draws := int(drawsToDetect(1.5, 0.02, participation, 0.9))
	p := newPopulation(seed.New(1, "population"), 1000, gaussian)
	for _, c := range []struct{ wrong, least, most float64 }{{1.02, 0.78, 0.99}, {1, 0, 0.14}} {
		p.wrong = c.wrong
		u, found := p.wholeUnits(), make([]bool, reps)
		u.Population = 1000
		parallel.For(reps, 1, func(lo, hi int) {
			for rep := lo; rep < hi; rep++ {
				d := p.draws(probe.Plan{Draws: draws, Batch: 10, Alpha: 1.5, Pairing: noise.Disjoint, Seed: uint64(rep)})
				found[rep] = AgainstUnits(d, u).PValue < 0.05
			}
		})
		share := 0.0
		for _, f := range found {
			if f {
				share += 1.0 / reps
			}
		}
		t.Logf("alpha off by %g: found in %.3f at %d draws", c.wrong, share, draws)
		if share < c.least || share > c.most {
			t.Errorf("alpha off by %g: found in %.3f at %d draws", c.wrong, share, draws)
		}
	}
}

// TestUndecided: of 64 draws with the standard error 0.05 that of a margin of 0.1 has to be 0.1/(1.96 + 1.645) = 0.02774, which 208 draws have; of a
// fixed part of 0.02 the draws' has to be 0.01922, and theirs is 0.04583: 364. A difference of 0.2 is told beyond the margin with 0.1/1.96 = 0.051.
func TestUndecided(t *testing.T) {
	for _, c := range []struct {
		v                   Verdict
		se, distance, fixed float64
		want                string
		draws               int
	}{
		{Undecided, 0.05, 0, 0, "about 210 draws would do, if the prediction holds", 210},
		{Undecided, 0.05, 0, 0.02, "about 370 draws would do, if the prediction holds", 370},
		{Undecided, 0.05, 0, 0.03, "tr Sigma of the recorded units is too uncertain for any number of draws; more units would do", 0},
		{Differs, 0.08, 0.2, 0, "about 160 draws would do, if the difference is as measured", 160},
		{Undecided, math.NaN(), 0, 0, "there is no interval", 0},
		{Equal, 0.05, 0, 0, "", 0}, {BeyondMargin, 0.05, 0.3, 0, "", 0}, {ByDefinition, 0, 0, 0, "", 0},
	} {
		if got := undecided(c.v, c.se, c.distance, 0.1, c.fixed, 64); got.String() != c.want || got.Needs != (estimate.Needs{Draws: c.draws}) {
			t.Errorf("%+v: %q", c, got)
		}
	}
}

// TestConcludeExponents: an interval of 1/s of 0.1 either way takes (0.1/0.0556)^2 = 3.24 times as many draws.
func TestConcludeExponents(t *testing.T) {
	row := func(v Verdict) ScaleExponent {
		return ScaleExponent{Draws: 64, Verdict: v, ExponentEstimate: ExponentEstimate{S: 2, CI: estimate.Interval{Lo: 1 / 0.6, Hi: 1 / 0.4}}}
	}
	for _, c := range []struct {
		rows   []ScaleExponent
		want   Verdict
		reason string
		draws  int
	}{
		{[]ScaleExponent{row(FiniteVariance), row(FiniteVariance)}, FiniteVariance, "", 0},
		{[]ScaleExponent{row(FiniteVariance), row(Undecided)}, Undecided, "about 210 draws would do, if the variance is finite", 210},
		{[]ScaleExponent{row(Undecided), row(StableLike), row(Undecided)}, StableLike, "", 0},
	} {
		if got := ConcludeExponents(c.rows); got.Verdict != c.want || got.Reason != c.reason || got.Needs.Draws != c.draws || got.Directions != len(c.rows) {
			t.Errorf("%+v", got)
		}
	}
	if ConcludeExponents(nil) != nil {
		t.Error("no direction has no exponent")
	}
}
