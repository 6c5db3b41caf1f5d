package train

import (
	"slices"

	"github.com/noiseprobe/noiseprobe/internal/vector"
)

// SecondDerivatives returns v' H_j v for some units j, H_j the Hessian of the unit's loss at the present weights w, by central differences of gradients:
//
//	v' (grad l_j(w + h v) - grad l_j(w - h v)) / (2 h)
//
// The error is of order h^2, and of the rounding of gradients over h; where a ReLU changes sides within h of w, what that adds is in the result, which
// H itself does not have. A unit of one sample has normalisation frozen as in [Model.Record], a larger one is a ghost batch. The weights are afterwards
// what they were.
func (s Source) SecondDerivatives(v []float32, h float64, units [][]int) ([]float64, error) {
	weights := s.Model.Weights
	before := slices.Clone(weights)
	defer func() { copy(weights, before) }()
	at := func(h float64) ([]float64, error) {
		copy(weights, before)
		vector.AddScaled(weights, float32(h), v)
		return s.slopes(v, units)
	}
	ahead, err := at(h)
	if err != nil {
		return nil, err
	}
	behind, err := at(-h)
	if err != nil {
		return nil, err
	}
	for j := range ahead {
		ahead[j] = (ahead[j] - behind[j]) / (2 * h)
	}
	return ahead, nil
}

// slopes are v . grad l_j.
func (s Source) slopes(v []float32, units [][]int) ([]float64, error) {
	if len(units[0]) == 1 {
		index := make([]int, len(units))
		for j, unit := range units {
			index[j] = unit[0]
		}
		_, along, err := Source{Model: s.Model, Data: chosen{s.Data, index}}.SampleNorms(v)
		return along, err
	}
	along := make([]float64, len(units))
	for j, unit := range units {
		if _, err := s.Model.EnhancedGradient(s.Data, 1, unit, nil); err != nil {
			return nil, err
		}
		along[j] = vector.Dot(s.Model.Gradient, v)
	}
	return along, nil
}

// chosen are some of the samples.
type chosen struct {
	Data
	index []int
}

func (d chosen) N() int                            { return len(d.index) }
func (d chosen) Gather(dst []float32, index []int) { d.Data.Gather(dst, d.of(index)) }
func (d chosen) Labels(dst []int32, index []int)   { d.Data.Labels(dst, d.of(index)) }

func (d chosen) of(index []int) []int {
	samples := make([]int, len(index))
	for i, at := range index {
		samples[i] = d.index[at]
	}
	return samples
}
