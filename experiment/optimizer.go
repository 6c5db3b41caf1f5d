package experiment

import (
	"errors"
	"fmt"
	"io/fs"

	"github.com/noiseprobe/noiseprobe/analysis/covariance"
	"github.com/noiseprobe/noiseprobe/analysis/optimizer"
	"github.com/noiseprobe/noiseprobe/noise"
	"github.com/noiseprobe/noiseprobe/probe"
	"github.com/noiseprobe/noiseprobe/train"
)

const (
	// gradientShare is the part of the samples that training reads which full gradients at the checkpoints may read.
	gradientShare = 0.1
	// metricUnits bounds the units whose gradients are formed for the spectrum in the optimizer's metric, whose time grows as its square.
	metricUnits = 96
)

// stateOf is the state of the trainer's optimizer, nil where it has no moments, or none yet.
func stateOf(t *train.Trainer) *probe.Optimizer {
	adam, ok := t.Optimizer.(*train.Adam)
	if !ok || *adam.Steps() == 0 {
		return nil
	}
	o := &probe.Optimizer{
		Name: t.Settings.Optimizer.Name, Step: *adam.Steps(), LearningRate: t.State.LearningRate,
		Beta1: adam.Beta1, Beta2: adam.Beta2, Epsilon: adam.Epsilon,
	}
	o.M, o.V = adam.Moments()
	return o
}

// recordOptimizer writes the state of the optimizer; with the full gradient, and the variance of every parameter's, where they are known already or take little time.
func (r *run) recordOptimizer(path string, full []float32, known *train.Moments) error {
	o := stateOf(r.trainer)
	if o == nil || o.Check() != nil { // moments beyond the range of float32 have no use
		return nil
	}
	m := r.trainer.Model
	// Without gradients of units it would be of no use.
	if o.Gradient = full; r.Record == RecordFactored && (full != nil || r.affordsGradient()) {
		if known.Mean == nil {
			var err error
			if known, err = (train.Source{Model: m, Data: r.data.Train}).SampleMoments(); err != nil {
				return err
			}
		}
		o.Gradient, o.Variance = float32s(known.Mean), float32s(known.Variance)
	}
	return probe.WriteOptimizer(path, o, arrays(m))
}

// arrays are the parameters of a network.
func arrays(m *train.Model) (all []probe.Array) {
	for _, p := range m.Params {
		all = append(all, probe.Array{Name: p.Name, Shape: p.Shape})
	}
	return all
}

func float32s(x []float64) []float32 {
	y := make([]float32, len(x))
	for i, v := range x {
		y[i] = float32(v)
	}
	return y
}

// affordsGradient reports whether the gradient over the training set takes little time at a checkpoint. Under ghost batch normalisation there
// is none.
func (r *run) affordsGradient() bool {
	checkpoints := float64(len(r.schedule))
	return r.trainer.Model.Ghost() == 0 && float64(r.data.Train.N())*checkpoints <= gradientShare*r.samplesRead()
}

// plainSGD says that updates are gradients times constants, by the definition of the optimizer.
func (c *Config) plainSGD() bool { return c.Optimizer == train.NameSGD && c.method() != noise.PNM }

// samplesRead is the number of samples that training reads.
func (r *run) samplesRead() float64 {
	return float64(r.Steps) * float64(r.Batch) * float64(r.minibatches())
}

// optimizer analyses a checkpoint's gradients with the state of the optimizer; where it does not, it says why. draws may be nil.
func (d Directory) optimizer(step int, record runRecord, draws *probe.Draws) (n *optimizer.Noise, undefined string, err error) {
	c, path := record.Config, d.checkpoint(step, optimizerFile)
	switch {
	case c.method() == noise.PNM:
		return nil, "positive-negative momentum mixes two running means of the gradient with constant weights; docs/related.md says what becomes of the noise", nil
	case c.plainSGD():
		return nil, optimizer.AboutSGD(c.Momentum), nil // the rest is said with the covariance of units
	case step == 0:
		return nil, "before the first update the optimizer has no moments", nil
	case c.Record != RecordFactored:
		return nil, "the gradients of units were not kept: that takes -record factored", nil
	}
	g, err := probe.OpenRecorded(d.checkpoint(step, gradientsFile))
	if err != nil {
		return nil, "", err
	}
	defer func() { err = errors.Join(err, g.Close()) }()
	o, err := probe.ReadOptimizer(path, g.Layers, nil)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, "the state of the optimizer was not recorded", nil
	}
	// The optimizer of a run that began with a checkpoint counts on from there.
	if err == nil && o.Step != step && (c.From == "" || o.Step < step) {
		err = fmt.Errorf("%s: is of step %d", path, o.Step)
	}
	if err != nil {
		return nil, "", err
	}
	s := optimizer.Settings{
		Alpha: c.Alpha, Batch: c.Batch, Pairing: c.pairing(), Eigenvalues: covariance.DefaultEigenvalues, MetricUnits: metricUnits, Frozen: record.frozen(),
	}
	if n, err = optimizer.Analyse(g, o, s); err == nil && draws != nil {
		n.AddDirect(draws)
	}
	return n, "", err
}
