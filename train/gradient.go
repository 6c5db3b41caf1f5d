package train

import (
	"fmt"
	"math"

	"github.com/noiseprobe/noiseprobe/internal/parallel"
	"github.com/noiseprobe/noiseprobe/internal/vector"
	"github.com/noiseprobe/noiseprobe/noise"
	"github.com/noiseprobe/noiseprobe/probe"
)

// chunk is the number of samples in one pass where many are read: large enough for fast products, small enough that the
// memory of a pass stays bounded.
const chunk = 1000

// backward leaves sum_i w_i grad l_i over the samples in m.Gradient, by one forward and backward pass.
func (m *Model) backward(s *samples, weights func(i int) float64) (*graph, error) {
	g, err := m.graph(len(s.labels), true)
	if err != nil {
		return nil, err
	}
	if err := g.show(s); err != nil {
		return nil, err
	}
	for i := range g.Weight {
		g.Weight[i] = float32(weights(i))
	}
	return g, g.run()
}

// gather reads samples into the memory of the graph that will use them.
func (m *Model) gather(data Data, index []int) (*samples, error) {
	g, err := m.graph(len(index), true)
	if err != nil {
		return nil, err
	}
	return g.own, g.own.gather(data, index, m.Classes)
}

// EnhancedGradient leaves the NE gradient in m.Gradient,
//
//	alpha grad L_B + (1 - alpha) grad L_B'        (Mori and Ueda, arXiv:2009.13094, Eq. 6)
//
// by one weighted pass over the 2B samples of b and bPrime, and returns the mean of their losses, each sample counted once.
// At alpha = 1 it is the gradient of b; bPrime may then be empty.
func (m *Model) EnhancedGradient(data Data, alpha float64, b, bPrime []int) (loss float64, err error) {
	if len(b) == 0 || alpha != 1 && len(bPrime) != len(b) {
		panic(fmt.Sprintf("train: minibatches of %d and %d samples", len(b), len(bPrime)))
	}
	index := b
	if alpha != 1 {
		index = append(append(make([]int, 0, len(b)+len(bPrime)), b...), bPrime...)
	}
	samples, err := m.gather(data, index)
	if err != nil {
		return 0, err
	}
	return m.enhanced(samples, alpha, len(b))
}

// enhanced is [Model.EnhancedGradient] for gathered samples: the batch samples of B, then those of B'.
func (m *Model) enhanced(s *samples, alpha float64, batch int) (loss float64, err error) {
	w, wPrime := noise.Weights(alpha, batch)
	g, err := m.backward(s, func(i int) float64 {
		if i < batch {
			return w
		}
		return wPrime
	})
	if err != nil {
		return 0, err
	}
	return mean(g.Loss), nil
}

// Record returns the factored gradients of the samples' own losses. It keeps index.
func (m *Model) Record(data Data, index []int, meta probe.Meta) (*probe.Gradients, error) {
	n := len(index)
	meta.Index, meta.Loss = index, make([]float64, n)
	record := &probe.Gradients{Meta: meta}
	for _, l := range m.layers {
		record.Layers = append(record.Layers,
			probe.NewFactored(l.name, n, l.in, l.out, make([]float32, n*l.in), make([]float32, n*l.out)))
	}
	for at := 0; at < n; at += chunk {
		piece := index[at:min(at+chunk, n)]
		samples, err := m.gather(data, piece)
		if err != nil {
			return nil, err
		}
		g, err := m.backward(samples, func(int) float64 { return 1 })
		if err != nil {
			return nil, err
		}
		copy(meta.Loss[at:], g.Loss)
		for _, t := range g.taps {
			f := record.Layers[m.position(t.layer)].(*probe.Factored)
			copy(f.A[at*f.In:], floats(t.input.Value()))
			copy(f.Delta[at*f.Out:], floats(t.delta.Value()))
		}
		m.addMeans(record, n)
	}
	return record, nil
}

