package main

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/noiseprobe/noiseprobe/analysis"
	"github.com/noiseprobe/noiseprobe/analysis/along"
	"github.com/noiseprobe/noiseprobe/analysis/covariance"
	"github.com/noiseprobe/noiseprobe/analysis/enhancement"
	"github.com/noiseprobe/noiseprobe/analysis/estimate"
	"github.com/noiseprobe/noiseprobe/analysis/report"
	"github.com/noiseprobe/noiseprobe/analysis/shape"
	"github.com/noiseprobe/noiseprobe/analysis/tail"
	"github.com/noiseprobe/noiseprobe/noise"
	"github.com/noiseprobe/noiseprobe/probe"
)

// reportCases are whole reports.
func reportCases() (all []experiment) {
	for _, n := range []int{64, 256, 512} {
		for _, batch := range []int{5, 20, 500} {
			all = append(all, reportCase(2000, n, batch))
		}
	}
	whole := reportCase(256, 256, 20)
	whole.share *= 3 // the least room below the bar
	return append(all, whole)
}

// reportCase makes a training set of its own for every report, of which n gradients are recorded, and has the default number of draws.
func reportCase(samples, n, batch int) experiment {
	l := gaussian.of(parameters, n, 6)
	return experiment{
		section: sectionReports, data: fmt.Sprintf("N = %d, B = %d", samples, batch), n: n, share: 2.5,
		targets: statements("anything", "test of shape", "scale artefact", "scale exponent", "f", "f, any alpha", "B_eff, p < 5%", "B_eff, any", "excess, any"),
		read: func(rng *rand.Rand) []reading {
			return said(statedBy(gaussianReport(rng, l, samples, n, batch, alpha))...)
		},
	}
}

// gaussianReport is a report of one checkpoint, concluded, of a training that makes its step with this alpha and says that it is another.
func gaussianReport(rng *rand.Rand, l law, samples, n, batch int, stepped float64) report.Checkpoint {
	// Few roots, since the range of exponents of Gaussian pairs is simulated once a root.
	set, root := wholeSet{trainingSet{l.p, l.rows(rng, samples)}}, uint64(rng.IntN(16))
	directions := probe.RandomDirections(root, l.p, 2)
	d := draw(set, probe.Plan{Draws: 64, Batch: batch, Alpha: stepped, Pairing: noise.Independent, Seed: root}, directions...)
	d.Alpha = alpha
	r := analysis.Analyse(set.recorded(rng, n, directions...), d, analysis.Settings{
		Alpha: alpha, Batch: batch, Pairing: noise.Independent, LearningRate: 1e-3, Seed: root, Eigenvalues: covariance.DefaultEigenvalues,
	})
	all := []report.Checkpoint{r.Checkpoint}
	analysis.Conclude(all)
	return all[0]
}

// predictionCases read the tests of theory that are judged together, where theory holds, and where the step has another alpha than it is said to have.
func predictionCases() (all []experiment) {
	for _, n := range []int{64, 256} {
		for _, stepped := range []float64{alpha, 1.1 * alpha} {
			l := gaussian.of(parameters, n, 6)
			all = append(all, experiment{
				section: sectionPredictions, data: fmt.Sprintf("N = 2000, B = 20, steps with alpha = %g", stepped), n: n, share: 1,
				targets: statements("any p below 5%", "any rejected", "f called different", "B_eff called different"),
				read: func(rng *rand.Rand) []reading {
					c := gaussianReport(rng, l, 2000, n, 20, stepped)
					single := slices.ContainsFunc(c.Predictions.Tests, func(p enhancement.Prediction) bool { return small(p.PValue) })
					f := slices.ContainsFunc(c.Enhancement, func(f enhancement.Factor) bool { return f.Evidence == enhancement.Direct && different(f.Verdict) })
					b := slices.ContainsFunc(c.EffectiveBatch, func(b enhancement.EffectiveBatch) bool {
						return b.Evidence == enhancement.Direct && different(b.Verdict)
					})
					return said(single, c.Predictions.Discoveries > 0, f, b)
				},
			})
		}
	}
	return all
}

func different(v enhancement.Verdict) bool {
	return v == enhancement.Differs || v == enhancement.BeyondMargin
}

// statedBy is what a report with one checkpoint says, in the order of the targets.
func statedBy(c report.Checkpoint) []bool {
	shaped := c.Shape.Conclusion.Verdict == shape.NotGaussian
	artefact := !slices.Contains([]string{tail.ConsistentWithGaussian, tail.TooFewDraws, tail.NotJudged}, c.ScaleArtefact.Verdict)
	exponent := slices.ContainsFunc(c.ScaleExponent, func(e enhancement.ScaleExponent) bool { return e.Verdict == enhancement.StableLike })
	var factor, anyFactor, batch, anyBatch, excess bool
	for _, f := range c.Enhancement {
		if outside(f) {
			anyFactor = true
			factor = factor || f.Alpha == alpha && f.Evidence == enhancement.Direct && f.Pairing != string(noise.Naive)
		}
	}
	for _, row := range c.EffectiveBatch {
		if row.Alpha == alpha && row.Evidence == enhancement.Direct && small(row.PValue) {
			anyBatch, batch = true, batch || row.Against == enhancement.RecordedUnits
		}
	}
	for _, row := range c.Shape.Rows {
		excess = excess || small(row.PValue)
	}
	return []bool{shaped || artefact || exponent || factor, shaped, artefact, exponent, factor, anyFactor, batch, anyBatch, excess}
}

// outside reports whether the interval of a factor does not hold the prediction, and no test shows that it is within the margin.
func outside(f enhancement.Factor) bool {
	return f.CI.Defined() && !f.CI.Contains(float64(f.Predicted)) && !f.Equivalence.Equivalent
}

func small(p estimate.Number) bool { return p.Defined() && p < 1-estimate.Level }

// alongCases compare checkpoints whose units are independent.
func alongCases() (all []experiment) {
	for _, n := range []int{64, 128} {
		for _, checkpoints := range []int{2, 6} {
			for _, c := range []struct {
				name string
				last float64
			}{{"equal traces", 1}, {"the last trace halved", 0.5}, {"the last trace doubled", 2}} {
				all = append(all, trainingCase(gaussian, fmt.Sprintf("%d checkpoints, %s", checkpoints, c.name), n, checkpoints, c.last))
			}
		}
	}
	for _, l := range []law{t5, t3, few(0.01, 0.73)} {
		for _, n := range []int{64, 128} {
			all = append(all, trainingCase(l, "6 checkpoints, equal traces, "+l.name, n, 6, 1))
		}
	}
	return all
}

func trainingCase(l law, data string, n, checkpoints int, last float64) experiment {
	l = l.of(parameters, n, 0)
	return experiment{
		section: sectionAlong, data: data, n: n, share: 0.25, targets: statements("weaker", "stronger", "undecided"),
		read: func(rng *rand.Rand) []reading {
			var points []along.Point
			for step := range checkpoints {
				rows := l.rows(rng, n)
				if step == checkpoints-1 {
					for i := range rows {
						rows[i] *= math.Sqrt(last)
					}
				}
				u := units(n, l.p, rows)
				c := covariance.Analyse(u, 1)
				points = append(points, along.Point{Step: step, Size: covariance.SizeOf(u, &c, nil), StepTrace: estimate.Undefined()})
			}
			v := along.Of(points).Strength.Verdict
			return said(v == along.Weaker, v == along.Stronger, v == along.Undecided)
		},
	}
}
