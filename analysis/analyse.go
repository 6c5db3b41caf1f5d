package analysis

import (
	"fmt"
	"math"

	"github.com/noiseprobe/noiseprobe/analysis/covariance"
	"github.com/noiseprobe/noiseprobe/analysis/enhancement"
	"github.com/noiseprobe/noiseprobe/analysis/estimate"
	"github.com/noiseprobe/noiseprobe/analysis/report"
	"github.com/noiseprobe/noiseprobe/noise"
	"github.com/noiseprobe/noiseprobe/probe"
)

// Settings say which training the gradients belong to.
type Settings struct {
	// Alpha is NaN for gradients of no particular training: resampled factors and B_eff are then those of the grid alone, and what
	// is about one alpha, such as the shape of the noise of a minibatch, is left out.
	Alpha        float64
	Batch        int
	Pairing      noise.Pairing
	LearningRate float64
	// Seed is the root of the resampling streams.
	Seed uint64
	// Eigenvalues bounds how many are kept; not positive keeps all.
	Eigenvalues int
	// Resamples is the number of resampled draws per arm, 0 for [DefaultResamples]; it scales what else is simulated.
	Resamples int

	// Frozen says that the units are samples of a network whose normalisation is frozen, unlike in training.
	Frozen bool

	// whole says that Batch counts units that are ghost batches, of which less than one makes no minibatch.
	whole bool
}

// Result is the analysis of one checkpoint, with the data of the figures that a report does not carry.
type Result struct {
	Checkpoint report.Checkpoint
	// Spectrum has all min(n-1, P) eigenvalues of Sigma, divisor n, descending.
	Spectrum []float64
	// Shape holds standardised noise draws along the leading direction: NE at B, SGD at B, SGD at B_eff.
	Shape [3][]float64
	// Hill is the Hill plot of the gradient norms.
	Hill HillPlot
}

// Analyse describes one checkpoint. Either of units and draws may be nil: what rests on it is then left out.
func Analyse(u *probe.Units, d *probe.Draws, s Settings) Result {
	r := Result{Checkpoint: report.Checkpoint{UpdateCheck: estimate.Undefined()}}
	c := &r.Checkpoint
	ofRun := s
	if u != nil {
		s = s.inUnits(u.UnitSize)
	}
	addEnhancement(c, u, d, s)
	addGhostWarnings(c, u, d, ofRun)
	if u == nil {
		return r
	}
	c.Step, c.Unit, c.UnitSize, c.Units = u.Step, u.Unit, u.UnitSize, u.N
	c.Parameters = u.Parameters
	if u.Population > 0 {
		c.Population = u.Population
	}
	r.Spectrum = addCovariance(c, u, ofRun)
	addPerUnit(c, u, s)
	c.ScaleArtefact = scaleArtefact(u, s.Seed)
	if s.enhanced() {
		shape := drawShape(u, s)
		shape.addTo(c)
		shape.addMatched(c, s)
		c.Rejections, c.Pursuit = rejections(c.Normality), shape.pursuit
		r.Shape = shape.leading()
	}
	if d != nil {
		addDirectShape(c, d, s.effort())
	}
	r.Hill = hillPlot(u.Norm())
	if u.UnitSize > 1 {
		inSamples(c, u.UnitSize)
	}
	return r
}

func addEnhancement(c *report.Checkpoint, u *probe.Units, d *probe.Draws, s Settings) {
	if d != nil {
		c.Population = d.Population / max(d.Ghost, 1)
	}
	e := enhancement.Analyse(u, d, enhancement.Settings{Alpha: s.Alpha, Batch: s.Batch, Seed: s.Seed, Whole: s.whole, Pairs: s.effort().pairs()})
	c.NoiseCorrelation, c.Enhancement, c.EffectiveBatch = e.Correlations, e.Factors, e.EffectiveBatches
	c.Matched, c.ScaleExponent = e.Matched, e.Exponents
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
	if !cov.NoiseScale.Defined() && cov.GradientNormSqUnbiased.Defined() {
		c.Warnings = append(c.Warnings, fmt.Sprintf("noise scale undefined: the unbiased estimate of |grad L|^2, %.3g, is not positive",
			float64(cov.GradientNormSqUnbiased)))
	}
	// Of m ghost batches a minibatch has B/size, and Eq. 4 is the same in samples if their covariance is taken times their size.
	size := max(u.UnitSize, 1)
	samples := u.Population * size
	if s.enhanced() && !s.Frozen && samples >= 2 && noise.CheckBatch(s.Pairing, samples, s.Batch) == nil {
		n := float64(samples)
		trace := noise.CovarianceFactor(s.Pairing, samples, s.Batch, s.Alpha) * (n - 1) / n * float64(cov.TraceUnbiased) * float64(size)
		c.Noise = &report.Noise{
			GradientTrace: estimate.Number(trace), UpdateTraceSGD: estimate.Number(s.LearningRate * s.LearningRate * trace),
		}
	}
	return spectrum
}

// enhanced reports whether the gradients belong to a training with an alpha.
func (s Settings) enhanced() bool { return !math.IsNaN(s.Alpha) }
