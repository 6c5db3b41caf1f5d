package analysis

import (
	"math"

	"github.com/noiseprobe/noiseprobe/analysis/along"
	"github.com/noiseprobe/noiseprobe/analysis/covariance"
	"github.com/noiseprobe/noiseprobe/analysis/curvature"
	"github.com/noiseprobe/noiseprobe/analysis/enhancement"
	"github.com/noiseprobe/noiseprobe/analysis/estimate"
	"github.com/noiseprobe/noiseprobe/analysis/optimizer"
	"github.com/noiseprobe/noiseprobe/analysis/report"
	"github.com/noiseprobe/noiseprobe/analysis/shape"
	"github.com/noiseprobe/noiseprobe/noise"
	"github.com/noiseprobe/noiseprobe/probe"
)

// Settings say which training the gradients belong to.
type Settings struct {
	// Alpha is NaN for gradients of no particular training: resampled factors and B_eff are then those of the grid alone, and what
	// is about one alpha, such as the shape of the noise of a minibatch, is left out.
	Alpha float64
	// Batch is B, in samples.
	Batch        int
	Pairing      noise.Pairing
	LearningRate float64
	// Seed is the root of the resampling streams.
	Seed uint64
	// Resamples is the effort of what is simulated, 0 for [shape.DefaultResamples].
	Resamples int
	// Eigenvalues bounds how many are kept; not positive keeps all.
	Eigenvalues int

	// TrainLoss is the mean loss of the training set, or of a sample of it, at the same parameters; 0 where it is not known. It shows recorded samples
	// that are unlike the others.
	TrainLoss float64
	// Frozen says that the units are samples of a network whose normalisation is frozen, unlike in training.
	Frozen bool
	// Curvature is that of some of the units; nil where it was not recorded.
	Curvature *probe.Curvature
	// Optimizer is the noise of the updates; nil where the state of the optimizer is not known.
	Optimizer *optimizer.Noise
	// SGD says that training is by SGD, with this Momentum, of whose updates the covariance says all.
	SGD      bool
	Momentum float64
	// LargeNoise is the alpha of large-noise SGD, 0 for others: Alpha is then NaN, since a step has the covariance of NE at this alpha, and nothing else of it.
	LargeNoise float64
}

// Result is the analysis of one checkpoint, with the data of the figures that a report does not carry.
type Result struct {
	Checkpoint report.Checkpoint
	// Spectrum has all min(n-1, P) eigenvalues of Sigma, divisor n, descending.
	Spectrum []float64
	// Leading holds standardised noise along the leading direction, resampled, by arm.
	Leading []shape.Sample
	// Hill is the Hill plot of the gradient norms.
	Hill shape.HillPlot
}

