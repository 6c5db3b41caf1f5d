package optimizer

import (
	"fmt"
	"math"

	"github.com/noiseprobe/noiseprobe/analysis/covariance"
	"github.com/noiseprobe/noiseprobe/analysis/enhancement"
	"github.com/noiseprobe/noiseprobe/analysis/estimate"
	"github.com/noiseprobe/noiseprobe/noise"
	"github.com/noiseprobe/noiseprobe/probe"
)

// addFrozen adds what the next update would be: the gradient's noise times c D, so that its ratios are the gradient's, by algebra.
func (n *Noise) addFrozen(g *probe.Gradients, o *probe.Optimizer, s Settings) error {
	w, rate := o.Metric(), o.Rate()
	for p, d := range w {
		w[p] = rate * rate * d * d
	}
	sums, err := g.WeightedSquares(w)
	if err != nil {
		return err
	}
	squares := sums[0]
	trace := estimate.Mean(squares) * unbiased(len(squares))
	n.UpdateTraceOneSample = estimate.Number(trace)
	n.CI[KeyUpdateTrace] = estimate.None()
	if fewCarry(squares, g.Population).Why == "" {
		n.CI[KeyUpdateTrace] = logInterval(trace, standardError(squares, g.Population)/estimate.Mean(squares), len(squares))
	}
	plain := s.plain(g.Meta)
	for _, m := range s.arms(g.UnitSize) {
		factor := s.factor(g.Meta, m.Alpha, m.Units)
		n.Updates = append(n.Updates, Update{
			Arm: m.Arm, Alpha: m.Alpha, Batch: m.Batch, Evidence: Frozen, Trace: estimate.Number(trace * factor),
			Ratio: estimate.Number(factor / plain), Predicted: estimate.Number(factor / plain), CI: estimate.None(), Drift: 1,
			MeanNormSq: estimate.Undefined(),
		})
	}
	return nil
}

// factor is the covariance of the gradient of a step over the unbiased one of single units (divisor n-1), for minibatches of so many units.
func (s Settings) factor(g probe.Meta, alpha float64, units int) float64 {
	if g.Population == 0 {
		return noise.Factor(alpha) / float64(units)
	}
	N := float64(g.Population)
	return noise.CovarianceFactor(s.Pairing, g.Population, units, alpha) * (N - 1) / N
}

// plain is the factor of plain SGD at B.
func (s Settings) plain(g probe.Meta) float64 {
	return s.factor(g, 1, enhancement.WholeUnits(s.Batch, g.UnitSize))
}

// fewCarry is the rule of package covariance for the noise of an update, which other units may carry than that of the gradient.
func fewCarry(squares []float64, population int) estimate.Reason {
	switch effective := covariance.Effective(squares); {
	case effective >= covariance.FewestEffective || len(squares) == population:
		return estimate.Reason{}
	case math.IsNaN(effective):
		return estimate.Reason{Why: "it is 0 or not finite"}
	default:
		why := fmt.Sprintf("few units carry it (%d count as %.1f of equal length, and %d are needed)", len(squares), min(effective, covariance.BelowFewest), covariance.FewestEffective)
		return covariance.MoreUnits(why, estimate.Enough(float64(len(squares))*covariance.FewestEffective/effective), population)
	}
}

func unbiased(n int) float64 { return float64(n) / float64(n-1) }

// standardError of the mean of values of n units out of a population, 0 for an infinite one.
func standardError(x []float64, population int) float64 {
	m, sum, n := estimate.Mean(x), 0.0, float64(len(x))
	for _, v := range x {
		sum += float64((v - m) * (v - m))
	}
	variance := sum / (n * (n - 1))
	if population > 0 {
		variance *= 1 - n/float64(population)
	}
	return math.Sqrt(variance)
}
