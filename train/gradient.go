package train

import (
	"fmt"
	"math"
	"slices"

	"github.com/noiseprobe/noiseprobe/noise"
)

const (
	// chunk is the number of samples in each pass when many samples are read: large enough for fast products, small enough to
	// bound the memory of a pass. imageChunk is the same for networks with convolutions, whose products are larger.
	chunk, imageChunk = 1000, 100
)

// chunk is the number of samples in each pass over many samples that do not depend on each other.
func (m *Model) chunk() int {
	for _, l := range m.layers {
		if _, ok := l.Layer.(*Convolution); ok {
			return imageChunk
		}
	}
	return chunk
}

// backward computes sum_i w_i grad l_i over the samples into m.Gradient, by one forward and backward pass.
func (m *Model) backward(g *Graph, s *samples, weights func(i int) float64) error {
	if err := g.show(s); err != nil {
		return err
	}
	for i := range g.Weight {
		g.Weight[i] = float32(weights(i))
	}
	return g.run()
}

// begin marks that the weights may have changed since the last pass.
func (m *Model) begin() { m.call++ }

// EnhancedGradient computes the NE gradient into m.Gradient,
//
//	alpha grad L_B + (1 - alpha) grad L_B'        (Mori and Ueda, arXiv:2009.13094, Eq. 6)
//
// by one weighted pass over the 2B samples of b and bPrime, and returns the mean of their losses, each sample counted once.
// At alpha = 1 it is the gradient of b; bPrime may then be empty.
//
// With ghost batch normalisation consecutive samples of each minibatch are normalised in groups, and there are several passes, each
// over a few whole groups, whose gradients are added up: memory does not grow with the batch.
func (m *Model) EnhancedGradient(data Data, alpha float64, b, bPrime []int) (loss float64, err error) {
	if len(b) == 0 || alpha != 1 && len(bPrime) != len(b) {
		panic(fmt.Sprintf("train: minibatches of %d and %d samples", len(b), len(bPrime)))
	}
	index := b
	if alpha != 1 {
		index = slices.Concat(b, bPrime)
	}
	return m.mixed(len(index), noise.NE.MinibatchWeights(alpha), len(b), nil, func(g *Graph, p piece) (*samples, error) {
		return g.own, g.own.gather(data, index[p.lo:p.hi], m.Classes)
	})
}

// mixed computes the sum of the mean gradients of minibatches of batch samples each, n samples in all, times the weights of the minibatches;
// [Model.EnhancedGradient] is that of two. It asks for the samples piece by piece, and takes norms unless norms is nil.
func (m *Model) mixed(n int, weights []float64, batch int, norms *parts, samplesOf func(g *Graph, p piece) (*samples, error)) (loss float64, err error) {
	m.begin()
	norms.begin()
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
		if len(pieces) == 1 {
			g.parts = norms
		}
		err = m.backward(g, part, func(i int) float64 { return weights[(p.lo+i)/batch] / float64(batch) })
		g.parts = nil
		if err != nil {
			return 0, err
		}
		total += float64(mean(g.Loss) * float64(p.hi-p.lo))
		if sum = m.accumulate(sum, k, len(pieces)); sum == nil {
			return mean(g.Loss), nil
		}
		norms.after(p.hi, n, sum)
	}
	copy(m.Gradient, sum)
	return total / float64(n), nil
}

// accumulate adds the gradient of piece k to the sum over the earlier pieces; it is nil where there is only one piece.
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

// piece is the range of samples of one pass.
type piece struct{ lo, hi int }

// pieceSamples is about the number of samples in each pass of a network with ghost batch normalisation.
const pieceSamples = 128

// pieces cuts n samples, those of B followed by those of B', into passes. Without batch normalisation there is one; with it each pass
// takes one or more whole groups, of B or of B'.
func (m *Model) pieces(n, batch int) []piece {
	if m.Ghost() == 0 {
		return []piece{{0, n}}
	}
	size := pieceSize(m.Ghost())
	var all []piece
	for from := 0; from < n; from += batch {
		for at := from; at < from+batch; at += size {
			all = append(all, piece{at, min(at+size, from+batch)})
		}
	}
	return all
}

// pieceSize is the number of samples of a full pass with ghost batches of a size.
func pieceSize(ghost int) int { return ghost * max(1, pieceSamples/ghost) }

func mean(x []float64) float64 {
	sum := 0.0
	for _, v := range x {
		sum += v
	}
	return sum / float64(len(x))
}

func finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }
