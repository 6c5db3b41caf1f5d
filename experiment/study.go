package experiment

import (
	"math"

	"github.com/noiseprobe/noiseprobe/analysis"
	"github.com/noiseprobe/noiseprobe/analysis/covariance"
	"github.com/noiseprobe/noiseprobe/analysis/estimate"
	"github.com/noiseprobe/noiseprobe/analysis/figure"
	"github.com/noiseprobe/noiseprobe/analysis/report"
	"github.com/noiseprobe/noiseprobe/analysis/shape"
	"github.com/noiseprobe/noiseprobe/noise"
	"github.com/noiseprobe/noiseprobe/probe"
)

// study is the analysis of gradients that belong to no run, checkpoint by checkpoint.
type study struct {
	settings GradientSettings // resolved
	// pairing is that of direct draws, empty for independent pairs.
	pairing noise.Pairing
	source  []string
	// frozen says that the units are samples of a network that normalises by ghost batches.
	frozen      bool
	checkpoints []report.Checkpoint
	plots       plots
}

// add describes a checkpoint, of which units or draws, and the curvature, may be nil, and returns it.
func (s *study) add(u *probe.Units, d *probe.Draws, curved *probe.Curvature) *report.Checkpoint {
	if s.pairing == "" {
		s.pairing = noise.Independent
	}
	result := analysis.Analyse(u, d, analysis.Settings{
		Alpha: s.settings.Alpha, Batch: s.settings.Batch, Pairing: s.pairing, LearningRate: math.NaN(), Seed: s.settings.Seed,
		Eigenvalues: s.settings.Eigenvalues, Resamples: s.settings.Resamples, Frozen: s.frozen,
		Curvature: curved,
	})
	c := result.Checkpoint
	if c.Unit == "" {
		c.Unit, c.UnitSize = probe.UnitSample, 1
	}
	c.TrainLoss, c.TestLoss, c.TestAccuracy = estimate.Undefined(), estimate.Undefined(), estimate.Undefined()
	if u != nil {
		c.Warnings = append(c.Warnings, repeatWarnings(u)...)
		c.TrainLoss = estimate.Number(estimate.Mean(u.Loss))
	} else if d.Step != nil {
		c.Step = *d.Step
	}
	s.plots.add(c.Step, result)
	s.checkpoints = append(s.checkpoints, c)
	return &s.checkpoints[len(s.checkpoints)-1]
}

// unusual is a number of resamples as reports have it: 0 for that of a run without flags.
func unusual(resamples int) int {
	if resamples == shape.DefaultResamples {
		return 0
	}
	return resamples
}

// conclude judges the checkpoints together.
func (s *study) conclude() (*report.Report, []figure.Figure) {
	rep := report.OfGradients(report.Analysis{
		Source: s.source, Alpha: estimate.Number(s.settings.Alpha), Batch: s.settings.Batch, Pairing: string(s.pairing), Seed: s.settings.Seed,
		Resamples: unusual(s.settings.Resamples), Version: Version,
	}, s.checkpoints)
	rep.Along = analysis.Conclude(rep.Checkpoints)
	return rep, drawable(s.plots.figures(rep), len(s.checkpoints))
}

// drawable are the figures that have data, and of one checkpoint those that are not about training.
func drawable(figures []figure.Figure, checkpoints int) (drawn []figure.Figure) {
	for _, f := range figures {
		points := 0
		for _, s := range f.Series {
			points += len(s.X)
		}
		if points > 0 && (checkpoints > 1 || !report.IsAlongTraining(f.Name)) {
			drawn = append(drawn, f)
		}
	}
	return drawn
}

// trailOf is the checkpoint before in files, which stay open.
type trailOf struct {
	trail
	files *probe.Files
}

// overlap compares a checkpoint with the one before, where the gradients of both are known and belong to the same layers.
func (t *trailOf) overlap(files *probe.Files, u *probe.Units) (*covariance.Overlap, error) {
	before := t.files
	return t.trail.overlap(u.Step, u, func(int) ([]float64, error) {
		if before == nil || !before.Explicit() || !files.Explicit() || !probe.SameLayers(&before.Gradients, &files.Gradients) {
			return nil, nil
		}
		cross := probe.CrossGram(&before.Gradients, &files.Gradients)
		if err := before.Err(); err != nil {
			return nil, err
		}
		return cross, files.Err()
	})
}
