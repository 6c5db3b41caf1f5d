package enhancement

import (
	"cmp"
	"math"

	"github.com/noiseprobe/noiseprobe/analysis/covariance"
	"github.com/noiseprobe/noiseprobe/analysis/estimate"
	"github.com/noiseprobe/noiseprobe/noise"
	"github.com/noiseprobe/noiseprobe/probe"
)

// Alphas is the grid of alpha at which every report gives the factor, besides the run's own alpha.
var Alphas = []float64{0.5, 1, 1.5, 2, 2.5, 3, 5}

// Margin is the relative difference from the prediction within which a factor counts as equivalent to it.
const Margin = 0.1

// judge sets the verdict. If the test of equivalence shows equality that decides, since it is a little more powerful than the interval.
func (f *Factor) judge() {
	f.Verdict = judge(f.CI, float64(f.Predicted), Margin)
	switch {
	case f.Kind == Identity:
		f.Verdict, f.CI = ByDefinition, estimate.None()
	case f.Equivalence.Equivalent:
		f.Verdict = Equal
	}
}

// rho is the measured correlation of the two noises.
func rho(s Scalars) quantity {
	q := s.ratio(s.Cross, s.meanNormSq())
	q.se = math.Hypot(q.se, s.unseen())
	return q
}

// ratio is undefined where the minibatches are the whole population: their noise is then rounding error.
func (s Scalars) ratio(x, y []float64) quantity {
	if s.Pairing != noise.Replacement && s.Batch == s.Population {
		return undefinedQuantity
	}
	q := ratioOf(x, y)
	if q.se < roundingFloor*math.Abs(q.value) {
		q.se = math.NaN()
	}
	return q
}

// roundingFloor is the relative standard error below which draws differ by rounding alone. That happens for disjoint halves of the whole
// population: then x' = -x, and there is no sampling error from which an interval could be computed.
const roundingFloor = 1e-9

// MeasureCorrelation returns rho with its interval and the p-value of its prediction. It needs at least 2 draws.
func MeasureCorrelation(s Scalars) Correlation {
	q := rho(s)
	want := noise.Correlation(s.Pairing, s.Population, s.Batch)
	c := Correlation{
		Evidence: s.Evidence, Kind: kindOf(s.Evidence, math.NaN()), Pairing: string(s.Pairing), Draws: len(s.NormSq),
		Predicted: estimate.Number(want), Measured: estimate.Number(q.value), CI: q.interval(), PValue: q.pValue(want),
	}
	c.withhold(s.few())
	return c
}

// Factors derives the factor at each alpha from rho:
//
//	alpha^2 + (1 - alpha)^2 + 2 alpha (1 - alpha) rho
//
// At alpha = 0 and 1 it is 1 whatever rho is.
func Factors(s Scalars, alphas []float64) []Factor {
	r := rho(s)
	rows := make([]Factor, len(alphas))
	for i, alpha := range alphas {
		q := quantity{noise.EnhancementAt(alpha, r.value), math.Abs(2*alpha*(1-alpha)) * r.se, r.df}
		rows[i] = factor(s, alpha, q, noise.Enhancement(s.Pairing, s.Population, s.Batch, alpha), s.Pairing)
	}
	return rows
}

// Naive measures the enhancement of Eq. 5, which adds alpha times the noise of B to the full gradient, relative to the noise of the other
// minibatch, B':
//
//	alpha^2 mean |x|^2 / mean |x'|^2
func Naive(s Scalars, alpha float64) Factor {
	scale := alpha * alpha
	r := s.ratio(s.NormSq, s.PrimeNormSq)
	value := scale * r.value
	row := factor(s, alpha, quantity{value, scale * r.se, r.df}, scale, noise.Naive)
	ci := r.log().interval()
	row.CI = estimate.Interval{Lo: scale * math.Exp(ci.Lo), Hi: scale * math.Exp(ci.Hi)}
	row.Kind = Theorem
	row.judge()
	row.withhold(s.few())
	return row
}

func factor(s Scalars, alpha float64, q quantity, want float64, pairing noise.Pairing) Factor {
	row := Factor{
		Alpha: alpha, Pairing: string(pairing), Batch: s.Batch * s.unitSize(), Evidence: s.Evidence, Kind: kindOf(s.Evidence, alpha), Draws: len(s.NormSq),
		Predicted: estimate.Number(want), Measured: estimate.Number(q.value), CI: q.interval(),
		Equivalence: q.equivalence(want, Margin*want),
	}
	row.judge()
	if row.Kind == Measured {
		why := undecided(row.Verdict, q.se, q.value-want, Margin*want, 0, len(s.NormSq))
		row.Reason, row.Needs = why.String(), why.Needs
	}
	row.withhold(s.few())
	return row
}

// AgainstUnits is the size of the single minibatch that would have, by Eq. 4 and the covariance of the recorded units, the noise that
// the trainer's own NE gradient has in direct draws. The units are n of the N samples, drawn without replacement: the sampling error of
// their trace, [covariance.TraceError], has the factor sqrt(1 - n/N), and is 0 if all are recorded. Interval and test are withheld where few
// units carry the noise.
//
// Draws that have the norms of all samples give tr Sigma exactly: it has no sampling error, and only the draws themselves can be too few. They need
// no units; u may then be nil.
//
// Where the units are ghost batches of G samples, Eq. 4 holds for a population of N/G of them and minibatches of B/G. That is Eq. 4 in
// samples, with G times the covariance of the units.
func AgainstUnits(d *probe.Draws, u *probe.Units) EffectiveBatch {
	if d.Samples != nil {
		p := covariance.PopulationOf(d.Samples)
		row := effective(d, quantity{float64(p.TraceUnbiased), 0, float64(p.Samples - 1)}, RecordedUnits, 0)
		row.ExactTrace = true
		row.Withhold(Withheld(d, d.Batch))
		return row
	}
	n, size := float64(u.N), float64(max(u.UnitSize, 1))
	trace := quantity{size * u.Trace() * n / (n - 1), size * covariance.TraceError(u), n - 1}
	row := effective(d, trace, RecordedUnits, trace.se/trace.value)
	row.Withhold(cmp.Or(covariance.Withheld(u), Withheld(d, d.Batch)))
	return row
}

