package train

import (
	"fmt"

	"github.com/noiseprobe/noiseprobe/probe"
)

// Need says what memory is estimated for.
type Need struct {
	Spec    Spec
	Sample  []int // shape of a sample
	Classes int
	// Samples is the number that a step reads, B or 2B, and Largest that of the largest other pass, 0 for none. Held is the number of
	// samples that lie in memory for passes to come. They may be more than an int counts.
	Samples, Largest, Held float64
	// Minibatches is how many of them a step reads, 1 or 2.
	Minibatches float64
	// Units is the number of recorded gradients, each of UnitSize samples. Streamed says that they go to a file.
	Units    float64
	UnitSize int
	Streamed bool
}

const (
	// streamedBytes is about what going through gradients in a file takes beside what is kept: two blocks, and their products.
	streamedBytes = 256 << 20
	// vectors is the number of vectors of all parameters: weights, gradient, Adam's moments, and those of the direct draws.
	vectors = 8
)

// EstimateMemory is about the number of bytes that a run takes: parameters with their gradients and optimizer state, the graphs of all
// batch shapes, and the record of units with its Gram matrix, which the analysis copies for its eigenvalues.
func EstimateMemory(need Need) (float64, error) {
	layers, err := need.Spec.Layers()
	if err != nil {
		return 0, err
	}
	m := &Model{}
	if m.layers, err = place(withOutput(layers, need.Classes), need.Spec.takes(need.Sample)); err != nil {
		return 0, fmt.Errorf("model %s: %w", need.Spec.Text, err)
	}
	parameters := 0.0
	for _, l := range m.layers {
		parameters += float64(l.parameters())
	}
	n := need.Units
	bytes := 4*vectors*parameters + 3*8*n*n + 4*float64(sizeOf(need.Sample))*need.Held
	if need.Streamed {
		bytes += streamedBytes + 16*parameters
	} else {
		for _, f := range m.Forms(max(need.UnitSize, 1)) {
			bytes += n * recordedBytes(f)
		}
	}
	if need.Spec.Convolutional() {
		return bytes + m.passBytes(need), nil
	}
	// What passes over many samples take at a time.
	rows := need.Samples + need.Largest + min(need.Units, chunk) + 2*chunk
	return bytes + 4*rows*m.width(), nil
}

// recordedBytes counts factors, which the analysis holds, twice: the passes that they come from hold them too.
func recordedBytes(f probe.LayerForm) float64 {
	if f.In > 0 && f.Geometry == nil {
		return 2 * float64(f.UnitBytes())
	}
	return float64(f.UnitBytes())
}

// width is the number of elements a sample that the graph of a dense network holds: of every layer its input, output, delta and
// derivative.
func (m *Model) width() float64 {
	width := 0.0
	for _, l := range m.layers {
		width += float64(sizeOf(l.in) + 3*sizeOf(l.out))
	}
	return width
}

// passBytes is the memory of the passes of a network with convolutions: forward and backward through one piece of a step and through the
// last, smaller one, through samples where those are the units, and forward for evaluations; and what the convolutions share.
func (m *Model) passBytes(need Need) float64 {
	activations, transformed, kernels, blocks := 0.0, 0.0, 0.0, 0.0
	for _, l := range m.layers {
		activations += float64(sizeOf(l.out))
		c, ok := l.Layer.(*Convolution)
		if !ok {
			continue
		}
		switch p := c.products.(type) {
		case *minimalFilter:
			kernels += 36 * float64(p.in()*p.out)
			blocks = 2 * blockBytes / 4
		case *patchProduct:
			transformed = max(transformed, float64(p.geometry.Positions()*p.geometry.PatchSize()))
		}
	}
	turns := 2 * float64(max(m.widestTurn(true), 1))
	ghost := need.Spec.Ghost
	rows := float64(ghost * max(1, pieceSamples/ghost))
	if need.Samples > 0 {
		rows = min(rows, need.Samples)
	}
	smaller := rows // the last piece of a minibatch
	if need.UnitSize == 1 {
		smaller += 2 * imageChunk // frozen, all of a chunk and what is left
	}
	return 4 * ((rows+smaller)*(activations+turns) + max(rows, imageChunk)*transformed + imageChunk*2*float64(m.widestTurn(false)) +
		kernels + blocks)
}
