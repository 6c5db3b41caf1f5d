package enhancement

import (
	"math"

	"github.com/noiseprobe/noiseprobe/analysis/estimate"
	"github.com/noiseprobe/noiseprobe/noise"
	"github.com/noiseprobe/noiseprobe/probe"
)

// The quantities of a [Comparison]. The cumulants are those of one arm; all others compare the two.
const (
	TraceRatio         = "trace-ratio"
	VarianceRatio      = "variance-ratio"
	ThirdCumulantNE    = "third-cumulant-ne"
	ThirdCumulantSGD   = "third-cumulant-sgd"
	FourthCumulantNE   = "fourth-cumulant-ne"
	FourthCumulantSGD  = "fourth-cumulant-sgd"
	ThirdCumulantRatio = "third-cumulant-ratio"
	// FourthCumulantRatio is 0.328 at alpha = 1.5: at equal covariance NE is the more Gaussian.
	FourthCumulantRatio = "fourth-cumulant-ratio"
	HillDifference      = "hill-difference"
	MomentDifference    = "moment-difference"
)

// All is the direction of what is summed over all of them.
const All = "all"

// Comparison is one row of NE at B against SGD at B_eff, whose noise has the same covariance.
type Comparison struct {
	Quantity  string            `json:"quantity"`
	Direction string            `json:"direction"`
	Evidence  string            `json:"evidence"`
	Alpha     float64           `json:"alpha"`
	Batch     int               `json:"batch"`
	Effective int               `json:"effective"`
	Draws     int               `json:"draws"`
	Predicted estimate.Number   `json:"predicted"`
	Measured  estimate.Number   `json:"measured"`
	CI        estimate.Interval `json:"ci"`
	// PValue is two-sided, of the prediction; without one, of no difference.
	PValue estimate.Number `json:"p_value"`
}

// Matching names the two arms: NE at (Alpha, Batch), and SGD at Effective, B_eff rounded to whole samples. Both are drawn with
// replacement; every prediction is taken at the rounded size.
type Matching struct {
	Alpha            float64
	Batch, Effective int
}

// Match rounds B_eff = B/f. It is false where that leaves no sample, and for plain SGD (alpha 0 or 1), which is its own match.
//
// Where whole is set the sizes count units that cannot be less than whole, such as ghost batches, and B_eff has to hold at least one.
func Match(alpha float64, batch int, whole bool) (Matching, bool) {
	m := Matching{alpha, batch, int(math.Round(float64(batch) / noise.Factor(alpha)))}
	if whole && noise.Factor(alpha) > float64(batch) {
		m.Effective = 0
	}
	return m, alpha != 0 && alpha != 1 && m.Effective >= 1
}

// varianceRatio is f b / B for SGD at b: 1 but for the rounding of b.
func (m Matching) varianceRatio() float64 {
	return noise.Factor(m.Alpha) * float64(m.Effective) / float64(m.Batch)
}

func (m Matching) row(quantity, direction string, draws int, predicted, measured float64) Comparison {
	return Comparison{
		Quantity: quantity, Direction: direction, Evidence: Resampled, Alpha: m.Alpha, Batch: m.Batch, Effective: m.Effective, Draws: draws,
		Predicted: estimate.Number(predicted), Measured: estimate.Number(measured), CI: estimate.None(), PValue: estimate.Undefined(),
	}
}

// positiveRatio is the row of a ratio of two positive estimates, with interval and test on the log scale.
func (m Matching) positiveRatio(quantity, direction string, draws int, predicted float64, ne, sgd quantity) Comparison {
	l := logRatio(ne, sgd)
	row := m.row(quantity, direction, draws, predicted, ne.value/sgd.value)
	ci := l.interval()
	row.CI, row.PValue = estimate.Interval{Lo: math.Exp(ci.Lo), Hi: math.Exp(ci.Hi)}, l.pValue(math.Log(predicted))
	return row
}

// Trace compares the mean squared norms of the resampled noise of the two arms:
//
//	mean |e|^2 of NE / mean |e|^2 of SGD, predicted f b / B
func (m Matching) Trace(neNormSq, sgdNormSq []float64) Comparison {
	return m.positiveRatio(TraceRatio, All, len(neNormSq), m.varianceRatio(), meanOf(neNormSq), meanOf(sgdNormSq))
}

