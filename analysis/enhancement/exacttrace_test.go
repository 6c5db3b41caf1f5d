package enhancement

import (
	"encoding/json"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/noiseprobe/noiseprobe/analysis/covariance"
	"github.com/noiseprobe/noiseprobe/internal/numtest"
	"github.com/noiseprobe/noiseprobe/internal/parallel"
	"github.com/noiseprobe/noiseprobe/internal/seed"
	"github.com/noiseprobe/noiseprobe/noise"
	"github.com/noiseprobe/noiseprobe/probe"
)

// measured is a population that gives the norms of all its samples.
type measured struct{ population }

func (p measured) SampleNorms(v []float32) (normSq, dot []float64, err error) {
	for _, row := range p.rows {
		square, along := 0.0, 0.0
		for k, g := range row {
			square += g * g
			along += g * float64(v[k])
		}
		normSq, dot = append(normSq, square), append(dot, along)
	}
	return normSq, dot, nil
}

// atConvergence is a training set as networks leave it at convergence: one sample in a hundred has a gradient 16.4 times as long as the
// others', and together they carry 16.36^2 / (16.36^2 + 99) = 73% of tr Sigma.
func atConvergence(n int) measured {
	k := -1
	return measured{newPopulation(seed.New(1, "at convergence"), n, func(*rand.Rand) float64 {
		if k++; k%100 == 0 {
			return 16.36
		}
		return 1
	})}
}

func (p measured) draws(t *testing.T, plan probe.Plan) *probe.Draws {
	d, err := probe.Measure(p, plan, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// TestExactTrace: with the norms of all samples the row is what it would be if all samples were recorded. 64 recorded ones happen to leave out
// all long gradients, and are sure of a B_eff that is a third of what it should be, or have one of them, and are withheld.
func TestExactTrace(t *testing.T) {
	p := atConvergence(2000)
	d := p.draws(t, probe.Plan{Draws: 32, Batch: 100, Alpha: 1.5, Pairing: noise.Independent, Seed: 1})
	if share := float64(covariance.PopulationOf(d.Samples).ShareOfLargestPercent); share < 0.65 || share > 0.8 {
		t.Errorf("1%% of the samples hold %g of tr Sigma", share)
	}
	row := AgainstUnits(d, p.units(64, 1))
	if !row.ExactTrace || row.Withheld != "" || !row.CI.Defined() || !row.PValue.Defined() {
		t.Errorf("%+v", row)
	}
	text, err := json.Marshal(row)
	if err != nil || !strings.Contains(string(text), `"exact_trace":true`) {
		t.Errorf("%s, %v", text, err)
	}
	found := Analyse(nil, d, Settings{Alpha: 1.5, Batch: 100})
	row.Leads = true
	if first := found.EffectiveBatches[0]; first != row {
		t.Errorf("without units %+v, want %+v", first, row)
	}

	d.Samples = nil
	for root := range uint64(10) {
		few := AgainstUnits(d, p.units(64, root))
		if few.ExactTrace || few.Withheld == "" && few.Verdict != BeyondMargin {
			t.Errorf("from 64 units: %+v", few)
		}
	}
	whole := AgainstUnits(d, p.units(2000, 1))
	got, want := []float64{float64(row.Measured), row.CI.Lo, row.CI.Hi}, []float64{float64(whole.Measured), whole.CI.Lo, whole.CI.Hi}
	if err := numtest.AllClose(got, want, numtest.Tol{Rel: 1e-9}); err != nil || whole.ExactTrace {
		t.Errorf("against all units recorded: %v", err)
	}
}

// TestExactTraceCoverage: with 600 replicates the interval covers in 95.7% (independent pairs) and 95.2% (disjoint ones; standard error 0.9).
// With 300 a coverage of 95.5% falls outside of 93 to 97% in 9% of all seeds, for one of the two pairings in 17%; these seeds are fixed.
func TestExactTraceCoverage(t *testing.T) {
	numtest.NeedFull(t, "coverage of B_eff against all norms where 1% of the samples carry 73% of the noise")
	t.Parallel()
	const reps = 300
	p := atConvergence(10000)
	for _, pairing := range []noise.Pairing{noise.Independent, noise.Disjoint} {
		inside := make([]bool, reps)
		parallel.For(reps, 1, func(lo, hi int) {
			for rep := lo; rep < hi; rep++ {
				row := AgainstUnits(p.draws(t, probe.Plan{Draws: 64, Batch: 500, Alpha: 1.5, Pairing: pairing, Seed: uint64(rep)}), nil)
				inside[rep] = row.CI.Contains(float64(row.Predicted))
			}
		})
		share := 0.0
		for _, in := range inside {
			if in {
				share += 1.0 / reps
			}
		}
		if t.Logf("%s: %.3f", pairing, share); share < 0.93 || share > 0.97 {
			t.Errorf("%s: the interval covers in %.3f", pairing, share)
		}
	}
}
