package compare

import (
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/noiseprobe/noiseprobe/analysis/estimate"
	"github.com/noiseprobe/noiseprobe/internal/numtest"
)

// TestEquivalence checks against the two one-sided tests, and against their duality with intervals: equal at 5% exactly if the 90% interval
// lies within the margin.
func TestEquivalence(t *testing.T) {
	rng := rand.New(rand.NewPCG(11, 12))
	equal := 0
	for range 500 {
		d := differenceOf(Log, 0.05*rng.NormFloat64(), 0.01+0.05*rng.Float64(), 1+9*rng.Float64())
		const margin = 0.1
		half := math.Log(1.1)
		law := distuv.StudentsT{Mu: 0, Sigma: 1, Nu: float64(d.DF)}
		below, above := law.Survival((d.value+half)/d.se), law.CDF((d.value-half)/d.se)
		got := d.EqualWithin(margin).PValue
		near(t, "p", float64(got), max(below, above), numtest.Tol{Rel: 1e-8, Abs: 1e-12})
		reach := law.Quantile(0.95) * d.se
		inside := d.value-reach > -half && d.value+reach < half
		if (got <= Level) != inside {
			t.Errorf("p = %g, 90%% interval %g -+ %g, margin %g", got, d.value, reach, half)
		}
		if inside {
			equal++
		}
	}
	if equal == 0 || equal == 500 {
		t.Errorf("%d of 500 are equal: nothing was tested", equal)
	}
}

func TestEquivalenceNeedsMargin(t *testing.T) {
	d := differenceOf(Linear, 0, 1, 5)
	if e := d.EqualWithin(math.NaN()); e.PValue.Defined() || e.Margin.Defined() {
		t.Errorf("%+v", e)
	}
	if e := differenceOf(Linear, 0, math.NaN(), 5).EqualWithin(1); e.PValue.Defined() {
		t.Errorf("%+v", e)
	}
}

func TestVerdictOf(t *testing.T) {
	none := estimate.Undefined()
	for _, c := range []struct {
		different, equal estimate.Number
		want             string
	}{
		{0.01, 0.5, Different}, {0.5, 0.01, Equal}, {0.01, 0.01, Equal}, {0.5, 0.5, Undecided}, {none, none, Undecided}, {0.9, none, Undecided},
	} {
		if got := verdictOf(c.different, c.equal); got != c.want {
			t.Errorf("%g, %g: %s", c.different, c.equal, got)
		}
	}
}
