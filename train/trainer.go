package train

import (
	"fmt"

	"github.com/noiseprobe/noiseprobe/noise"
)

// Ways to measure the training loss that the schedule compares with L* and L**. The paper does not say which one it uses.
const (
	// EpochMean is the mean loss of the minibatches of one epoch, each computed before its update. It costs nothing, and it is
	// what training scripts print. With it convergence times agree with the paper's Table 2.
	EpochMean = "epoch"
	// Full is the loss on the whole training set at the end of an epoch: lower than EpochMean while training improves, so
	// convergence comes a little earlier.
	Full = "full"
	// Recent is the mean of the last three measurements of that loss, whenever they are made: one dip is not taken for all.
	Recent = "recent"
)

// Settings of a training run.
type Settings struct {
	Alpha float64
	// Method is how alpha enhances the noise; empty for [noise.NE].
	Method       noise.Method
	Batch        int
	Pairing      noise.Pairing
	Optimizer    OptimizerSettings
	LearningRate float64
	Seed         uint64
	// LStar halves the learning rate when the training loss first reaches it; LStop is the loss below which training has
	// converged (the paper's L* and L**). 0 turns either off.
	LStar, LStop float64
	// LossBound is the minibatch loss above which training counts as diverged.
	LossBound float64
	// Norms asks for the norms of every step, see [Trainer.Norms]. They cost little and change no bit of the training (a system's BLAS
	// makes no such promise).
	Norms bool
}

// weights are those of the minibatches of a step.
func (s Settings) weights() []float64 { return s.Method.MinibatchWeights(s.Alpha) }

// check refuses what a method has not.
func (s Settings) check() error {
	switch {
	case s.Method == noise.LargeNoise && s.Alpha > 0 && s.Alpha < 1:
		return fmt.Errorf("noise %s: alpha %g: its factor 1 + 2c^2 is not below 1, so alpha is 1 or more, or not positive", s.Method, s.Alpha)
	case s.Method == noise.LargeNoise && s.Pairing == noise.Disjoint:
		return fmt.Errorf("noise %s: pairing %s: its three minibatches are independent, or drawn with replacement", s.Method, s.Pairing)
	case s.Method == noise.PNM && s.Optimizer.Name != NameSGD:
		return fmt.Errorf("noise %s: optimizer %s: it is a momentum of sgd, whose beta is the momentum", s.Method, s.Optimizer.Name)
	}
	return nil
}

// State is what a resumed run needs besides the weights and the state of the optimizer.
type State struct {
	// Step counts the updates so far.
	Step         int
	LearningRate float64
	// EpochLoss sums the minibatch losses of the present epoch's steps.
	EpochLoss float64
	// Halved says that L* has been reached; ConvergenceTime is the step at which the loss was first below L**, and 0 until then.
	Halved          bool
	ConvergenceTime int
}

// DivergedError says when and how training diverged.
type DivergedError struct {
	Step int
	Loss float64
}

func (e *DivergedError) Error() string {
	return fmt.Sprintf("training diverged at step %d: minibatch loss %.4g", e.Step, e.Loss)
}

// Trainer steps a model through its training set.
type Trainer struct {
	Settings  Settings
	State     State
	Model     *Model
	Data      Data
	Order     *noise.Order
	Optimizer Optimizer
	// Loss is the mean loss over the samples of the last step's minibatches, before its update.
	Loss float64

	reading, spare *ahead
	parts          *parts
}

// NewTrainer checks the settings against the data.
func NewTrainer(m *Model, data Data, s Settings) (*Trainer, error) {
	if err := s.check(); err != nil {
		return nil, err
	}
	order, err := noise.NewOrder(s.Pairing, data.N(), s.Batch, s.Seed)
	if err != nil {
		return nil, err
	}
	optimizer, err := newOptimizerOf(s, m.Parameters())
	if err != nil {
		return nil, err
	}
	t := &Trainer{
		Settings: s, State: State{LearningRate: s.LearningRate},
		Model: m, Data: data, Order: order, Optimizer: optimizer,
	}
	if s.Norms {
		t.parts, err = newParts(m, data.N(), s)
	}
	return t, err
}

// Step makes one update. If the loss is not finite or above the bound, it returns a [DivergedError] and leaves the weights unchanged.
func (t *Trainer) Step() error {
	read, err := t.samplesOf(t.State.Step)
	if err != nil {
		return err
	}
	t.Model.collectStatistics(true)
	loss, err := t.Model.mixed(len(read.labels), t.Settings.weights(), t.Settings.Batch, t.parts, func(_ *Graph, p piece) (*samples, error) {
		return read.part(p.lo, p.hi), nil
	})
	t.Model.collectStatistics(false)
	if err != nil {
		return err
	}
	if !finite(loss) || t.Settings.LossBound > 0 && loss > t.Settings.LossBound {
		return &DivergedError{Step: t.State.Step, Loss: loss}
	}
	t.Model.moveRunning()
	t.Optimizer.Step(t.Model.Weights, t.Model.Gradient, t.State.LearningRate)
	t.State.Step++
	t.Loss = loss
	t.State.EpochLoss += loss
	return nil
}

// Epoch is the number of finished epochs.
func (t *Trainer) Epoch() int { return t.State.Step / t.Order.StepsPerEpoch() }

// EpochEnd reports whether the last step ended an epoch.
func (t *Trainer) EpochEnd() bool {
	return t.State.Step > 0 && t.State.Step%t.Order.StepsPerEpoch() == 0
}

// EndEpoch returns the mean minibatch loss of the epoch and starts the sum of the next one.
func (t *Trainer) EndEpoch() float64 {
	loss := t.State.EpochLoss / float64(t.Order.StepsPerEpoch())
	t.State.EpochLoss = 0
	return loss
}

// Observe applies the paper's schedule to the training loss at the end of an epoch and reports whether it is below L**.
func (t *Trainer) Observe(loss float64) (converged bool) {
	if t.Settings.LStar > 0 && loss <= t.Settings.LStar && !t.State.Halved {
		t.State.Halved = true
		t.State.LearningRate /= 2
	}
	if loss < t.Settings.LStop && t.State.ConvergenceTime == 0 {
		t.State.ConvergenceTime = t.State.Step
	}
	return t.State.ConvergenceTime > 0
}
