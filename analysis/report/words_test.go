package report

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/noiseprobe/noiseprobe/analysis/along"
	"github.com/noiseprobe/noiseprobe/analysis/covariance"
	"github.com/noiseprobe/noiseprobe/analysis/enhancement"
	"github.com/noiseprobe/noiseprobe/analysis/estimate"
	"github.com/noiseprobe/noiseprobe/analysis/shape"
	"github.com/noiseprobe/noiseprobe/analysis/tail"
)

// said is the text in one line.
func said(t *testing.T, r *Report) string { return strings.Join(strings.Fields(summary(t, r)), " ") }

// TestMoreDrawsWouldDo: where the draws are too few, the flag is theirs.
func TestMoreDrawsWouldDo(t *testing.T) {
	const why = "few samples carry the noise (those of 64 minibatches of 20 count as 23.0 of equal length, and 30 are needed); 84 draws would do"
	needs := estimate.Needs{Draws: 84}
	run, row := Run{Model: "f1"}, enhancement.EffectiveBatch{Withheld: why, Needs: needs}
	factor := factorWords(run, enhancement.Factor{Draws: 64, CI: estimate.None(), Withheld: why, Needs: needs})
	for _, words := range []string{batchVerdict(run, row), withheldWords(run, Checkpoint{EffectiveBatch: []enhancement.EffectiveBatch{row}})[0], factor} {
		if !strings.Contains(words, "30 are needed); 84 draws would do (-draws 84)") {
			t.Error(words)
		}
	}
}