// AgainstSGD is the same with single minibatches of the rounded B_eff, whose noise also comes from direct draws, in place of the recorded
// units. It is false if B_eff rounds to no sample.
func AgainstSGD(d *probe.Draws) (EffectiveBatch, bool) {
	if d.Effective < 1 {
		return EffectiveBatch{}, false
	}
	v := meanOf(d.EffectiveSq)
	perSample := 1 / (noise.CovarianceFactor(d.Pairing.Single(), d.Population, d.Effective, 1) * unbiased(d.Population))
	row := effective(d, quantity{v.value * perSample, v.se * perSample, v.df}, SGDAtBEff, 0)
	row.Withhold(cmp.Or(Withheld(d, d.Batch), Withheld(d, d.Effective)))
	return row, true
}

// unbiased is tr Sigma / tr S for the covariances Sigma, divisor N, and S, divisor N-1.
func unbiased(n int) float64 { return float64(n-1) / float64(n) }

// effective inverts Eq. 4 at the measured ratio of the NE noise to the trace of the covariance (divisor n-1). fixed is the part of the relative
// standard error of that trace that more draws leave as it is.
func effective(d *probe.Draws, trace quantity, against string, fixed float64) EffectiveBatch {
	enhanced := meanOf(d.EnhancedSq)
	if roundingAlone(d) {
		enhanced = undefinedQuantity
	}
	l := logRatio(enhanced, trace)
	size := func(logRatio float64) float64 {
		return noise.EffectiveBatchOf(d.Pairing, d.Population, math.Exp(logRatio), 1)
	}
	ci := l.interval()
	want := noise.CovarianceFactor(d.Pairing, d.Population, d.Batch, d.Alpha) * unbiased(d.Population)
	row := EffectiveBatch{
		Alpha: d.Alpha, Pairing: string(d.Pairing), Batch: d.Batch, Evidence: Direct, Kind: Measured, Against: against,
		Predicted: estimate.Number(noise.EffectiveBatch(d.Pairing, d.Population, d.Batch, d.Alpha)),
		Measured:  estimate.Number(size(l.value)),
		CI:        estimate.Interval{Lo: size(ci.Hi), Hi: size(ci.Lo)}, PValue: l.pValue(math.Log(want)),
	}
	row.Verdict = judge(row.CI, float64(row.Predicted), Margin)
	why := undecided(row.Verdict, l.se, l.value-math.Log(want), math.Log1p(Margin), fixed, len(d.EnhancedSq))
	row.Reason, row.Needs = why.String(), why.Needs
	return row
}

// roundingAlone reports whether one of the two noises that are compared is that of the whole population.
func roundingAlone(d *probe.Draws) bool {
	return d.Pairing != noise.Replacement && (d.Batch == d.Population || d.Effective == d.Population)
}

// EffectiveBatches derives B_eff at each alpha from the measured factor, against the noise of single minibatches of the same B:
//
//	without replacement   1/B_eff = f_measured (1/B - 1/N) + 1/N
//	with replacement      B / f_measured
//
// Like the factors they all depend on rho, and share its p-value; there is none at alpha = 0 and 1. Where the interval of the factor
// includes 0, that of B_eff has no upper end.
func EffectiveBatches(s Scalars, alphas []float64) []EffectiveBatch {
	rows := make([]EffectiveBatch, len(alphas))
	against := SGDAtB
	if s.Evidence == Resampled {
		against = ResampledSGD
	}
	p := MeasureCorrelation(s).PValue
	unit := float64(s.unitSize())
	for i, f := range Factors(s, alphas) {
		row := EffectiveBatch{
			Alpha: f.Alpha, Pairing: f.Pairing, Batch: f.Batch, Evidence: s.Evidence, Kind: f.Kind, Against: against,
			Predicted: estimate.Number(noise.EffectiveBatch(s.Pairing, s.Population, s.Batch, f.Alpha) * unit),
			Measured:  estimate.Number(s.sizeAt(float64(f.Measured)) * unit),
			CI:        estimate.Interval{Lo: s.sizeAt(f.CI.Hi) * unit, Hi: s.sizeAt(f.CI.Lo) * unit}, PValue: p,
		}
		row.Verdict, row.Reason, row.Needs = judge(row.CI, float64(row.Predicted), Margin), f.Reason, f.Needs
		if f.Kind == Identity {
			row.PValue, row.CI, row.Verdict = estimate.Undefined(), estimate.None(), ByDefinition
		}
		row.Withhold(estimate.Reason{Why: f.Withheld, Needs: f.Needs})
		rows[i] = row
	}
	return rows
}

// sizeAt is the size, in units, of the single minibatch with factor times the noise of one of B.
func (s Scalars) sizeAt(factor float64) float64 {
	if factor <= 0 {
		return math.Inf(1)
	}
	b, n := float64(s.Batch), float64(s.Population)
	if s.Pairing == noise.Replacement {
		return b / factor
	}
	return n * b / (float64(factor*(n-b)) + b)
}
