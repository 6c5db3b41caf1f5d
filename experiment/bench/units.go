package bench

import (
	"slices"

	"github.com/noiseprobe/noiseprobe/probe"
	"github.com/noiseprobe/noiseprobe/train"
)

// units say whose gradients are recorded: n samples, or in networks that normalise ghost batches n of these, as in a run without flags.
type units struct {
	kind    string // probe.UnitSample or probe.UnitGhostBatch
	n, size int    // number of units, and of samples in each
}

func unitsOf(s Settings, spec train.Spec) units {
	if spec.Convolutional() {
		return units{probe.UnitGhostBatch, s.Units, spec.Ghost}
	}
	return units{probe.UnitSample, s.Units, 1}
}

// record returns the gradients of the units, in memory.
func (u units) record(m *train.Model, data train.Data) (*probe.Gradients, error) {
	meta := probe.Meta{Unit: u.kind, UnitSize: u.size, Index: consecutive(0, u.n)}
	if u.kind == probe.UnitSample {
		return m.Record(data, meta.Index, meta)
	}
	r := probe.NewRecord(meta, u.n, m.Forms(u.size))
	ghosts := slices.Collect(slices.Chunk(consecutive(0, u.n*u.size), u.size))
	if err := m.RecordGhostBatches(r, data, ghosts); err != nil {
		return nil, err
	}
	return r.Finish()
}