// Analyse describes one checkpoint. Either of units and draws may be nil: what rests on it is then left out. What is decided for all checkpoints
// together waits for [Conclude].
func Analyse(u *probe.Units, d *probe.Draws, s Settings) Result {
	r := Result{Checkpoint: report.Checkpoint{Optimizer: s.Optimizer}}
	c := &r.Checkpoint
	addEnhancement(c, u, d, s)
	addGhostWarnings(c, u, d, s)
	if d != nil && d.Samples != nil {
		c.PopulationNorms = shape.NormsOf(d.Samples)
	}
	if u == nil {
		c.NoiseSize = covariance.SizeOf(nil, nil, population(c))
		c.Noise = s.noise(c, 1)
		return r
	}
	c.Step, c.Unit, c.UnitSize, c.Units = u.Step, u.Unit, u.UnitSize, u.N
	c.Parameters = estimate.Count(u.Parameters)
	if u.Population > 0 {
		c.Population = u.Population
	}
	r.Spectrum = addCovariance(c, u, s)
	if s.Curvature != nil {
		c.Curvature = curvature.Of(s.Curvature, u, s.curvature())
	}
	c.ScaleArtefact = shape.ScaleArtefact(u, s.Seed)
	found := shape.Of(u, s.shape())
	if d != nil {
		found.AddDraws(d, u)
	}
	c.Shape, c.Summaries, c.Normality, c.Tails, c.Pursuit = found.Shape, found.Summaries, found.Normality, found.Tails, found.Pursuit
	r.Leading, r.Hill = found.Leading, found.Hill
	why, unlike := s.withheld(u, population(c))
	if why.Why != "" {
		withhold(c, why)
	}
	if unlike && c.Optimizer != nil {
		c.Optimizer.Withhold(why) // by the metric of its own, few units may carry the noise where by length many do
	}
	if s.SGD {
		c.Optimizer = optimizer.SGD(u, c.Covariance, s.LearningRate, s.Momentum, optimizer.Settings{Alpha: s.covarianceAlpha(), Batch: s.Batch, Pairing: s.Pairing, Frozen: s.Frozen})
	}
	if c.NoiseSize = covariance.SizeOf(u, c.Covariance, population(c)); c.NoiseSize.Undefined != "" {
		c.Warnings = append(c.Warnings, "noise scale undefined: the mean gradient is not told apart from 0")
	}
	c.Noise = s.noise(c, max(u.UnitSize, 1))
	return r
}

// withheld says why nothing that rests on the recorded units has an interval, and whether that is since they are unlike the training set; the norms of all
// samples decide that better than their losses.
func (s Settings) withheld(u *probe.Units, p *covariance.Population) (why estimate.Reason, unlike bool) {
	if why = covariance.WithheldOf(u, p); why.Why != "" || p != nil {
		return why, false
	}
	why = s.unlike(u)
	return why, why.Why != ""
}

// withhold applies the one rule to all that rests on the recorded units: where too few of them carry the noise there are no intervals, counts and
// verdicts.
func withhold(c *report.Checkpoint, why estimate.Reason) {
	c.Covariance.Withhold(why)
	c.Shape.Withhold(why)
	if c.Curvature != nil {
		c.Curvature.Withhold(why)
	}
	if c.ScaleArtefact != nil {
		c.ScaleArtefact.Withhold(why.String())
	}
	for i := range c.EffectiveBatch {
		if row := &c.EffectiveBatch[i]; row.Against == enhancement.RecordedUnits && !row.ExactTrace {
			row.Withhold(why)
		}
	}
	for _, t := range c.Tails {
		for i := range t.Estimates {
			if t.Of == shape.GradientNorm {
				t.Estimates[i].CI = estimate.None()
			}
		}
	}
}

func population(c *report.Checkpoint) *covariance.Population {
	if c.PopulationNorms == nil {
		return nil
	}
	return &c.PopulationNorms.Population
}

// Conclude judges the checkpoints of one training together, in the order of their steps: the tests of all of them at one false discovery
// rate, the predictions at one family-wise rate, and what becomes of the noise along training. It fills in their verdicts.
func Conclude(checkpoints []report.Checkpoint) *along.Along {
	shapes, points := make([]*shape.Shape, len(checkpoints)), []along.Point{}
	for i, c := range checkpoints {
		shapes[i] = c.Shape
	}
	shape.Judge(shapes)
	judgePredictions(checkpoints)
	for i := range checkpoints {
		c := &checkpoints[i]
		if c.Shape != nil {
			c.Rejections = c.Shape.Count()
		}
		if c.NoiseSize == nil {
			continue
		}
		p := along.Point{Step: c.Step, Population: c.Population, Size: c.NoiseSize, StepTrace: estimate.Undefined(), Shape: c.Shape}
		if c.Noise != nil {
			p.StepTrace = c.Noise.StepTrace
		}
		points = append(points, p)
	}
	return along.Of(points)
}

