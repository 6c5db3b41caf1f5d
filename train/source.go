package train

import (
	"github.com/noiseprobe/noiseprobe/internal/parallel"
	"github.com/noiseprobe/noiseprobe/internal/vector"
	"github.com/noiseprobe/noiseprobe/probe"
)

// Source computes gradients of a model at its present weights, for [probe.Measure].
type Source struct {
	Model *Model
	Data  Data
	// Optimizer and LearningRate are those of the next step, to measure the noise of updates; nil for the gradient's alone.
	Optimizer    Optimizer
	LearningRate float64
	// Moments, if not nil, are filled in by the pass of [Source.SampleNorms].
	Moments *Moments
}

var (
	_ probe.GhostSource  = Source{}
	_ probe.SampleSource = Source{}
	_ probe.UpdateSource = Source{}
)

func (s Source) Parameters() int { return s.Model.Parameters() }
func (s Source) Population() int { return s.Data.N() }

// Ghost is [Model.Ghost].
func (s Source) Ghost() int { return s.Model.Ghost() }

// MeanGradientTo makes passes over chunks of the samples and adds up their gradients in float64. With ghost batch normalisation it is
// the gradient of a training step at alpha = 1: consecutive samples of index are normalised together.
func (s Source) MeanGradientTo(dst []float32, index []int) error {
	if len(index) <= s.Model.chunk() || s.Ghost() > 0 {
		return s.EnhancedGradientTo(dst, 1, index, nil)
	}
	sum := make([]float64, len(dst))
	if err := s.Model.eachChunk(s.Data, index, nil, func(*Graph, int) error {
		parallel.For(len(sum), grain, func(lo, hi int) {
			for i, v := range s.Model.Gradient[lo:hi] {
				sum[lo+i] += float64(v)
			}
		})
		return nil
	}); err != nil {
		return err
	}
	for i, v := range sum {
		dst[i] = float32(v / float64(len(index)))
	}
	return nil
}

// EnhancedGradientTo writes the gradient of a training step.
func (s Source) EnhancedGradientTo(dst []float32, alpha float64, b, bPrime []int) error {
	_, err := s.Model.EnhancedGradient(s.Data, alpha, b, bPrime)
	copy(dst, s.Model.Gradient)
	return err
}

// UpdateTo is that of [Adam]; the update of plain SGD is the gradient's multiple, which needs no measurement.
func (s Source) UpdateTo(dst, gradient []float32) bool {
	adam, ok := s.Optimizer.(*Adam)
	if ok {
		adam.UpdateTo(dst, gradient, s.LearningRate)
	}
	return ok
}

func addScaled(dst []float32, scale float32, x []float32) {
	parallel.For(len(dst), grain, func(lo, hi int) { vector.AddScaled(dst[lo:hi], scale, x[lo:hi]) })
}
