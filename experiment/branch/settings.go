package branch

import (
	"fmt"
	"math"
	"slices"

	"github.com/noiseprobe/noiseprobe/analysis/criticalbatch"
	"github.com/noiseprobe/noiseprobe/experiment"
	"github.com/noiseprobe/noiseprobe/experiment/sweep"
	"github.com/noiseprobe/noiseprobe/train"
)

// Rules for the learning rate at another batch size than that of the run.
const (
	None   = "none"
	Sqrt   = "sqrt"
	Linear = "linear"
)

// Rules are all of them.
func Rules() []string { return []string{None, Sqrt, Linear} }

// usualRule is the one that suits an optimizer: an update of SGD is as long as its learning rate, one of Adam follows the noise.
func usualRule(optimizer string) string {
	if optimizer == train.NameSGD {
		return Linear
	}
	return Sqrt
}

// Settings say from where branches go, and how.
type Settings struct {
	// Dir is the run directory, Step a checkpoint of it, -1 for the last.
	Dir  string
	Step int
	// Batches and Alphas are those of the branches, each with so many Seeds.
	Batches []int
	Alphas  []float64
	Seeds   int
	// Rule is one of [Rules], empty for that which suits the optimizer.
	Rule string
	// TargetLoss is the loss to reach, NaN for that which a branch at the settings of the run comes to in three quarters of Steps updates.
	// Without it, Steps is a guess of what the batch size of the run takes.
	TargetLoss float64
	Steps      int
	// Eval is the most samples of a loss, 0 for all.
	Eval int
}

// mostBatches bounds what a typing error costs.
const mostBatches = 50

func (s *Settings) check() error {
	switch {
	case len(s.Batches) > mostBatches || len(s.Alphas) > mostBatches:
		return experiment.Usagef("-batch, -alpha: at most %d values", mostBatches)
	case s.Step < -1:
		return experiment.Usagef("-checkpoint %d: must not be negative", s.Step)
	case s.Seeds < 1 || s.Seeds > sweep.MostRuns:
		return experiment.Usagef("-seeds %d: must be between 1 and %d", s.Seeds, sweep.MostRuns)
	case s.Rule != "" && !slices.Contains(Rules(), s.Rule):
		return experiment.Usagef("-lr-rule %s: must be none, sqrt or linear", s.Rule)
	case !math.IsNaN(s.TargetLoss) && !(s.TargetLoss > 0 && s.TargetLoss < math.MaxFloat64):
		return experiment.Usagef("-target-loss %v: must be a positive number", s.TargetLoss)
	case s.Steps < 2 || s.Steps > mostSteps:
		return experiment.Usagef("-steps %d: must be between 2 and %d", s.Steps, mostSteps)
	case s.Eval < 0:
		return experiment.Usagef("-eval %d: must not be negative", s.Eval)
	}
	if err := s.checkBatches(); err != nil {
		return err
	}
	for i, a := range s.Alphas {
		if slices.Contains(s.Alphas[:i], a) {
			return experiment.Usagef("-alpha %v: is there twice", a)
		}
	}
	return nil
}

// mostSteps is what a reference takes at most.
const mostSteps = 1_000_000

func (s *Settings) checkBatches() error {
	for i, b := range s.Batches {
		if b < 1 {
			return experiment.Usagef("-batch %d: must be at least 1", b)
		}
		if slices.Contains(s.Batches[:i], b) {
			return experiment.Usagef("-batch %d: is there twice", b)
		}
	}
	if n := len(s.Batches); n < criticalbatch.FewestBatches {
		return experiment.Usagef("-batch: the law has two parameters and needs at least %d batch sizes, got %d", criticalbatch.FewestBatches, n)
	}
	return nil
}

// rate is the learning rate at a batch size that is so many times that of the run, by a rule.
func rate(rule string, at, ratio float64) float64 {
	switch rule {
	case Sqrt:
		return at * math.Sqrt(ratio)
	case Linear:
		return at * ratio
	}
	return at
}

// RuleText is the rule in words: with noise enhancement batch sizes count as the plain ones of the same noise.
func (r *Result) RuleText() string {
	b := "B"
	if r.Checkpoint.Alpha != 1 || slices.ContainsFunc(r.Fits, func(f criticalbatch.Fit) bool { return f.Alpha != 1 }) {
		b = "B / f"
	}
	switch r.Rule {
	case Sqrt:
		return "the learning rate goes with the square root of " + b
	case Linear:
		return "the learning rate goes with " + b
	}
	return "the learning rate is the same at every B"
}

func runName(alpha float64, batch, seed int) string {
	return fmt.Sprintf("alpha%v-batch%d-seed%d", alpha, batch, seed)
}