// addMeans adds the sum of gradients that a pass with weights 1 has left to the mean of every layer: it saves a third of a
// backward pass.
func (m *Model) addMeans(record *probe.Gradients, n int) {
	for i, l := range m.layers {
		f := record.Layers[i].(*probe.Factored)
		if f.Mean == nil {
			f.Mean = make([]float32, f.Parameters())
		}
		weights := f.In * f.Out
		addScaled(f.Mean[:weights], 1/float32(n), l.weight.Grad)
		addScaled(f.Mean[weights:], 1/float32(n), l.bias.Grad)
	}
}

func addScaled(dst []float32, scale float32, x []float32) {
	parallel.For(len(dst), grain, func(lo, hi int) { vector.AddScaled(dst[lo:hi], scale, x[lo:hi]) })
}

func (m *Model) position(l *dense) int {
	for i, other := range m.layers {
		if l == other {
			return i
		}
	}
	panic("train: layer of another model")
}

// Evaluate returns the mean loss and the accuracy over the samples, without weights: limit of them, evenly spaced, or all
// for 0.
func (m *Model) Evaluate(data Data, limit int) (loss, accuracy float64, err error) {
	index := spaced(data.N(), limit)
	g, err := m.graph(chunk, false)
	if err != nil {
		return 0, 0, err
	}
	padded := make([]int, chunk)
	correct := 0
	for at := 0; at < len(index); at += chunk {
		// The last chunk is filled up with copies of its first sample, which are not counted.
		count := copy(padded, index[at:])
		for i := count; i < chunk; i++ {
			padded[i] = padded[0]
		}
		if err := g.read(data, padded, m.Classes); err != nil {
			return 0, 0, err
		}
		if err := g.run(); err != nil {
			return 0, 0, err
		}
		for i := range count {
			loss += g.Loss[i]
			if g.Predicted[i] == int(g.Labels[i]) {
				correct++
			}
		}
	}
	return loss / float64(len(index)), float64(correct) / float64(len(index)), nil
}

// spaced returns limit indices evenly spaced below n, or all.
func spaced(n, limit int) []int {
	if limit <= 0 || limit > n {
		limit = n
	}
	index := make([]int, limit)
	for i := range index {
		index[i] = i * n / limit
	}
	return index
}

func mean(x []float64) float64 {
	sum := 0.0
	for _, v := range x {
		sum += v
	}
	return sum / float64(len(x))
}

func finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }

// Source gives the gradients of a model at its present weights to [probe.Measure].
type Source struct {
	Model *Model
	Data  Data
}

var _ probe.Source = Source{}

func (s Source) Parameters() int { return s.Model.Parameters() }
func (s Source) Population() int { return s.Data.N() }

// MeanGradientTo passes over the samples in chunks and sums them in float64.
func (s Source) MeanGradientTo(dst []float32, index []int) error {
	if len(index) <= chunk {
		_, err := s.Model.EnhancedGradient(s.Data, 1, index, nil)
		copy(dst, s.Model.Gradient)
		return err
	}
	sum := make([]float64, len(dst))
	for at := 0; at < len(index); at += chunk {
		piece := index[at:min(at+chunk, len(index))]
		samples, err := s.Model.gather(s.Data, piece)
		if err != nil {
			return err
		}
		if _, err := s.Model.backward(samples, func(int) float64 { return 1 }); err != nil {
			return err
		}
		parallel.For(len(sum), grain, func(lo, hi int) {
			for i, v := range s.Model.Gradient[lo:hi] {
				sum[lo+i] += float64(v)
			}
		})
	}
	for i, v := range sum {
		dst[i] = float32(v / float64(len(index)))
	}
	return nil
}

// EnhancedGradientTo is the gradient of a training step.
func (s Source) EnhancedGradientTo(dst []float32, alpha float64, b, bPrime []int) error {
	_, err := s.Model.EnhancedGradient(s.Data, alpha, b, bPrime)
	copy(dst, s.Model.Gradient)
	return err
}
