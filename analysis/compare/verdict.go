package compare

import (
	"math"

	"github.com/noiseprobe/noiseprobe/analysis/estimate"
)

// Level is the level of all tests, after Holm's correction.
const Level = 0.05

// The verdicts. Undecided: the data are compatible both with no difference and with one beyond the margin.
const (
	Different = "different"
	Equal     = "equal within margin"
	Undecided = "undecided"
)

// Equivalence is the test of |difference| >= margin by two one-sided t-tests at the same degrees of freedom (Schuirmann, Journal of
// Pharmacokinetics and Biopharmaceutics 15 (1987)): PValue is the larger of the two, and a small one is evidence of equality. On the scale
// [Log] the margin is that of a ratio: ratios between 1/(1 + margin) and 1 + margin are equal.
type Equivalence struct {
	Margin estimate.Number `json:"margin"`
	PValue estimate.Number `json:"p_value"`
	PHolm  estimate.Number `json:"p_holm"`
}

// Tested is a difference with its tests, after Holm's correction, and their verdict.
type Tested struct {
	Difference
	PHolm       estimate.Number `json:"p_holm"`
	Equivalence Equivalence     `json:"equivalence"`
	Verdict     string          `json:"verdict"`
}

// EqualWithin tests d against a margin. If the margin is NaN, the p-values are undefined.
func (d Difference) EqualWithin(margin float64) Equivalence {
	e := Equivalence{Margin: estimate.Number(margin), PValue: estimate.Undefined(), PHolm: estimate.Undefined()}
	if math.IsNaN(d.se) || math.IsNaN(margin) {
		return e
	}
	half := margin
	if d.Scale == Log {
		half = math.Log1p(margin)
	}
	e.PValue = estimate.Number(upperTail((half-math.Abs(d.value))/d.se, float64(d.DF)))
	return e
}

// verdictOf is the verdict from adjusted p-values. A difference shown to be within the margin is equal even where it is significantly not
// zero, which p_holm then shows.
func verdictOf(pDifferent, pEqual estimate.Number) string {
	switch {
	case pEqual <= Level:
		return Equal
	case pDifferent <= Level:
		return Different
	}
	return Undecided
}

// Judge applies Holm's correction to the tests of a family, for a difference and for equality, and gives the verdicts.
func Judge(family []*Tested) {
	var differ, equal []float64
	for _, t := range family {
		differ, equal = append(differ, float64(t.PValue)), append(equal, float64(t.Equivalence.PValue))
	}
	differ, equal = Holm(differ), Holm(equal)
	for i, t := range family {
		t.PHolm, t.Equivalence.PHolm = estimate.Number(differ[i]), estimate.Number(equal[i])
		t.Verdict = verdictOf(t.PHolm, t.Equivalence.PHolm)
	}
}
