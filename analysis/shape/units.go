package shape

import (
	"cmp"
	"math"
	"slices"

	"github.com/noiseprobe/noiseprobe/analysis/covariance"
	"github.com/noiseprobe/noiseprobe/analysis/enhancement"
	"github.com/noiseprobe/noiseprobe/analysis/estimate"
	"github.com/noiseprobe/noiseprobe/analysis/normality"
	"github.com/noiseprobe/noiseprobe/analysis/tail"
	"github.com/noiseprobe/noiseprobe/probe"
	"gonum.org/v1/gonum/stat/distuv"
)

var methods = []tail.Method{tail.Hill, tail.Moment}

// tails are the estimates of all methods from absolute values.
func tails(x []float64) (all []tail.Estimate) {
	for _, estimate := range methods {
		all = append(all, estimate(x, tail.Absolute, tail.DefaultK(len(x))))
	}
	return all
}

// addUnits describes the losses and gradient norms of the recorded units. Norms are held against those of Gaussian vectors; losses, which are
// positive and have no Gaussian counterpart, against nothing.
func (r *Result) addUnits(u *probe.Units, s Settings) {
	norms := u.Norm()
	ref := gaussianNorms(u, s)
	r.addSample(GradientNorm, norms, ref)
	untested := cmp.Or(estimate.Reason{Why: r.Shape.Withheld, Needs: r.Shape.Needs}, ref.untested())
	if untested.Why == "" {
		r.Shape.Tests = append(r.Shape.Tests, ref.tests(norms)...)
	}
	r.Shape.norms = NormTail{From: FromRecordedUnits, N: u.N, Index: tail.IndexOf(norms, tail.Absolute), Untested: untested.String(), Needs: untested.Needs}
	if len(u.Loss) > 0 {
		r.addSample(Loss, u.Loss, reference{})
	}
}

func (r *Result) addSample(of string, x []float64, ref reference) {
	row := describe(of, AxisUnits, x)
	row.GaussianSurrogate = ref.kurtosis()
	r.Summaries = append(r.Summaries, Summary{Of: of, Summary: normality.Summarise(x)})
	r.Normality = append(r.Normality, row)
	t := Tail{Of: of, Axis: AxisUnits, Evidence: Recorded, Zeros: tail.Zeros(x), N: len(x), Estimates: tails(x)}
	for m, gammas := range ref.gammas {
		t.Surrogate = append(t.Surrogate, tail.BandOf(t.Estimates[m].Method, slices.Clone(gammas)))
	}
	r.Tails = append(r.Tails, t)
}

// describe makes a row of moments and tests for a sample.
func describe(of, axis string, x []float64) Normality {
	m := normality.Describe(x)
	return Normality{
		Of: of, Axis: axis, Evidence: Recorded, N: len(x),
		SkewnessG1: m.Skewness.Biased, SkewnessPredicted: estimate.Undefined(), SkewnessCI: m.Skewness.CI,
		ExcessKurtosisG2: m.ExcessKurtosis.Biased, ExcessKurtosisPredicted: estimate.Undefined(),
		ExcessKurtosisCeiling: m.ExcessKurtosis.Ceiling, CI: m.ExcessKurtosis.CI, GaussianSurrogate: estimate.None(),
		Tests: []normality.Test{normality.JarqueBera(x), normality.AndersonDarling(x)},
	}
}

// AddDraws describes the noise of direct draws: its squared length against what the units predict, and its numbers along the fixed
// directions, few but of real minibatches. Where the draws have the norms of all samples, so has the shape of the whole training set.
func (r *Result) AddDraws(d *probe.Draws, u *probe.Units) {
	rows, none := directRows(d, u)
	r.Shape.Rows, r.Shape.NoDirect, r.Shape.NoDirectNeeds = append(r.Shape.Rows, rows...), none.String(), none.Needs
	if d.Samples != nil {
		r.Shape.addPopulation(cumulantsOf(u).ofPopulation(covariance.PopulationOf(d.Samples)).populationShape(), u.UnitSize)
		n := &r.Shape.norms
		n.From, n.N, n.Index = FromAllSamples, len(d.Samples.NormSq), tail.IndexOf(lengths(d.Samples), tail.Absolute)
	}
	add := func(of string, arm enhancement.Arm, alpha float64, batch int, x []float64) {
		if len(x) < 2 {
			return
		}
		row := describe(of, AxisDraws, x)
		row.Evidence, row.Standardised, row.Arm, row.Alpha, row.Batch = enhancement.Direct, true, arm, &alpha, &batch
		row.GaussianSurrogate = normality.GaussianKurtosis(len(x))
		r.Normality = append(r.Normality, row)
	}
	for _, p := range d.Projections {
		of := enhancement.NoisePrefix + p.Name
		if d.Alpha != 1 {
			add(of, enhancement.ArmNE, d.Alpha, d.Batch, p.NE)
		}
		add(of, enhancement.ArmSGD, 1, d.Batch, p.X)
		if d.Effective != d.Batch {
			add(of, enhancement.ArmEffective, 1, d.Effective, p.Effective)
		}
	}
}

// HillCurve is gamma with the ends of its interval (or of its 95% range, for a surrogate), an element for each k.
type HillCurve struct{ Gamma, Lo, Hi []float64 }

// HillPlot is Hill's estimate of gamma against k for a sample, and for Gaussian quantiles of the same mean and scale.
type HillPlot struct {
	K                 []int
	Sample, Surrogate HillCurve
}

func hillPlot(x []float64) HillPlot {
	maxK := len(x) / 4
	k, gamma, lo, hi := tail.HillCurve(x, tail.Absolute, maxK)
	other, g, l, h := tail.HillCurve(gaussianQuantiles(x), tail.Absolute, maxK)
	n := min(len(k), len(other)) // zeros have no place in the first
	return HillPlot{K: k[:n], Sample: HillCurve{Gamma: gamma[:n], Lo: lo[:n], Hi: hi[:n]}, Surrogate: HillCurve{Gamma: g[:n], Lo: l[:n], Hi: h[:n]}}
}

// gaussianQuantiles are the quantiles at (i - 1/2)/n of the Gaussian with the mean and standard deviation of x.
func gaussianQuantiles(x []float64) []float64 {
	m := normality.Describe(x)
	law := distuv.Normal{Mu: float64(m.Mean), Sigma: math.Sqrt(float64(m.Variance))}
	q := make([]float64, len(x))
	for i := range q {
		q[i] = law.Quantile((float64(i) + 0.5) / float64(len(x)))
	}
	return q
}
