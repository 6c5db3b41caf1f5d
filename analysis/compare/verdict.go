package compare

import (
	"math"

	"github.com/noiseprobe/noiseprobe/analysis/estimate"
)

// Level is that of all tests, after Holm's correction.
const Level = 0.05

// The verdicts. Undecided is an answer: the data allow for no difference and for one beyond the margin.
const (
	Different = "different"
	Equal     = "equal within margin"
	Undecided = "undecided"
)

// Equivalence is the test of |difference| >= margin by two one-sided t-tests at the same degrees of freedom (Schuirmann, Journal of
// Pharmacokinetics and Biopharmaceutics 15 (1987)): PValue is the larger one, and small speaks for agreement. On the scale [Log] the
// margin is that of a ratio: a ratio within 1/(1 + margin) to 1 + margin is equal.
type Equivalence struct {
	Margin estimate.Number `json:"margin"`
	PValue estimate.Number `json:"p_value"`
	PHolm  estimate.Number `json:"p_holm"`
}

// EqualWithin tests d against a margin; NaN asks for none, and gives none.
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

// verdictOf reads adjusted p-values. What lies within the margin is equal for the purpose, also where it is told from no difference at
// all: p_holm then says so.
func verdictOf(pDifferent, pEqual estimate.Number) string {
	switch {
	case pEqual <= Level:
		return Equal
	case pDifferent <= Level:
		return Different
	}
	return Undecided
}

// adjust applies Holm's correction to the numbers that get points at, and writes through put.
func adjust[T any](rows []T, get func(*T) estimate.Number, put func(*T, estimate.Number)) {
	p := make([]float64, len(rows))
	for i := range rows {
		p[i] = float64(get(&rows[i]))
	}
	for i, v := range Holm(p) {
		put(&rows[i], estimate.Number(v))
	}
}
