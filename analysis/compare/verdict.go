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

// adjust applies Holm's correction to the p-values that get returns, and stores the results with put.
func adjust[T any](rows []T, get func(*T) estimate.Number, put func(*T, estimate.Number)) {
	p := make([]float64, len(rows))
	for i := range rows {
		p[i] = float64(get(&rows[i]))
	}
	for i, v := range Holm(p) {
		put(&rows[i], estimate.Number(v))
	}
}
