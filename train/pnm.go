package train

import (
	"math"

	"github.com/noiseprobe/noiseprobe/internal/parallel"
	"github.com/noiseprobe/noiseprobe/noise"
)

// PNM is positive-negative momentum (Xie et al., arXiv:2103.17182, Algorithm 1, whose 1 + beta_0 is Alpha): two momenta take turns, and a step mixes them,
//
//	m_t = beta^2 m_(t-2) + (1 - beta^2) g_t,  w -= eta (alpha m_t + (1 - alpha) m_(t-1)) / sqrt(alpha^2 + (1 - alpha)^2)
type PNM struct {
	Beta, Alpha float64
	momenta     [2][]float32 // of even and of odd steps
	steps       int
}

func (o *PNM) Step(weights, gradient []float32, learningRate float64) {
	now, before := o.momenta[o.steps%2], o.momenta[1-o.steps%2]
	o.steps++
	q, scale := float32(o.Beta*o.Beta), learningRate/math.Sqrt(noise.Factor(o.Alpha))
	positive, negative := float32(scale*o.Alpha), float32(scale*(1-o.Alpha))
	parallel.For(len(weights), grain, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			now[i] = float32(q*now[i]) + float32((1-q)*gradient[i])
			weights[i] -= float32(positive*now[i]) + float32(negative*before[i])
		}
	})
}

func (o *PNM) State() map[string][]float32 {
	return map[string][]float32{"pnm.even": o.momenta[0], "pnm.odd": o.momenta[1]}
}
func (o *PNM) Steps() *int { return &o.steps }

// newOptimizerOf is the optimizer of a trainer, which for PNM has its own alpha.
func newOptimizerOf(s Settings, parameters int) (Optimizer, error) {
	o, err := NewOptimizer(s.Optimizer, parameters)
	if err != nil || s.Method != noise.PNM {
		return o, err
	}
	return &PNM{Beta: s.Optimizer.Momentum, Alpha: s.Alpha, momenta: [2][]float32{make([]float32, parameters), make([]float32, parameters)}}, nil
}