// TestOneReasonEverywhere: where few samples carry the noise, every section says so, with the number that would do, in full once.
func TestOneReasonEverywhere(t *testing.T) {
	const why = "few units carry the noise (512 count as 25.5 of equal length, and 30 are needed); it takes 610 or more"
	r := sampleReport()
	last := &r.Checkpoints[5]
	s := last.Shape
	last.Covariance.Needs.Units = 610
	last.Covariance.Withheld, last.Covariance.CI, last.Covariance.Outstanding, s.Withheld, s.NoDirect = why, nil, nil, why, why
	s.Rows, s.Conclusion.Reason, s.Conclusion.Directions = s.Rows[:3], why, shape.Directions{}
	s.Conclusion.Norms.Verdict, s.Conclusion.Norms.By, s.Conclusion.Norms.Untested = shape.NotTested, nil, why
	last.ScaleArtefact = &tail.Artefact{Draws: 512, Coordinates: 256, Verdict: tail.NotJudged, Reason: why, Survives: tail.Survival{Reference: estimate.Undefined(), ReferenceSurrogate: estimate.Undefined()}}
	r.Along.Signal = &along.Signal{Step: 600, Ratio: 2, CI: estimate.None(), Verdict: along.Undecided, Reason: "the interval contains 1; about 900 units would do", Needs: estimate.Needs{Units: 900}}
	text := said(t, r)
	for _, want := range []string{
		"which of them is larger is not decided, since the interval contains 1; about 900 units would do (-units 900).",
		"No intervals and no count of large eigenvalues from the recorded samples: few units carry the noise (512 count as 25.5 of equal length, and 30 are needed); it takes 610 or more (-units 610).",
		"The 512 recorded samples by themselves are not tested: the recorded samples are too few, as said above (-units 610).",
		"Over real minibatches it is not measured: the recorded samples are too few, as said above (-units 610).",
		"The tail of the 512 recorded norms is not compared with that of Gaussian gradients: the recorded samples are too few, as said above (-units 610).",
		"No verdict, since the recorded samples are too few, as said above (-units 610).",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	if strings.Count(text, "are needed") != 1 || strings.Contains(text, "eigenvalues are larger") {
		t.Errorf("counts:\n%s", text)
	}
}

// TestPlainSGDMeasuresNoFactor: f = 1 is an identity.
func TestPlainSGDMeasuresNoFactor(t *testing.T) {
	r := sampleReport()
	r.Run.Alpha = 1
	last := &r.Checkpoints[5]
	for i := range last.Enhancement {
		last.Enhancement[i].Leads = false
	}
	last.Enhancement = append(last.Enhancement, enhancement.Factor{Alpha: 1, Evidence: enhancement.Direct, Kind: enhancement.Identity, Measured: 1, Predicted: 1})
	text := said(t, r)
	if !strings.Contains(text, "f = 1 by definition. There is no factor to measure.") || strings.Contains(text, "Measured over") || strings.Contains(text, "equal within") {
		t.Errorf("got\n%s", text)
	}
}

// TestConclusionWords phrase each verdict once.
func TestConclusionWords(t *testing.T) {
	r := sampleReport()
	k := r.Checkpoints[5].Shape.Conclusion
	for _, c := range []struct {
		verdict, gamma shape.Verdict
		want           string
	}{
		{shape.NotGaussian, shape.Heavier, "are not Gaussian. Their squared lengths vary more than those of Gaussian vectors of the same covariance: gamma = 12.2 [12.2, 12.2] of all training samples, 0 for a Gaussian."},
		{shape.NotGaussian, shape.Lighter, "are not Gaussian. Their squared lengths vary less"},
		{shape.NotGaussian, shape.NotToldApart, "are not Gaussian. Their squared lengths do not tell them apart: gamma = 12.2 [12.2, 12.2] of all training samples, 0 for a Gaussian."},
		{shape.NotToldApart, shape.NotToldApart, "are not told apart from Gaussian."},
		{shape.NotTested, shape.NotTested, "are not tested, since"},
	} {
		k.Verdict, k.OfGamma = c.verdict, c.gamma
		if text := said(t, r); !strings.Contains(text, "The gradients of single samples at step 600 "+c.want) {
			t.Errorf("%s, %s: no %q in\n%s", c.verdict, c.gamma, c.want, text)
		}
	}
	k.OfGamma, k.Gamma = shape.NotToldApart, 0.1
	if got := gammaWords(r.Checkpoints[5]); !strings.HasSuffix(got, "0 for a Gaussian and by chance up to 0.140 for so many Gaussian vectors.") {
		t.Errorf("%q", got)
	}
}

// TestTwoEffectiveBatches: B / f of the gradients and B_eff of the draws are told apart, also where the draws are too few for an excess of their own.
func TestTwoEffectiveBatches(t *testing.T) {
	r := sampleReport()
	last := r.Checkpoints[5]
	last.Shape.Rows = last.Shape.Rows[:3]
	last.Matched = []enhancement.Comparison{{Effective: 206}}
	excessRow(last.Shape, enhancement.ArmEffective, shape.Exact).Batch = 200
	const want = "B_eff is 200 with replacement, as from gradients, and 206 without, as minibatches are drawn."
	if got := excessWords(r.Run, last, excessTable(last.Shape)); !slices.Contains(got, want) {
		t.Errorf("%q", got)
	}
}

// TestGaussianWords names the verdicts that there are.
func TestGaussianWords(t *testing.T) {
	s := &along.Shape{Checkpoints: 6, NotToldApart: 1, Withheld: 5, Reason: "12 units are too few; it takes 43 or more", Needs: estimate.Needs{Units: 43},
		First: along.Gamma{Step: 40, Gamma: 0.5, CI: estimate.None()}, Last: along.Gamma{Step: 40}}
	want := "By gamma single gradients are not told apart from Gaussian at 1 of 1 checkpoint. It is 0.500 at step 40. There is no verdict at 5 more: " +
		"12 units are too few; it takes 43 or more (-units 43)."
	if got := gaussianWords(Run{Model: "f1"}, s); got[0] != want {
		t.Errorf("%q", got)
	}
	s.Heavier, s.Withheld = 5, 0
	if got := gaussianWords(Run{}, s); !strings.HasPrefix(got[0], "By gamma single gradients are heavier than Gaussian at 5 of 6 checkpoints and not told apart from Gaussian at 1. It") {
		t.Errorf("%q", got)
	}
}

// TestIndexWords: what the moment estimate says of the variance.
func TestIndexWords(t *testing.T) {
	u, none, run := estimate.Undefined(), estimate.None(), sampleReport().Run
	c := Checkpoint{Unit: "sample", Units: 512}
	for _, x := range []struct {
		n    shape.NormTail
		want string
	}{
		{shape.NormTail{From: shape.FromAllSamples, N: 10000, Index: tail.Index{Method: "moment", K: 252, TailIndex: 4, CI: estimate.Interval{Lo: 3, Hi: 6}, Variance: tail.Finite}},
			"The norms of the gradients of all 10,000 training samples have the tail index 4.00 [3.00, 6.00], by the moment estimate from the largest 252: their variance is finite."},
		{shape.NormTail{From: shape.FromRecordedUnits, N: 512, Index: tail.Index{Method: "moment", K: 43, TailIndex: 1.2, CI: estimate.Interval{Lo: 0.9, Hi: 1.7}, Variance: tail.Infinite}},
			"their variance is infinite if the tail continues like this."},
		{shape.NormTail{From: shape.FromRecordedUnits, N: 512, Index: tail.Index{Method: "moment", K: 43, TailIndex: 2.5, CI: estimate.Interval{Lo: 1.4, Hi: math.Inf(1)},
			Variance: tail.Undecided, Reason: "the interval contains 2", ValuesNeeded: 9100}},
			"undecided, since the interval contains 2; about 9100 units would do (-units 9100)."},
		{shape.NormTail{N: 512, From: shape.FromRecordedUnits, Index: tail.Index{Method: "moment", K: 43, TailIndex: u, CI: none, Variance: tail.Finite}}, "have no power-law tail, by the moment estimate"},
		{shape.NormTail{N: 512, From: shape.FromRecordedUnits, Index: tail.Index{Method: "moment", K: 43, TailIndex: u, CI: estimate.Interval{Lo: 5, Hi: math.Inf(1)}, Variance: tail.Finite}},
			"have no power-law tail, or one with an index of at least 5.00,"},
		{shape.NormTail{N: 512, From: shape.FromRecordedUnits, Index: tail.Index{Method: "moment", K: 43, Gamma: u, TailIndex: u, CI: none, Variance: tail.Undecided,
			Reason: "too many of the largest values are equal"}}, "There is no estimate of how heavy the tail of the norms of the gradients of the 512 recorded samples is, by the " +
			"moment estimate from the largest 43: whether their variance is finite is undecided, since too many of the largest values are equal."},
	} {
		if got := indexWords(run, c, x.n); !strings.Contains(got, x.want) {
			t.Errorf("got %q, want %q", got, x.want)
		}
	}
}

// TestPredictionsTogether: the rate of false rejections of all tests of theory is stated once, with what is rejected and where.
func TestPredictionsTogether(t *testing.T) {
	r := sampleReport()
	last := &r.Checkpoints[len(r.Checkpoints)-1]
	first := &r.Checkpoints[0]
	first.Predictions = &enhancement.Predictions{Tests: []enhancement.Prediction{{Of: "rho", PValue: 0.001, Holm: 0.003, Rejected: true}}}
	last.Predictions = &enhancement.Predictions{Tests: []enhancement.Prediction{{Of: "B_eff recorded-units", PValue: 0.5, Holm: 1}, {Of: "excess ne", PValue: 0.7, Holm: 1}}}
	enhancement.JudgePredictions([]*enhancement.Predictions{first.Predictions, last.Predictions})
	want := "By 3 tests (rho, B_eff and excess) at 2 checkpoints theory is rejected, at a family-wise error rate of 5% (Holm): rho at step 0 (adjusted p = 0.00300)."
	if got := togetherWords(r); len(got) != 1 || got[0] != want {
		t.Errorf("%q", got)
	}
	first.Predictions = nil
	enhancement.JudgePredictions([]*enhancement.Predictions{last.Predictions})
	if got := togetherWords(r); got[0] != "By 2 tests (B_eff and excess) theory is not rejected, at a family-wise error rate of 5% (Holm)." {
		t.Errorf("%q", got)
	}
	last.Predictions.Tests = last.Predictions.Tests[:1]
	enhancement.JudgePredictions([]*enhancement.Predictions{last.Predictions})
	if got := togetherWords(r); got[0] != "By 1 test (B_eff) theory is not rejected, at a family-wise error rate of 5% (Holm)." {
		t.Errorf("%q", got)
	}
}

// TestWhatIntervalsRestOn: by the interval of recorded samples it says what they cannot show, and how to know; with the norms of all samples, or
// without an interval, there is nothing to say.
func TestWhatIntervalsRestOn(t *testing.T) {
	c := Checkpoint{Unit: "sample", UnitSize: 1, Units: 512, NoiseSize: &covariance.Size{Samples: 512, TraceCI: estimate.Interval{Lo: 1, Hi: 2}, Unseen: 0.0058}}
	want := "Intervals are for a population like the recorded samples: a kind of sample that makes up less than 0.6% of all may be missing among them, however much of " +
		"the noise it carries; direct draws (-draws) come with the norms of all samples, which rule that out."
	if got := unseenWords(Run{Model: "f1"}, c); len(got) != 1 || got[0] != want {
		t.Errorf("%q", got)
	}
	if got := unseenWords(Run{}, c); !strings.HasSuffix(got[0], "; only the gradients of all of them rule that out.") {
		t.Errorf("%q", got)
	}
	c.NoiseSize.TraceCI = estimate.None()
	if got := unseenWords(Run{Model: "f1"}, c); got != nil {
		t.Errorf("%q", got)
	}
}

// TestGammaWithoutTest: gradients that are all of one length have a gamma, and no test by its logarithm.
func TestGammaWithoutTest(t *testing.T) {
	c := Checkpoint{Units: 256, Unit: "sample", Shape: &shape.Shape{Conclusion: &shape.Conclusion{Gamma: -0.82, CI: estimate.None(), From: shape.FromRecordedUnits}}}
	if got := gammaWords(c); got != "Their squared lengths are not tested: gamma = -0.820 of the 256 recorded samples, 0 for a Gaussian." {
		t.Errorf("%q", got)
	}
}
