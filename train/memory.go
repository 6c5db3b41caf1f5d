package train

import (
	"github.com/noiseprobe/noiseprobe/internal/winograd"
	"github.com/noiseprobe/noiseprobe/probe"
)

// Need describes the run whose memory is estimated.
type Need struct {
	Spec    Spec
	Sample  []int // shape of a sample
	Classes int
	// Samples is the number of samples that a step reads, B or 2B, and Largest that of the largest other pass, 0 for none. Held is the
	// number of samples that are kept in memory for later passes. These numbers may exceed the range of an int.
	Samples, Largest, Held float64
	// Stored is the number of samples of a data set, whose pixels are bytes.
	Stored float64
	// Minibatches is the number of minibatches that a step reads, 1 or 2.
	Minibatches float64
	// Units is the number of recorded gradients, each of UnitSize samples. Streamed says that they go to a file.
	Units    float64
	UnitSize int
	Streamed bool
}

const (
	// streamedBytes is about the memory for reading gradients from a file, besides what is kept of them: two blocks and their products.
	streamedBytes = 256 << 20
	// programBytes is about the memory of the program itself.
	programBytes = 32 << 20
	// vectors is the number of vectors of length P in memory: weights, gradient, Adam's moments, those of the direct draws, and of the updates for two
	// of them. The analysis of updates has fewer.
	vectors = 14
)

// EstimateMemory returns about the number of bytes that a run takes: for parameters, gradients and optimizer state, for the graphs of
// all batch shapes, for the recorded units and their analysis, for the samples of a data set, and for the program.
func EstimateMemory(need Need) (float64, error) {
	layers, err := need.Spec.place(need.Sample, need.Classes)
	if err != nil {
		return 0, err
	}
	m, parameters := &Model{layers: layers}, 0.0
	for _, l := range m.layers {
		parameters += float64(l.parameters())
	}
	n := need.Units
	bytes := programBytes + 4*vectors*parameters + analysisBytes(n) + float64(sizeOf(need.Sample))*(4*need.Held+need.Stored)
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
	// Besides those of a step and of the largest other pass there are graphs for recording, for the full gradient and for
	// evaluation, which take at most a chunk at a time.
	rows := need.Samples + need.Largest + min(need.Units, chunk) + 2*chunk
	return bytes + 4*rows*m.width(), nil
}

// analysisBytes is the memory for the analysis of n units, in n×n matrices: the Gram matrix, a copy that becomes reflections, its
// eigenvectors and what they are made in, a quarter each for one half of the units and its eigenvectors; and in resampled minibatches. A
// half of it all is for what is no longer used but not yet collected. Measured at n = 3000: 533 MiB for the program, of 616.
func analysisBytes(n float64) float64 { return 1.5 * 8 * (5*n*n + 4*512*n) }

// recordedBytes is the memory of one recorded unit of a layer. Factors count twice: the pass that computes them and the record both
// hold them.
func recordedBytes(f probe.LayerForm) float64 {
	if f.In > 0 && f.Geometry == nil {
		return 2 * float64(f.UnitBytes())
	}
	return float64(f.UnitBytes())
}

// width is the number of elements per sample in the graph of a dense network: input, output, delta and derivative of every layer.
func (m *Model) width() float64 {
	width := 0.0
	for _, l := range m.layers {
		width += float64(sizeOf(l.in) + 3*sizeOf(l.out))
	}
	return width
}

// passBytes is the memory of the graphs of a network with convolutions: for one piece of a step and for the last, smaller one, for
// recording samples where the units are samples, and for evaluation; and of what the convolutions share.
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
			kernels += winograd.Planes * float64(p.in()*p.out)
			blocks = 2 * blockBytes / 4
		case *patchProduct:
			transformed = max(transformed, float64(p.geometry.Positions()*p.geometry.PatchSize()))
		}
	}
	turns := 2 * float64(max(m.widestTurn(true), 1))
	rows := float64(pieceSize(need.Spec.Ghost))
	if need.Samples > 0 {
		rows = min(rows, need.Samples)
	}
	smaller := rows // the last piece of a minibatch
	if need.UnitSize == 1 {
		smaller += 2 * imageChunk // with frozen normalisation: a whole chunk and the last, smaller one
	}
	return 4 * ((rows+smaller)*(activations+turns) + max(rows, imageChunk)*transformed + imageChunk*2*float64(m.widestTurn(false)) +
		kernels + blocks)
}
