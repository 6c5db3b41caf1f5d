package normality

import (
	"math"

	"github.com/noiseprobe/noiseprobe/analysis/estimate"
)

// tabulated is a p-value as a function of a statistic s, fitted piecewise by Stephens to simulations.
//
// Source: table 4.9 of Stephens, Tests based on EDF statistics, in D'Agostino & Stephens (eds.), Goodness-of-Fit
// Techniques (1986).
type tabulated struct {
	pieces []piece
	floor  float64 // the p-value beyond the last piece
}

// piece holds for s < below, with the quadratic q = a + b s + c s^2:
//
//	p = 1 - exp(q) if lower,    p = exp(q) otherwise
type piece struct {
	below   float64
	lower   bool
	a, b, c float64
}

// test is the result of a test whose modified statistic is s.
func (t tabulated) test(name string, statistic, s float64) Test {
	out := newTest(name, statistic, t.logP(s))
	out.Floor = estimate.Number(t.floor)
	out.PValue = max(out.PValue, out.Floor) // exp(log(floor)) may round below
	return out
}

func (t tabulated) logP(s float64) float64 {
	for _, p := range t.pieces {
		if s >= p.below {
			continue
		}
		q := p.a + float64(p.b*s) + float64(p.c*s*s)
		if p.lower {
			return math.Log1p(-math.Exp(q))
		}
		return q
	}
	return math.Log(t.floor)
}
