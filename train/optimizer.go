package train

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/noiseprobe/noiseprobe/internal/parallel"
	"github.com/noiseprobe/noiseprobe/internal/vector"
)

// Optimizer updates the weights by a gradient; both are flat vectors.
type Optimizer interface {
	Step(weights, gradient []float32, learningRate float64)
	// State returns the vectors that a resumed run needs, by name; Steps points to the number of updates so far, which can be set.
	State() map[string][]float32
	Steps() *int
}

// Names of the optimizers.
const (
	NameAdam  = "adam"
	NameAdamW = "adamw"
	NameSGD   = "sgd"
)

// OptimizerNames are the names that [NewOptimizer] accepts.
func OptimizerNames() []string { return []string{NameAdam, NameAdamW, NameSGD} }

// OptimizerSettings are those of an optimizer besides the learning rate. Those that it has no use for have to be 0, but Epsilon.
type OptimizerSettings struct {
	Name string
	// Epsilon is in the denominator of Adam and AdamW.
	Epsilon float64
	// Momentum is that of SGD, WeightDecay that of AdamW.
	Momentum, WeightDecay float64
}

// NewOptimizer returns the optimizer "sgd", or "adam" or "adamw" with betas 0.9 and 0.999.
func NewOptimizer(s OptimizerSettings, parameters int) (Optimizer, error) {
	switch {
	case !slices.Contains(OptimizerNames(), s.Name):
		return nil, fmt.Errorf("unknown optimizer %q: one of %s", s.Name, strings.Join(OptimizerNames(), ", "))
	case s.Momentum != 0 && s.Name != NameSGD:
		return nil, fmt.Errorf("momentum %g: %s has one of its own, beta1; it is for sgd", s.Momentum, s.Name)
	case s.WeightDecay != 0 && s.Name != NameAdamW:
		return nil, fmt.Errorf("weight decay %g: is for adamw, not for %s", s.WeightDecay, s.Name)
	case s.Name == NameSGD:
		o := &SGD{Momentum: s.Momentum}
		if s.Momentum != 0 {
			o.velocity = make([]float32, parameters)
		}
		return o, nil
	}
	return &Adam{Beta1: 0.9, Beta2: 0.999, Epsilon: s.Epsilon, WeightDecay: s.WeightDecay,
		m: make([]float32, parameters), v: make([]float32, parameters)}, nil
}

// SGD is w -= eta g, and with momentum, as in PyTorch and without its dampening,
//
//	b = momentum b + g,  w -= eta b
type SGD struct {
	Momentum float64
	velocity []float32
	steps    int
}

func (o *SGD) Step(weights, gradient []float32, learningRate float64) {
	o.steps++
	if o.velocity == nil {
		addScaled(weights, float32(-learningRate), gradient)
		return
	}
	momentum := float32(o.Momentum)
	parallel.For(len(weights), grain, func(lo, hi int) {
		for i, g := range gradient[lo:hi] {
			o.velocity[lo+i] = float32(momentum*o.velocity[lo+i]) + g
		}
	})
	addScaled(weights, float32(-learningRate), o.velocity)
}

func (o *SGD) State() map[string][]float32 {
	if o.velocity == nil {
		return nil
	}
	return map[string][]float32{"sgd.momentum": o.velocity}
}
func (o *SGD) Steps() *int { return &o.steps }

// Adam (Kingma and Ba, arXiv:1412.6980, Algorithm 1), with epsilon added after the bias correction:
//
//	m = b1 m + (1-b1) g,  v = b2 v + (1-b2) g^2,  w -= eta (m/(1-b1^t)) / (sqrt(v/(1-b2^t)) + eps)
//
// AdamW (Loshchilov and Hutter, arXiv:1711.05101) takes eta decay w away from the weights before.
type Adam struct {
	Beta1, Beta2, Epsilon, WeightDecay float64
	m, v                               []float32
	steps                              int
}

func (o *Adam) Step(weights, gradient []float32, learningRate float64) {
	o.steps++
	rates := o.rates(o.steps, learningRate)
	if o.WeightDecay != 0 {
		addScaled(weights, float32(-learningRate*o.WeightDecay), weights)
	}
	parallel.For(len(weights), grain, func(lo, hi int) {
		vector.Adam(weights[lo:hi], gradient[lo:hi], o.m[lo:hi], o.v[lo:hi], rates)
	})
}

// UpdateTo writes what the next step would add to the weights for this gradient, less the decay, which does not depend on it. It changes
// nothing.
func (o *Adam) UpdateTo(dst, gradient []float32, learningRate float64) {
	rates := o.rates(o.steps+1, learningRate)
	clear(dst)
	parallel.For(len(dst), grain, func(lo, hi int) {
		var m, v [updateBlock]float32
		for ; lo < hi; lo += updateBlock {
			end := min(lo+updateBlock, hi)
			copy(m[:], o.m[lo:end])
			copy(v[:], o.v[lo:end])
			vector.Adam(dst[lo:end], gradient[lo:end], m[:end-lo], v[:end-lo], rates)
		}
	})
}

// updateBlock is the number of moments that are copied at a time, into the first cache.
const updateBlock = 1024

// rates are the constants of update number t: w -= rate m / (sqrt(v) + eps), where rate and eps contain both corrections.
func (o *Adam) rates(t int, learningRate float64) vector.AdamRates {
	correction := math.Sqrt(1 - math.Pow(o.Beta2, float64(t)))
	return vector.AdamRates{
		Beta1: float32(o.Beta1), Rest1: float32(1 - o.Beta1), Beta2: float32(o.Beta2), Rest2: float32(1 - o.Beta2),
		Rate: float32(learningRate * correction / (1 - math.Pow(o.Beta1, float64(t)))), Epsilon: float32(o.Epsilon * correction),
	}
}

// Moments returns copies of m and v, as the optimizer keeps them.
func (o *Adam) Moments() (m, v []float32) { return slices.Clone(o.m), slices.Clone(o.v) }

func (o *Adam) State() map[string][]float32 {
	return map[string][]float32{"adam.m": o.m, "adam.v": o.v}
}
func (o *Adam) Steps() *int { return &o.steps }
