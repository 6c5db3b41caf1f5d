package shape

import (
	"fmt"
	"math"
	"slices"

	"github.com/noiseprobe/noiseprobe/analysis/covariance"
	"github.com/noiseprobe/noiseprobe/analysis/enhancement"
	"github.com/noiseprobe/noiseprobe/analysis/estimate"
	"github.com/noiseprobe/noiseprobe/noise"
	"github.com/noiseprobe/noiseprobe/probe"
	"gonum.org/v1/gonum/stat"
)

// varianceFreedom is the degrees of freedom of the error of a variance of squared lengths, which are skewed: with 6 and the bias taken out a true
// variance is rejected in 5.1, 5.7 and 7.6% at 128, 64 and 32 draws of Gaussian noise of participation 13, where a t of n - 1 rejects
// 10, 11 and 12% (participation 4: 5.1, 6.7 and 8.8%).
const varianceFreedom = 6

// fewestDraws is the smallest number of draws whose variance has an interval: with 16 of them a true one is rejected in 14%.
const fewestDraws = 32

// directRows hold the variance of |xi|^2 over real minibatches against what the units' fourth cumulant and covariance predict at N and the
// pairing ([noise.NormPolykays]); where the norms of all samples are known tr Sigma and E|x|^4 are theirs. Where there are none, the reason says why.
func directRows(d *probe.Draws, u *probe.Units) (rows []Row, none estimate.Reason) {
	c, why := cumulantsOf(u), covariance.Withheld(u)
	if d.Samples != nil {
		p := covariance.PopulationOf(d.Samples)
		c, why = c.ofPopulation(p), covariance.WithheldOf(u, &p)
	}
	switch {
	case d.Ghost > 0 || u.UnitSize > 1:
		return nil, estimate.Reason{Why: "under ghost batch normalisation a draw is the difference of two minibatches"}
	case d.Differences:
		return nil, estimate.Reason{Why: "a draw is the difference of two minibatches"}
	case why.Why != "":
		return nil, why
	case len(d.NormSq) < fewestDraws:
		return nil, estimate.Reason{Why: fmt.Sprintf("%d draws are too few", len(d.NormSq)), Remedy: fmt.Sprintf("%d would do", fewestDraws),
			Needs: estimate.Needs{Draws: fewestDraws}}
	}
	smallest := d.Batch
	if len(d.EffectiveSq) > 0 {
		smallest = min(smallest, d.Effective)
	}
	if why := enhancement.Withheld(d, smallest); why.Why != "" {
		return nil, why
	}
	add := func(arm enhancement.Arm, p noise.Pairing, alpha float64, batch int, squares []float64) {
		if len(squares) >= fewestDraws && noise.CheckBatch(p, d.Population, batch) == nil {
			rows = append(rows, c.direct(arm, p, d.Population, alpha, batch, squares))
		}
	}
	single := d.Pairing.Single()
	if d.Alpha != 1 {
		add(enhancement.ArmNE, d.Pairing, d.Alpha, d.Batch, d.EnhancedSq)
	}
	add(enhancement.ArmSGD, single, 1, d.Batch, slices.Concat(d.NormSq, d.PrimeNormSq))
	if d.Effective != d.Batch {
		add(enhancement.ArmEffective, single, 1, d.Effective, d.EffectiveSq)
	}
	if rows == nil {
		none.Why = "a minibatch is the whole training set"
	}
	return rows, none
}

// direct compares on the log scale: the variance over draws with a jackknife over draws, the predicted one with a jackknife over units.
func (c cumulants) direct(arm enhancement.Arm, p noise.Pairing, n int, alpha float64, batch int, squares []float64) Row {
	gaussian := func(m noise.NormMoments) float64 {
		factor := noise.CovarianceFactor(p, n, batch, alpha) * (float64(n) - 1) / float64(n)
		return 2 * factor * factor * m.Polykays().TraceOfSquareAt(n)
	}
	predicted := func(m noise.NormMoments) float64 { return m.Polykays().NormVariance(p, n, batch, alpha) }
	logOf := func(f func(noise.NormMoments) float64) func(noise.NormMoments) float64 {
		return func(m noise.NormMoments) float64 { return math.Log(f(m)) }
	}
	measured, error := logVariance(squares)
	base := gaussian(c.all)
	half := estimate.Student(varianceFreedom) * math.Hypot(error, c.standardError(logOf(gaussian)))
	z := (measured - math.Log(predicted(c.all))) / math.Hypot(error, c.standardError(logOf(predicted)))
	excess := func(log float64) float64 { return math.Exp(log)/base - 1 }
	return Row{
		Arm: arm, Alpha: alpha, Batch: batch, Evidence: enhancement.Direct, Draws: len(squares), NormExcess: estimate.Number(excess(measured)),
		CI:       estimate.Interval{Lo: excess(measured - half), Hi: excess(measured + half)},
		Unbiased: estimate.Undefined(), UnbiasedCI: estimate.None(), AllSamples: estimate.Undefined(), AllSamplesCI: estimate.None(),
		Predicted: estimate.Number(predicted(c.all)/base - 1), PValue: estimate.Number(estimate.TwoSided(z, varianceFreedom)),
	}
}

// logVariance is the logarithm of the variance, divisor n-1, with its delete-one jackknife standard error s, and without the bias of a
// logarithm, to which that adds s^2/2.
func logVariance(x []float64) (log, standardError float64) {
	n := float64(len(x))
	mean, variance := stat.MeanVariance(x, nil)
	without := make([]float64, len(x))
	for i, v := range x {
		// Without one value the sum of squares falls by n/(n-1) times its squared distance from the mean.
		without[i] = math.Log((float64((n-1)*variance) - float64(n/(n-1)*(v-mean)*(v-mean))) / (n - 2))
	}
	s := spread(without)
	return math.Log(variance) + s*s/2, s
}
