package shape

import (
	"math"
	"slices"

	"github.com/noiseprobe/noiseprobe/analysis/estimate"
	"github.com/noiseprobe/noiseprobe/analysis/normality"
)

// FalseDiscoveryRate is the share of false ones among the deviations from Gaussian that a report names, on average; where all gradients are
// Gaussian it is the probability that it names any.
//
// With the verdict on block sums ([tail.Artefact], 1%) and the exponent's reading (0.25% a direction) that of a whole report is then below 5%.
const FalseDiscoveryRate = 0.03

// nominal is the level of a single test in [Rejections].
const nominal = 0.05

// Verdict says how something compares with Gaussian gradients.
type Verdict string

// The verdicts. Not told apart is none: it is about these units, whose number bounds what can be seen.
const (
	Heavier      Verdict = "heavier"
	Lighter      Verdict = "lighter"
	Skewed       Verdict = "skewed"
	NotGaussian  Verdict = "not-gaussian" // in one way or another, see [Conclusion]
	NotToldApart Verdict = "not-told-apart"
	NotTested    Verdict = "" // null in JSON
)

// MarshalJSON writes null for none.
func (v Verdict) MarshalJSON() ([]byte, error) {
	if v == NotTested {
		return []byte("null"), nil
	}
	return []byte(`"` + v + `"`), nil
}

// rejects reports whether a verdict is that of a test that rejects.
func (v Verdict) rejects() bool { return v != NotTested && v != NotToldApart }

// The statistics of [Test], beside the methods of package tail for norms.
const (
	ByGamma     = "gamma"
	ByDAgostino = "dagostino"
)

// AllDirections is what the test by gamma is of.
const AllDirections = "all directions"

// Test is one test of the hypothesis that gradients are Gaussian.
type Test struct {
	// Of is what was looked at, such as noise top1; By is the statistic: gamma, dagostino, hill or moment.
	Of        string          `json:"of"`
	By        string          `json:"by"`
	Statistic estimate.Number `json:"statistic"`
	PValue    estimate.Number `json:"p_value"`
	LogP      estimate.Number `json:"log_p"`
	// Floor is the smallest p-value that the simulations of the test allow; 0 where it has none.
	Floor estimate.Number `json:"p_floor,omitempty"`
	// Adjusted is the p-value adjusted for all tests of the report (Benjamini and Hochberg); Verdict is for Adjusted <= [FalseDiscoveryRate].
	Adjusted estimate.Number `json:"p_adjusted"`
	Verdict  Verdict         `json:"verdict"`

	deviation Verdict // what Verdict is if the test rejects
}

func newTest(of, by string, statistic, logP float64, deviation Verdict) Test {
	return Test{
		Of: of, By: by, Statistic: estimate.Number(statistic), PValue: estimate.Number(math.Exp(logP)), LogP: estimate.Number(logP),
		Adjusted: estimate.Undefined(), deviation: deviation,
	}
}

func heavierOrLighter(z float64) Verdict {
	if z > 0 {
		return Heavier
	}
	return Lighter
}

// Judge decides all tests of a report together. The shapes are those of its checkpoints; nil ones are passed over.
func Judge(all []*Shape) {
	var tests []*Test
	var logP []float64
	for _, s := range all {
		if s == nil {
			continue
		}
		for i := range s.Tests {
			tests, logP = append(tests, &s.Tests[i]), append(logP, float64(s.Tests[i].LogP))
		}
	}
	for i, adjusted := range normality.BenjaminiHochberg(logP) {
		t := tests[i]
		t.Adjusted = estimate.Number(math.Exp(adjusted))
		switch {
		case math.IsNaN(adjusted):
			t.Verdict = NotTested
		case adjusted <= math.Log(FalseDiscoveryRate):
			t.Verdict = t.deviation
		default:
			t.Verdict = NotToldApart
		}
	}
	f := familyOf(all)
	for _, s := range all {
		if s != nil {
			s.Verdict, s.Family = s.test(ByGamma).Verdict, f
			s.conclude()
		}
	}
}

// Family is all tests that were judged together, those of all checkpoints of a report.
type Family struct {
	Checkpoints int `json:"checkpoints"`
	// Untested counts the checkpoints without any test that has a p-value.
	Untested    int     `json:"untested"`
	Tests       int     `json:"tests"`
	Discoveries int     `json:"discoveries"`
	FDR         float64 `json:"fdr"`
}

func familyOf(all []*Shape) *Family {
	f := Family{FDR: FalseDiscoveryRate}
	for _, s := range all {
		if s == nil {
			continue
		}
		f.Checkpoints++
		if !s.tested() {
			f.Untested++
		}
		for _, t := range s.Tests {
			if t.Verdict != NotTested {
				f.Tests++
			}
			if t.Verdict.rejects() {
				f.Discoveries++
			}
		}
	}
	return &f
}

// tested reports whether any test has a p-value.
func (s *Shape) tested() bool {
	return slices.ContainsFunc(s.Tests, func(t Test) bool { return t.Verdict != NotTested })
}

// test is the first by a statistic, one of no verdict where there is none.
func (s *Shape) test(by string) Test {
	for _, t := range s.Tests {
		if t.By == by {
			return t
		}
	}
	return Test{}
}

// Rejections sums up the tests of one checkpoint: one by one at the level Nominal, and the Discoveries of [Judge].
type Rejections struct {
	Test        string            `json:"test"`
	Rows        int               `json:"rows"`
	Nominal     float64           `json:"nominal"`
	Rejected    int               `json:"rejected"`
	Rate        estimate.Number   `json:"rate"`
	RateCI      estimate.Interval `json:"rate_ci"`
	FDR         float64           `json:"fdr"`
	Discoveries int               `json:"discoveries"`
}

// Count sums up the tests of a shape that was judged; it is nil where there are none.
func (s *Shape) Count() *Rejections {
	var logP []float64
	discoveries := 0
	for _, t := range s.Tests {
		logP = append(logP, float64(t.LogP))
		if t.Verdict.rejects() {
			discoveries++
		}
	}
	each := normality.RejectionRate(logP, nominal)
	if each.N == 0 {
		return nil
	}
	return &Rejections{
		Test: "all tests of shape", Rows: each.N, Nominal: nominal, Rejected: each.Rejected, Rate: each.Rate, RateCI: each.CI,
		FDR: FalseDiscoveryRate, Discoveries: discoveries,
	}
}