// judgePredictions collects the tests of predictions. Checkpoints without any have none of it in the report.
func judgePredictions(checkpoints []report.Checkpoint) {
	var all []*enhancement.Predictions
	for _, c := range checkpoints {
		p := enhancement.Predict(c.NoiseCorrelation, c.EffectiveBatch)
		if c.Shape != nil {
			for _, row := range c.Shape.Rows {
				p.Add("excess "+string(row.Arm), row.PValue)
			}
		}
		all = append(all, p)
	}
	enhancement.JudgePredictions(all)
	for i := range checkpoints {
		if c := &checkpoints[i]; len(all[i].Tests) > 0 {
			c.Predictions = all[i]
			c.Predictions.Allow(c.Enhancement, c.EffectiveBatch)
		}
	}
}

func (s Settings) shape() shape.Settings {
	return shape.Settings{Alpha: s.Alpha, Batch: s.Batch, Seed: s.Seed, Resamples: s.Resamples}
}

// covarianceAlpha is the alpha at which NE has the covariance of a step.
func (s Settings) covarianceAlpha() float64 {
	if s.LargeNoise != 0 {
		return s.LargeNoise
	}
	return s.Alpha
}

func (s Settings) curvature() curvature.Settings {
	return curvature.Settings{Alpha: s.covarianceAlpha(), Batch: s.Batch, Pairing: s.Pairing, LearningRate: s.LearningRate, Frozen: s.Frozen}
}

func addEnhancement(c *report.Checkpoint, u *probe.Units, d *probe.Draws, s Settings) {
	if d != nil {
		c.Population = d.Population / max(d.Ghost, 1)
	}
	e := enhancement.Analyse(u, d, enhancement.Settings{Alpha: s.Alpha, Batch: s.Batch, Seed: s.Seed, Pairs: s.shape().Pairs()})
	c.NoiseCorrelation, c.Enhancement, c.EffectiveBatch = e.Correlations, e.Factors, e.EffectiveBatches
	c.Matched, c.ScaleExponent, c.ExponentConclusion = e.Matched, e.Exponents, e.Exponent
	c.UpdateCheck, c.Warnings = e.UpdateCheck, e.Warnings
}

// addCovariance returns the whole spectrum, of which the report keeps the leading part.
func addCovariance(c *report.Checkpoint, u *probe.Units, s Settings) (spectrum []float64) {
	cov := covariance.Analyse(u, 0)
	for _, v := range cov.Eigenvalues {
		spectrum = append(spectrum, float64(v))
	}
	if s.Eigenvalues > 0 {
		cov.Eigenvalues = cov.Eigenvalues[:min(s.Eigenvalues, len(cov.Eigenvalues))]
	}
	c.Covariance = &cov
	return spectrum
}

// noise is that of a step, for units of so many samples: of m ghost batches a minibatch has B/size, and Eq. 4 is the same in samples if their
// covariance is taken times their size. It is nil without an alpha, and where the number of samples is not known.
func (s Settings) noise(c *report.Checkpoint, size int) *report.Noise {
	samples := c.Population * size
	if c.NoiseSize == nil || !s.enhanced() || s.Frozen || samples < 2 || noise.CheckBatch(s.Pairing, samples, s.Batch) != nil {
		return nil
	}
	factor := noise.CovarianceFactor(s.Pairing, samples, s.Batch, s.Alpha) * float64(size)
	share := 1 - 1/float64(samples)
	trace := math.NaN()
	if c.Covariance != nil {
		trace = factor * share * float64(c.Covariance.TraceUnbiased)
	}
	n := &report.Noise{GradientTrace: estimate.Number(trace), UpdateTraceSGD: estimate.Number(s.LearningRate * s.LearningRate * trace), StepTrace: estimate.Number(trace)}
	if c.NoiseSize.Exact() {
		n.StepTrace = estimate.Number(factor * float64(c.NoiseSize.Trace))
	}
	return n
}

// enhanced reports whether the gradients belong to a training with an alpha.
func (s Settings) enhanced() bool { return !math.IsNaN(s.Alpha) }
