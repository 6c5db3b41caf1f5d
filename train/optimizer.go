package train

import (
	"fmt"
	"math"

	"github.com/noiseprobe/noiseprobe/internal/parallel"
)

// Optimizer turns a gradient into an update of the weights; both are flat.
type Optimizer interface {
	Step(weights, gradient []float32, learningRate float64)
	// State lists the vectors that a resumed run needs, by name; Steps counts the updates so far and can be set.
	State() map[string][]float32
	Steps() *int
}

// NewOptimizer returns "sgd" or "adam" with betas 0.9 and 0.999. Epsilon is Adam's.
func NewOptimizer(name string, parameters int, epsilon float64) (Optimizer, error) {
	switch name {
	case "sgd":
		return &SGD{}, nil
	case "adam":
		return &Adam{Beta1: 0.9, Beta2: 0.999, Epsilon: epsilon,
			m: make([]float32, parameters), v: make([]float32, parameters)}, nil
	}
	return nil, fmt.Errorf("unknown optimizer %q: adam or sgd", name)
}

// SGD is w -= eta g.
type SGD struct{ steps int }

func (o *SGD) Step(weights, gradient []float32, learningRate float64) {
	o.steps++
	eta := float32(learningRate)
	for i, g := range gradient {
		weights[i] -= eta * g
	}
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
	// w -= rate m / (sqrt(v) + eps) with both corrections moved into rate and eps.
	correction := math.Sqrt(1 - math.Pow(o.Beta2, t))
	rate := float32(learningRate * correction / (1 - math.Pow(o.Beta1, t)))
	eps := float32(o.Epsilon * correction)
	b1, b2 := float32(o.Beta1), float32(o.Beta2)
	c1, c2 := float32(1-o.Beta1), float32(1-o.Beta2)
	parallel.For(len(weights), grain, func(lo, hi int) {
		w, g, m, v := weights[lo:hi], gradient[lo:hi], o.m[lo:hi], o.v[lo:hi]
		for i, gi := range g {
			mi := b1*m[i] + c1*gi
			vi := b2*v[i] + c2*gi*gi
			m[i], v[i] = mi, vi
			w[i] -= rate * mi / (float32(math.Sqrt(float64(vi))) + eps)
		}
	})
}

func (o *Adam) State() map[string][]float32 {
	return map[string][]float32{"adam.m": o.m, "adam.v": o.v}
}
func (o *Adam) Steps() *int { return &o.steps }
