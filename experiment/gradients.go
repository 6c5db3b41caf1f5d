package experiment

import (
	"cmp"
	"fmt"
	"math"

	"github.com/noiseprobe/noiseprobe/analysis/covariance"
	"github.com/noiseprobe/noiseprobe/analysis/figure"
	"github.com/noiseprobe/noiseprobe/analysis/report"
	"github.com/noiseprobe/noiseprobe/analysis/shape"
	"github.com/noiseprobe/noiseprobe/noise"
	"github.com/noiseprobe/noiseprobe/probe"
)

// GradientSettings says what gradients that belong to no run are analysed for.
type GradientSettings struct {
	// Alpha is the enhancement; NaN asks about none in particular: with a Batch that stands for plain SGD, alpha = 1, without
	// one the factors of the grid of alpha are measured and nothing more is said about minibatches.
	Alpha float64
	// Batch is B in samples; 0 is that of a run without flags, 500, or the number of recorded samples where that is less.
	Batch int
	// Seed is the root of the random streams.
	Seed uint64
	// Eigenvalues bounds how many are kept; not positive keeps all.
	Eigenvalues int
	// Resamples is that of [Config], 0 for that of a run without flags.
	Resamples int
	// Out, if not empty, is the directory that the report is written to. One that exists is an [*ExistsError] without Force, which
	// replaces what an earlier analysis wrote, and nothing else.
	Out   string
	Force bool
}

// defaultResampledBatch is the size of resampled minibatches where none was asked for.
const defaultResampledBatch = 500

// DefaultGradientSettings returns the settings of an analysis without flags.
func DefaultGradientSettings() GradientSettings {
	return GradientSettings{Alpha: math.NaN(), Seed: 1, Eigenvalues: covariance.DefaultEigenvalues, Resamples: shape.DefaultResamples}
}

// resolveFor fills in what was not given, for n units that were recorded so, whose population must be large enough.
func (s GradientSettings) resolveFor(m probe.Meta, n int) (GradientSettings, error) {
	size := max(m.UnitSize, 1)
	if m.Population > math.MaxInt/size {
		return s, fmt.Errorf("population %d of units of %d samples: so many samples cannot be counted", m.Population, size)
	}
	if err := checkRules([]rule{
		{!math.IsInf(s.Alpha, 0), fmt.Sprintf("-alpha %v: must be a finite number", s.Alpha)},
		{!(math.Abs(s.Alpha) > largestAlpha), fmt.Sprintf("-alpha %v: alpha^4 would overflow", s.Alpha)},
		{s.Batch >= 0, fmt.Sprintf("-batch %d: must be at least 1", s.Batch)},
		atMost("batch", s.Batch, largestBatch),
		resamplesRule(cmp.Or(s.Resamples, shape.DefaultResamples)),
	}); err != nil {
		return s, err
	}
	switch {
	case s.Batch == 0:
		s.Batch = min(defaultResampledBatch, n*size)
	case math.IsNaN(s.Alpha):
		s.Alpha = 1
	}
	switch {
	case m.Population == 0:
		return s, nil
	case m.Population < n:
		return s, fmt.Errorf("the population of the files, %d, is below their %d gradients: -population gives another", m.Population, n)
	}
	return s, noise.CheckBatch(noise.Independent, m.Population*size, s.Batch)
}

// AnalyseGradients describes gradients that belong to no run; source names the files they came from. What cannot be read, where
// layers are read while they are analysed, is an error.
func AnalyseGradients(g *probe.Gradients, source []string, s GradientSettings) (*report.Report, []figure.Figure, error) {
	s, err := s.resolveFor(g.Meta, g.Units())
	if err != nil {
		return nil, nil, err
	}
	units, err := reduce(g, s.Seed)
	if err != nil {
		return nil, nil, err
	}
	st := study{settings: s, source: source}
	st.add(units, nil, nil)
	rep, figures := st.conclude()
	return rep, figures, nil
}

// reduce is [probe.Gradients.Reduce] with random directions where the gradients have any.
func reduce(g *probe.Gradients, seed uint64) (*probe.Units, error) {
	var directions []probe.Direction
	if g.Explicit() {
		directions = probe.RandomDirections(seed, g.Parameters(), randomDirections)
	}
	units := g.Reduce(directions)
	return units, g.Err()
}
