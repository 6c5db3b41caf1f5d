package bench

import (
	"github.com/noiseprobe/noiseprobe/internal/seed"
	"github.com/noiseprobe/noiseprobe/train"
)

// heldBatch is data that cost nothing to gather: a buffer is filled with random pixels between 0 and 1 when it is first seen,
// and left alone from then on. A pass over the same buffer again is a pass without gathering. Which samples are asked for
// makes no difference; the labels go round the classes.
type heldBatch struct {
	samples, classes int
	filled           map[*float32]bool
}

var _ train.Data = heldBatch{}

func (h heldBatch) N() int { return h.samples }

func (h heldBatch) Gather(dst []float32, index []int) {
	if len(dst) == 0 || h.filled[&dst[0]] {
		return
	}
	h.filled[&dst[0]] = true
	rng := seed.New(benchSeed, "bench pixels")
	for i := range dst {
		dst[i] = rng.Float32()
	}
}

func (h heldBatch) Labels(dst []int32, index []int) {
	for row, i := range index {
		dst[row] = int32(i % h.classes)
	}
}
