package covariance

import (
	"math"
	"testing"

	"github.com/noiseprobe/noiseprobe/analysis/estimate"
	"github.com/noiseprobe/noiseprobe/internal/numtest"
	"github.com/noiseprobe/noiseprobe/internal/seed"
)

// subsets calls do with every choice of k of n.
func subsets(n, k int, do func([]int)) {
	index := make([]int, k)
	var choose func(from, at int)
	choose = func(from, at int) {
		if at == k {
			do(index)
			return
		}
		for i := from; i < n; i++ {
			index[at] = i
			choose(i+1, at+1)
		}
	}
	choose(0, 0)
}

// TestParticipationOverAllSubsets: over every subset of a population of 12, one of which has a gradient six times as long, the mean of the estimate of
// tr S^2 that the participation ratio divides by is exactly that of the population, and the ratio is the square of the trace over it. What is left is the
// bias of the square, that of the variance of the trace, and of a ratio: for 10 of 12 the mean ratio is 10% above, and none above N - 1 or P.
func TestParticipationOverAllSubsets(t *testing.T) {
	const population, p, n = 12, 4, 10
	rng := seed.New(3, "participation")
	all := powerLaw(p, 1, 0).gaussian(rng, population)
	for k := range all[0] {
		all[0][k] *= 6
	}
	whole := all.units()
	trace := whole.Trace() * population / (population - 1)
	want, square, exact := traceOfSquare(whole), 0.0, NormMoments(whole)
	truth, mean, count := exact.Trace*exact.Trace/exact.TraceSquare, 0.0, 0.0
	ofSquare := 0.0
	subsets(population, n, func(index []int) {
		u := whole.Subset(index)
		u.Population = population
		m := momentsOf(u)
		unbiased := m.norm(traceOfSquare(u)).Polykays().TraceOfSquareAt(population)
		ratio := m.participationUnbiased(traceOfSquare(u))
		if bounded := min(m.traceUnbiased()*m.traceUnbiased()/unbiased, population-1, p); math.Abs(ratio-bounded) > 1e-12*bounded {
			t.Fatalf("%v: %g, want %g", index, ratio, bounded)
		}
		if got := Analyse(u, 1).EffectiveRankParticipationUnbiased; got != estimate.Number(ratio) {
			t.Fatalf("the report has %g, not %g", float64(got), ratio)
		}
		ofSquare, square, mean, count = ofSquare+unbiased, square+m.traceUnbiased()*m.traceUnbiased(), mean+ratio, count+1
	})
	if err := numtest.Close(ofSquare/count, want, numtest.Tol{Rel: 1e-11}); err != nil {
		t.Errorf("tr S^2: %v", err)
	}
	t.Logf("participation %.3f, mean of the estimates %+.1f%%, of the square of the trace %+.1f%%", truth, 100*(mean/count/truth-1), 100*(square/count/(trace*trace)-1))
	if excess := mean/count/truth - 1; excess < 0.05 || excess > 0.12 || square/count < trace*trace {
		t.Errorf("a mean of %g, where the population has %g", mean/count, truth)
	}
}

// TestParticipationNearItsBound: with P parameters of nearly equal variances many estimates are above P. Their interval must not be [P, P], as that of
// a jackknife over bounded estimates would be, and covers a participation ratio of less than P.
func TestParticipationNearItsBound(t *testing.T) {
	const p, n = 100, 256
	sets := numtest.Cases(200, 60)
	l := powerLaw(p, 0.05, 0)
	truth := l.rank()
	covered, points := 0, 0
	for set := range sets {
		u := l.gaussian(seed.New(11, "near the bound", uint64(set)), n).units()
		m := momentsOf(u)
		ci := intervals(u, m, leaveOneOut(u, m))[KeyParticipationUnbiased]
		if ci.Contains(truth) {
			covered++
		}
		if ci.Hi > p {
			t.Fatalf("%v is above %d", ci, p)
		}
		if ci.Lo == ci.Hi {
			points++
		}
	}
	if share := float64(covered) / float64(sets); share < 0.95-4*math.Sqrt(0.95*0.05/float64(sets)) || points > sets/20 {
		t.Errorf("%d of %d intervals cover %.4g, and %d are points", covered, sets, truth, points)
	}
}

// TestExtrapolatedRanksAreBounded: no rank of P parameters is above P, and where all N units are recorded there is nothing to extrapolate.
func TestExtrapolatedRanksAreBounded(t *testing.T) {
	for set := range 20 {
		u := powerLaw(5, 0, 0).gaussian(seed.New(12, "bounded", uint64(set)), 64).units()
		for key, x := range Analyse(u, 1).Extrapolated {
			if x != nil && key != KeyLeadingEigenvalue && (x.Value > 5 || !(x.CI.Lo < 5) || x.CI.Hi > 5) {
				t.Errorf("%s is %g %v of 5 parameters", key, float64(x.Value), x.CI)
			}
		}
		u.Population = u.N
		for key, x := range Analyse(u, 1).Extrapolated {
			if x != nil {
				t.Errorf("%s is extrapolated from the whole population", key)
			}
		}
	}
}
