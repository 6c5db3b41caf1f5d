package train

import (
	"fmt"
	"math"

	"github.com/noiseprobe/noiseprobe/noise"
)

const (
	// chunk is the number of samples in one pass where many are read: large enough for fast products, small enough that the
	// memory of a pass stays bounded. imageChunk is that of networks with convolutions, whose products are larger.
	chunk, imageChunk = 1000, 100
)

// chunk is the number of samples in a pass over many that do not depend on each other.
func (m *Model) chunk() int {
	for _, l := range m.layers {
		if _, ok := l.Layer.(*Convolution); ok {
			return imageChunk
		}
	}
	return chunk
}

// backward leaves sum_i w_i grad l_i over the samples in m.Gradient, by one forward and backward pass.
func (m *Model) backward(g *Graph, s *samples, weights func(i int) float64) error {
	if err := g.show(s); err != nil {
		return err
	}
	for i := range g.Weight {
		g.Weight[i] = float32(weights(i))
	}
	return g.run()
}

// begin says that weights may have changed since the last pass.
func (m *Model) begin() { m.call++ }

// EnhancedGradient leaves the NE gradient in m.Gradient,
//
//	alpha grad L_B + (1 - alpha) grad L_B'        (Mori and Ueda, arXiv:2009.13094, Eq. 6)
//
// by one weighted pass over the 2B samples of b and bPrime, and returns the mean of their losses, each sample counted once.
// At alpha = 1 it is the gradient of b; bPrime may then be empty.
//
// With ghost batch normalisation the samples of each minibatch are normalised in groups, consecutive ones as they are listed, and the
// pass goes through whole groups, a few at a time, and adds up: its memory does not grow with the batch.
func (m *Model) EnhancedGradient(data Data, alpha float64, b, bPrime []int) (loss float64, err error) {
	if len(b) == 0 || alpha != 1 && len(bPrime) != len(b) {
		panic(fmt.Sprintf("train: minibatches of %d and %d samples", len(b), len(bPrime)))
	}
	index := b
	if alpha != 1 {
		index = append(append(make([]int, 0, len(b)+len(bPrime)), b...), bPrime...)
	}
	return m.enhanced(len(index), alpha, len(b), func(g *Graph, p piece) (*samples, error) {
		return g.own, g.own.gather(data, index[p.lo:p.hi], m.Classes)
	})
}

// enhanced is [Model.EnhancedGradient] for n samples, the batch ones of B and then those of B', which it asks for piece by piece.
func (m *Model) enhanced(n int, alpha float64, batch int, samplesOf func(g *Graph, p piece) (*samples, error)) (loss float64, err error) {
	m.begin()
	w, wPrime := noise.Weights(alpha, batch)
	pieces := m.pieces(n, batch)
	var sum []float32
	total := 0.0
	for k, p := range pieces {
		g, err := m.graph(shape{rows: p.hi - p.lo, backward: true})
		if err != nil {
			return 0, err
		}
		part, err := samplesOf(g, p)
		if err != nil {
			return 0, err
		}
		if err := m.backward(g, part, func(i int) float64 {
			if p.lo+i < batch {
				return w
			}
			return wPrime
		}); err != nil {
			return 0, err
		}
		total += mean(g.Loss) * float64(p.hi-p.lo)
		if sum = m.accumulate(sum, k, len(pieces)); sum == nil {
			return mean(g.Loss), nil
		}
	}
	copy(m.Gradient, sum)
	return total / float64(n), nil
}

// accumulate adds the gradient of piece k to the sum of those before it; nil where there is one piece alone.
func (m *Model) accumulate(sum []float32, k, pieces int) []float32 {
	if pieces == 1 {
		return nil
	}
	if k == 0 {
		m.sum = append(m.sum[:0], m.Gradient...)
		return m.sum
	}
	addScaled(sum, 1, m.Gradient)
	return sum
}

// piece is a range of samples that one pass takes.
type piece struct{ lo, hi int }

// pieceSamples is about the number of samples in a pass of a network with groups.
const pieceSamples = 128

// pieces cuts n samples, those of B and, behind them, of B', for passes. Without batch normalisation that is one pass; with it,
// one or more whole groups, none with samples of both.
func (m *Model) pieces(n, batch int) []piece {
	if m.Ghost() == 0 {
		return []piece{{0, n}}
	}
	size := m.Ghost() * max(1, pieceSamples/m.Ghost())
	var all []piece
	for from := 0; from < n; from += batch {
		for at := from; at < from+batch; at += size {
			all = append(all, piece{at, min(at+size, from+batch)})
		}
	}
	return all
}

func mean(x []float64) float64 {
	sum := 0.0
	for _, v := range x {
		sum += v
	}
	return sum / float64(len(x))
}

func finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }
