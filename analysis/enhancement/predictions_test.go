package enhancement

import (
	"math"
	"testing"

	"github.com/noiseprobe/noiseprobe/analysis/estimate"
)

// TestPredictions: by hand, Holm's p of 0.011, 0.02, 0.04 and 0.5 are 0.044, 0.06, 0.08 and 0.5, so that one of four is rejected, and differences
// that rest on the others are taken back.
func TestPredictions(t *testing.T) {
	u := estimate.Undefined()
	rho := []Correlation{{Evidence: Resampled, PValue: 1e-9}, {Evidence: Direct, PValue: 0.02}}
	batches := []EffectiveBatch{
		{Evidence: Direct, Kind: Measured, Against: RecordedUnits, PValue: 0.011, Verdict: Differs, Reason: "more draws"},
		{Evidence: Direct, Kind: Measured, Against: SGDAtBEff, PValue: 0.04, Verdict: BeyondMargin},
		{Evidence: Direct, Kind: Measured, Against: SGDAtB, PValue: 0.02, Verdict: Differs},
		{Evidence: Direct, Kind: Identity, Against: SGDAtB, PValue: u, Verdict: ByDefinition},
		{Evidence: Resampled, Kind: Theorem, Against: ResampledSGD, PValue: 1e-9, Verdict: Differs},
	}
	factors := []Factor{
		{Evidence: Direct, Kind: Measured, Verdict: Differs}, {Evidence: Direct, Kind: Measured, Verdict: Equal}, {Evidence: Resampled, Verdict: Differs},
	}
	p, other := Predict(rho, batches), Predict(nil, nil)
	other.Add("excess ne", 0.5)
	other.Add("excess sgd", u)
	JudgePredictions([]*Predictions{p, other})
	if len(p.Tests) != 3 || len(other.Tests) != 1 || p.All != 4 || p.Checkpoints != 2 || p.Discoveries != 1 || p.Level != 0.05 {
		t.Fatalf("%+v %+v", p, other)
	}
	for i, want := range []float64{0.06, 0.044, 0.08} {
		if test := p.Tests[i]; math.Abs(float64(test.Holm)-want) > 1e-12 || test.Rejected != (want <= 0.05) {
			t.Errorf("%+v, want %g", test, want)
		}
	}
	p.Allow(factors, batches)
	for i, want := range []Verdict{Differs, Undecided, Undecided, ByDefinition, Differs} {
		if batches[i].Verdict != want {
			t.Errorf("B_eff %d: %+v", i, batches[i])
		}
	}
	for i, want := range []Verdict{Undecided, Equal, Differs} {
		if factors[i].Verdict != want {
			t.Errorf("f %d: %+v", i, factors[i])
		}
	}
	if batches[0].Reason != "more draws" || batches[1].Reason != ReasonFamily || factors[0].Reason != ReasonFamily {
		t.Errorf("reasons: %+v %+v", batches, factors)
	}
}
