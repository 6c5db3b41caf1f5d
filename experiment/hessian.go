package experiment

import (
	"math"

	"github.com/noiseprobe/noiseprobe/analysis/estimate"
	"github.com/noiseprobe/noiseprobe/internal/vector"
	"github.com/noiseprobe/noiseprobe/probe"
	"github.com/noiseprobe/noiseprobe/train"
)

const (
	// hessianUnits is the largest number of units whose gradients the Hessian is applied to. Each takes four passes over the other half, and all together as many as
	// hessianSamples samples, or those of fewestHessian units.
	hessianUnits, hessianSamples, fewestHessian = 64, 50_000, 8
	// longestStep is the first length of a displacement of the weights that is tried, each of the stepTrials others half the one before; stepUnits units, or a quarter of them, try them,
	// until the result changes by no more than littleChange.
	longestStep, stepTrials, stepUnits, littleChange = 0.1, 7, 4, 0.02
)

// hessian estimates tr(H Sigma) with the Hessian of the loss by central differences of gradients: Sigma is that of units in one half of the recorded ones, H that of the
// loss over the other half.
//
//	tr(H Sigma) = (1/(n-1)) sum_i c_i' H c_i,    c_i = g_i - (their mean)
//
// Where a ReLU changes sides within the step, the gradient jumps. The fewer jumps there are the more each counts: a step that is too short gives a few large numbers
// in the place of their mean. So the step is the longest at which the result changes little when it is halved, or else least, and its error is measured at the end, by a step
// twice as long. A step is tried on the whole other half: of few units none may change sides within a short step, which looks like convergence and is none.
//
// Of fewer units than two in each half there is nothing but the fact that it was asked for.
func (s unitSet) hessian(m *train.Model, data train.Data, g *probe.Gradients) (*probe.Hessian, error) {
	if s.n() < 4 {
		return &probe.Hessian{Step: math.NaN(), Error: math.NaN()}, nil
	}
	own, other := s.hessianHalves()
	mean := make([]float64, g.Parameters())
	for _, u := range own {
		for j, v := range g.Unit(u) {
			mean[j] += v / float64(len(own))
		}
	}
	source := train.Source{Model: m, Data: data}
	curved := func(i int, step float64) ([]float64, error) {
		v, square := direction(g.Unit(own[i]), mean)
		all, err := source.SecondDerivatives(v, step, other)
		for j := range all {
			all[j] *= square * float64(len(own)) / float64(len(own)-1)
		}
		return all, err
	}
	step, err := chooseStep(min(stepUnits, max(1, len(own)/4)), curved)
	if err != nil {
		return nil, err
	}
	h := &probe.Hessian{Step: step, Rows: make([]float64, len(own)), Columns: make([]float64, len(other))}
	longer := 0.0
	for i := range own {
		all, err := curved(i, step)
		if err != nil {
			return nil, err
		}
		for j, v := range all {
			h.Rows[i] += v / float64(len(other))
			h.Columns[j] += v / float64(len(own))
		}
		if all, err = curved(i, 2*step); err != nil {
			return nil, err
		}
		longer += estimate.Mean(all) / float64(len(own))
	}
	h.Error = math.Abs(longer/estimate.Mean(h.Rows) - 1)
	return h, g.Err()
}

// hessianHalves are places among the recorded units whose gradients are used, and the samples of the units of the other half.
func (s unitSet) hessianHalves() (own []int, other [][]int) {
	all := s.n() / 2
	count := min(all, hessianUnits, max(fewestHessian, hessianSamples/(4*all*s.size)))
	for k := range count {
		own = append(own, 2*(k*all/count))
	}
	for at := 1; at < s.n(); at += 2 {
		other = append(other, s.samples[at*s.size:(at+1)*s.size])
	}
	return own, other
}

// chooseStep takes the longest at which half of it changes the mean over a few units by no more than littleChange, or else the one at which it changes least.
func chooseStep(units int, curved func(i int, step float64) ([]float64, error)) (step float64, err error) {
	mean := func(step float64) (sum float64, err error) {
		for i := range units {
			all, err := curved(i, step)
			if err != nil {
				return 0, err
			}
			sum += estimate.Mean(all)
		}
		return sum, nil
	}
	least := math.Inf(1)
	before, err := mean(longestStep)
	step = longestStep
	for k := 0; k < stepTrials && least > littleChange && err == nil; k++ {
		var now float64
		now, err = mean(math.Ldexp(longestStep, -k-1))
		if change := math.Abs(now/before - 1); change < least {
			step, least = math.Ldexp(longestStep, -k), change
		}
		before = now
	}
	return step, err
}

// direction is that in which a gradient deviates from the mean, of length 1; square is the squared length of the deviation.
func direction(gradient, mean []float64) (v []float32, square float64) {
	v = make([]float32, len(mean))
	for j, x := range gradient {
		v[j] = float32(x - mean[j])
	}
	square = vector.Dot(v, v)
	if square > 0 {
		length := math.Sqrt(square)
		for j := range v {
			v[j] = float32(float64(v[j]) / length)
		}
	}
	return v, square
}
