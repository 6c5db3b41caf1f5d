package enhancement

import (
	"math"

	"github.com/noiseprobe/noiseprobe/analysis/estimate"
	"github.com/noiseprobe/noiseprobe/analysis/normality"
)

// Prediction is the test of one prediction of theory over direct draws.
type Prediction struct {
	// Of is rho, B_eff with what the noise was compared with, or excess with its arm.
	Of     string          `json:"of"`
	PValue estimate.Number `json:"p_value"`
	// Holm is the p-value adjusted for all predictions of the report; Rejected is for Holm <= 0.05.
	Holm     estimate.Number `json:"p_holm"`
	Rejected bool            `json:"rejected"`
}

// Predictions are those of one checkpoint that have a test, and counts of those of all checkpoints, which are judged together.
type Predictions struct {
	Tests []Prediction `json:"tests"`
	// Checkpoints have All tests, of which Discoveries reject.
	Checkpoints int `json:"checkpoints"`
	All         int `json:"all"`
	Discoveries int `json:"discoveries"`
	// Level is the family-wise error rate.
	Level float64 `json:"level"`
}

// familyLevel is that of all predictions of a report together.
const familyLevel = 0.05

// Predict begins the list of a checkpoint: its correlation and its effective batches over direct draws. The factors follow from rho and share its
// test, and so does B_eff against SGD at B; the comparison of traces is that of B_eff with SGD at B_eff.
func Predict(correlations []Correlation, batches []EffectiveBatch) *Predictions {
	p := &Predictions{Tests: []Prediction{}}
	for _, c := range correlations {
		if c.Evidence == Direct {
			p.Add("rho", c.PValue)
		}
	}
	for _, b := range batches {
		if b.Evidence == Direct && b.Kind == Measured && b.Against != SGDAtB {
			p.Add("B_eff "+b.Against, b.PValue)
		}
	}
	return p
}

// Add leaves out tests without a p-value.
func (p *Predictions) Add(of string, value estimate.Number) {
	if value.Defined() {
		p.Tests = append(p.Tests, Prediction{Of: of, PValue: value, Holm: estimate.Undefined()})
	}
}

// JudgePredictions decides the predictions of all checkpoints together, such that the probability that any true one is rejected is at most 5%,
// however the tests depend on each other.
func JudgePredictions(all []*Predictions) {
	var tests []*Prediction
	var logP []float64
	checkpoints, rejected := 0, 0
	for _, p := range all {
		for i := range p.Tests {
			tests, logP = append(tests, &p.Tests[i]), append(logP, math.Log(float64(p.Tests[i].PValue)))
		}
		if len(p.Tests) > 0 {
			checkpoints++
		}
	}
	for i, adjusted := range normality.Holm(logP) {
		tests[i].Holm = estimate.Number(math.Exp(adjusted))
		if tests[i].Rejected = tests[i].Holm <= familyLevel; tests[i].Rejected {
			rejected++
		}
	}
	for _, p := range all {
		p.Checkpoints, p.All, p.Discoveries, p.Level = checkpoints, len(tests), rejected, familyLevel
	}
}

// Rejects reports whether a prediction is rejected among all.
func (p *Predictions) Rejects(of string) bool {
	for _, t := range p.Tests {
		if t.Of == of && t.Rejected {
			return true
		}
	}
	return false
}

// ReasonFamily is that of a difference which is none among all tests of the report.
const ReasonFamily = "its interval alone does not hold the prediction, but among all tests of predictions in the report that is no finding"

// Allow takes back the differences that are none among all tests of predictions.
func (p *Predictions) Allow(factors []Factor, batches []EffectiveBatch) {
	for i := range factors {
		f := &factors[i]
		if f.Evidence == Direct && f.Verdict.different() && !p.Rejects("rho") {
			f.Verdict, f.Reason, f.Needs = Undecided, ReasonFamily, estimate.Needs{}
		}
	}
	for i := range batches {
		b := &batches[i]
		of := "B_eff " + b.Against
		if b.Against == SGDAtB {
			of = "rho"
		}
		if b.Evidence == Direct && b.Verdict.different() && !p.Rejects(of) {
			b.Verdict, b.Reason, b.Needs = Undecided, ReasonFamily, estimate.Needs{}
		}
	}
}

func (v Verdict) different() bool { return v == Differs || v == BeyondMargin }
