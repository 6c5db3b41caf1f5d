package train

import (
	"fmt"
	"math"

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
	NameAdam = "adam"
	NameSGD  = "sgd"
)

// OptimizerNames are the names that [NewOptimizer] accepts.
func OptimizerNames() []string { return []string{NameAdam, NameSGD} }

// NewOptimizer returns the optimizer "sgd", or "adam" with betas 0.9 and 0.999 and the given epsilon.
func NewOptimizer(name string, parameters int, epsilon float64) (Optimizer, error) {
	switch name {
	case NameSGD:
		return &SGD{}, nil
	case NameAdam:
		return &Adam{Beta1: 0.9, Beta2: 0.999, Epsilon: epsilon,
			m: make([]float32, parameters), v: make([]float32, parameters)}, nil
	}
	return nil, fmt.Errorf("unknown optimizer %q: adam or sgd", name)
}

// SGD is w -= eta g.
type SGD struct{ steps int }

func (o *SGD) Step(weights, gradient []float32, learningRate float64) {
	o.steps++
	addScaled(weights, float32(-learningRate), gradient)
}

func (o *SGD) State() map[string][]float32 { return nil }
func (o *SGD) Steps() *int                 { return &o.steps }

// Adam (Kingma and Ba, arXiv:1412.6980, Algorithm 1), with epsilon added after the bias correction:
//
//	m = b1 m + (1-b1) g,  v = b2 v + (1-b2) g^2,  w -= eta (m/(1-b1^t)) / (sqrt(v/(1-b2^t)) + eps)
type Adam struct {
	Beta1, Beta2, Epsilon float64
	m, v                  []float32
	steps                 int
}

func (o *Adam) Step(weights, gradient []float32, learningRate float64) {
	o.steps++
	t := float64(o.steps)
	// w -= rate m / (sqrt(v) + eps), where rate and eps contain both corrections.
	correction := math.Sqrt(1 - math.Pow(o.Beta2, t))
	rates := vector.AdamRates{
		Beta1: float32(o.Beta1), Rest1: float32(1 - o.Beta1), Beta2: float32(o.Beta2), Rest2: float32(1 - o.Beta2),
		Rate: float32(learningRate * correction / (1 - math.Pow(o.Beta1, t))), Epsilon: float32(o.Epsilon * correction),
	}
	parallel.For(len(weights), grain, func(lo, hi int) {
		vector.Adam(weights[lo:hi], gradient[lo:hi], o.m[lo:hi], o.v[lo:hi], rates)
	})
}

func (o *Adam) State() map[string][]float32 {
	return map[string][]float32{"adam.m": o.m, "adam.v": o.v}
}
func (o *Adam) Steps() *int { return &o.steps }