// MatchedDraws is the same from direct draws: the trainer's own NE gradient against single minibatches of the rounded B_eff, with
// the prediction of Eq. 4 for their pairing at N. It is false where none were drawn, and for plain SGD.
func MatchedDraws(d *probe.Draws) (Comparison, bool) {
	if d.Effective < 1 || d.Alpha == 0 || d.Alpha == 1 {
		return Comparison{}, false
	}
	m := Matching{d.Alpha, d.Batch, d.Effective}
	ne, sgd := meanOf(d.EnhancedSq), meanOf(d.EffectiveSq)
	if roundingAlone(d) {
		ne = undefinedQuantity
	}
	predicted := noise.CovarianceFactor(d.Pairing, d.Population, d.Batch, d.Alpha) /
		noise.CovarianceFactor(d.Pairing.Single(), d.Population, d.Effective, 1)
	row := m.positiveRatio(TraceRatio, All, len(d.EnhancedSq), predicted, ne, sgd)
	row.Evidence = Direct
	return row, true
}

// Along compares resampled noise of the two arms along one direction, ne and sgd, both drawn with replacement from units: the
// numbers of the recorded units along it. With k_r Fisher's k-statistics of the draws, of which k_2 is the variance, and v the
// exact variance of SGD at b that the units give, the rows are
//
//	variance-ratio           k_2 of NE / k_2 of SGD
//	third-cumulant-ne, -sgd      k_3 / v^(3/2) of each arm
//	fourth-cumulant-ne, -sgd     k_4 / v^2 of each arm
//	third-cumulant-ratio     k_3 of NE / k_3 of SGD        (near s_3 / f^2)
//	fourth-cumulant-ratio    k_4 of NE / k_4 of SGD        (near s_4 / f^3)
//
// The predictions are exact for draws from these units: kappa_r is multiplied by (alpha^r + (1-alpha)^r) / B^(r-1). A cumulant is
// linear in its expectation and v is known, so that no row has ratio bias. The cumulants' standard errors are infinitesimal
// jackknife ones; the ratios of cumulants have Fieller's interval, unbounded where that of SGD cannot be told from 0, and the
// p-value of k_r(NE) - predicted k_r(SGD) = 0, which divides by nothing.
//
// Along eigenvectors of the covariance the variance ratio is that of its eigenvalues, where these directions were chosen on other
// units than the ones drawn from.
//
// Measured coverage of the intervals: 94 to 97% at 16,384 draws of skewed noise (excess kurtosis 1.4 of SGD at b); at 2000 draws 92 to
// 95%, but 89% for its fourth cumulants, and 99% for ratios that are unbounded in most replicates.
func (m Matching) Along(direction string, units, ne, sgd []float64) []Comparison {
	p := noise.NewPopulation(units)
	wantNE := cumulantsOf(noise.Moments(noise.Replacement, p, m.Batch, m.Alpha))
	wantSGD := cumulantsOf(noise.Moments(noise.Replacement, p, m.Effective, 1))
	gotNE, gotSGD := kStatistics(ne), kStatistics(sgd)
	v := wantSGD[0]
	rows := []Comparison{m.positiveRatio(VarianceRatio, direction, len(ne), m.varianceRatio(), gotNE[0], gotSGD[0])}
	for i, name := range [...]struct{ ne, sgd, ratio string }{
		{ThirdCumulantNE, ThirdCumulantSGD, ThirdCumulantRatio}, {FourthCumulantNE, FourthCumulantSGD, FourthCumulantRatio},
	} {
		r := i + 3
		unit := math.Pow(v, float64(r)/2)
		a, b := gotNE[r-2].over(unit), gotSGD[r-2].over(unit)
		rows = append(rows,
			m.cumulant(name.ne, direction, len(ne), wantNE[r-2]/unit, a),
			m.cumulant(name.sgd, direction, len(sgd), wantSGD[r-2]/unit, b),
			m.cumulantRatio(name.ratio, direction, len(ne), r, a, b))
	}
	return rows
}

func (m Matching) cumulant(quantity, direction string, draws int, predicted float64, q quantity) Comparison {
	row := m.row(quantity, direction, draws, predicted, q.value)
	row.CI, row.PValue = q.interval(), q.pValue(predicted)
	return row
}

// cumulantRatio predicts s_r (b/B)^(r-1), whatever the units are.
func (m Matching) cumulantRatio(name, direction string, draws, r int, ne, sgd quantity) Comparison {
	size := float64(m.Effective) / float64(m.Batch)
	predicted := noise.PowerSum(m.Alpha, r) * math.Pow(size, float64(r-1))
	row := m.row(name, direction, draws, predicted, ne.value/sgd.value)
	row.CI = fieller(ne, sgd)
	row.PValue = difference(ne, sgd.over(1/predicted)).pValue(0)
	return row
}
