package branch

import (
	"fmt"
	"math"
	"path/filepath"
	"strconv"

	"github.com/noiseprobe/noiseprobe/analysis/shape"
	"github.com/noiseprobe/noiseprobe/experiment"
	"github.com/noiseprobe/noiseprobe/experiment/sweep"
	"github.com/noiseprobe/noiseprobe/noise"
	"github.com/noiseprobe/noiseprobe/train"
)

// Plan is the branches of a checkpoint.
type Plan struct {
	Settings
	Checkpoint Checkpoint
	from       *experiment.Start
}

// Checkpoint is the run where it is left.
type Checkpoint struct {
	Step         int     `json:"step"`
	TrainLoss    float64 `json:"train_loss"`
	LearningRate float64 `json:"learning_rate"`
	Batch        int     `json:"batch"`
	Alpha        float64 `json:"alpha"`
	Optimizer    string  `json:"optimizer"`
}

// NewPlan checks the settings against the run; nothing is written.
func NewPlan(s Settings) (*Plan, error) {
	if err := s.check(); err != nil {
		return nil, err
	}
	from, err := experiment.StartOf(s.Dir, s.Step)
	if err != nil {
		return nil, err
	}
	c, m := from.Config(), from.Metric()
	if s.Rule == "" {
		s.Rule = usualRule(c.Optimizer)
	}
	p := &Plan{Settings: s, from: from, Checkpoint: Checkpoint{
		Step: m.Step, TrainLoss: m.TrainLoss, LearningRate: m.LearningRate, Batch: c.Batch, Alpha: c.Alpha, Optimizer: c.Optimizer,
	}}
	return p, p.check()
}

// check refuses what cannot come to a result.
func (p *Plan) check() error {
	c := p.from.Config()
	if c.Noise != string(noise.NE) {
		return fmt.Errorf("%s: was trained with -noise %s, and the branches are those of -noise %s", p.Dir, c.Noise, noise.NE)
	}
	if p.TargetLoss >= p.Checkpoint.TrainLoss {
		return experiment.Usagef("-target-loss %v: %s has a training loss of %.4g already", p.TargetLoss, p.from.Path(), p.Checkpoint.TrainLoss)
	}
	for _, b := range p.Batches {
		if err := noise.CheckBatch(noise.Pairing(c.Pairing), p.from.Samples(), b); err != nil {
			return fmt.Errorf("-%w", err)
		}
		if p.from.Ghosts() && b < c.Ghost {
			return experiment.Usagef("-batch %d: the network normalises in ghost batches of %d samples, and is another one below", b, c.Ghost)
		}
	}
	return p.from.CheckOptimizer()
}

// referenceName is that of the branch that chooses the loss.
const referenceName = "reference"

// reference goes on as the run did, for as long as is wanted.
func (p *Plan) reference(flags sweep.Flags) sweep.NamedRun {
	c := p.config(p.Checkpoint.Alpha, p.Checkpoint.Batch, 1)
	c.LearningRate, c.Steps = p.Checkpoint.LearningRate, p.Steps
	return named(flags, referenceName, c)
}

// branches go on until they have passed the loss, seed by seed, so that what is there after an interruption is a smaller experiment.
func (p *Plan) branches(flags sweep.Flags, target float64) []sweep.NamedRun {
	var all []sweep.NamedRun
	for seed := 1; seed <= p.Seeds; seed++ {
		for _, alpha := range p.Alphas {
			for _, batch := range p.Batches {
				c := p.config(alpha, batch, seed)
				c.UntilConverged, c.LossMeasure = true, train.Recent
				c.LStop = target * math.Pow(target/p.Checkpoint.TrainLoss, beyond)
				all = append(all, named(flags, runName(alpha, batch, seed), c))
			}
		}
	}
	return all
}

const (
	// beyond is the part of the way to the loss, on the scale of logarithms, by which a branch passes it.
	beyond = 0.05
	// patience is how many times as long a branch may take as a reference of the same noise at most.
	patience = 1.5
	// looks are the losses of a branch, evenly spaced on the scale of the logarithm of its steps up to the most.
	looks = 60
)

// config is that of a branch: as the run was, with no more recorded than losses.
func (p *Plan) config(alpha float64, batch, seed int) experiment.Config {
	c := p.from.Config()
	c.From, c.Data = p.from.Path(), p.from.Data()
	c.Alpha, c.Batch, c.Seed = alpha, batch, uint64(seed)
	c.LearningRate = p.rate(alpha, batch)
	c.UntilConverged, c.LStar, c.LStop, c.Steps = false, 0, 0, p.bound(alpha, batch)
	c.Checkpoints, c.Evaluate, c.Eval = "0", fmt.Sprintf("log:%d", looks), p.Eval
	c.Units, c.Draws, c.Record, c.Curvature, c.Norms = 2, 0, experiment.RecordNone, experiment.CurvatureOff, false
	c.Resamples = shape.FewestResamples
	return c
}

// ratio is how many times as large a batch is as that of the run, both as plain minibatches of the same noise, B / f: so that noise enhancement
// at B and SGD at B / f have the same learning rate.
func (p *Plan) ratio(alpha float64, batch int) float64 {
	c := p.Checkpoint
	return float64(batch) / noise.Factor(alpha) * noise.Factor(c.Alpha) / float64(c.Batch)
}

func (p *Plan) rate(alpha float64, batch int) float64 {
	return rate(p.Rule, p.Checkpoint.LearningRate, p.ratio(alpha, batch))
}

// bound is the most steps of a branch: at a smaller batch size than that of the run as many samples, at a larger one as many steps.
func (p *Plan) bound(alpha float64, batch int) int {
	return int(min(math.Ceil(patience*float64(p.Steps)*max(1, 1/p.ratio(alpha, batch))), 1e9))
}

// named is a run with all of its settings as flags.
func named(flags sweep.Flags, name string, c experiment.Config) sweep.NamedRun {
	values := map[string]string{}
	for _, flag := range flags.Names() {
		values[flag] = flags.Text(c, flag)
	}
	return sweep.NamedRun{Name: name, Values: values}
}

// DefaultDir is the directory of the branches where none is given.
func (p *Plan) DefaultDir() string {
	return filepath.Join("sweeps", experiment.SafeName(filepath.Base(filepath.Clean(p.Dir)))+"-critical-batch-"+strconv.Itoa(p.Checkpoint.Step))
}
