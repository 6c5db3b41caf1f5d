package train

import (
	"fmt"
	"sync"

	"github.com/noiseprobe/noiseprobe/internal/parallel"
	"github.com/noiseprobe/noiseprobe/probe"
)

// recording says where a pass records the gradients of its units, or to whom it shows them.
type recording struct {
	record  *probe.Record
	visitor *visitor
	layers  map[Layer]int // positions in the record
	forms   []probe.LayerForm
	first   int // the unit that row 0 belongs to
	ghost   bool
	// weight is that of a sample in the loss of the pass.
	weight float64
	// unitsAlone says that nobody reads the gradient of the whole pass, which then need not be computed.
	unitsAlone bool
	// columns is nil but where columns of the Gauss-Newton matrix are recorded in place of gradients.
	columns *columns

	mu  sync.Mutex
	err error
}

// Forms returns the form in which a record keeps each layer that has parameters, for units that are means over so many samples (1 or
// a whole ghost batch): the gradient or its factors, whichever are smaller.
func (m *Model) Forms(samples int) []probe.LayerForm {
	var forms []probe.LayerForm
	for _, l := range m.trainable() {
		form := probe.LayerForm{Name: l.name, Parameters: l.parameters()}
		if f, ok := l.Layer.(Former); ok {
			form = f.Form(samples)
		}
		forms = append(forms, form)
	}
	return forms
}

// Record returns the gradients of the samples' own losses, in memory. Batch normalisation is frozen at its running statistics: without
// that a sample has no gradient of its own. The result keeps index.
func (m *Model) Record(data Data, index []int, meta probe.Meta) (*probe.Gradients, error) {
	meta.Index = index
	record := probe.NewRecord(meta, len(index), m.Forms(1))
	mean := make([]float32, m.Parameters())
	if err := m.recordChunks(m.newRecording(record, 1), data, index, mean); err != nil {
		return nil, err
	}
	g, err := record.Finish()
	if err != nil {
		return nil, err
	}
	for i, part := range byLayer(m, mean) {
		if f, ok := g.Layers[i].(*probe.Factored); ok {
			f.Mean = part
		}
	}
	return g, nil
}

// RecordSamples is [Model.Record] into a given record, whose layers have the forms [Model.Forms](1).
func (m *Model) RecordSamples(record *probe.Record, data Data, index []int) error {
	return m.recordChunks(m.newRecording(record, 1), data, index, nil)
}

// recordChunks records samples, and adds their mean gradient to mean, if that is not nil. The passes compute it anyway; computing it from the
// factors would take a third of a backward pass.
func (m *Model) recordChunks(r *recording, data Data, index []int, mean []float32) error {
	r.unitsAlone = mean == nil
	return m.eachChunk(data, index, r, func(g *Graph, at int) error {
		for i, loss := range g.Loss {
			r.record.Loss(at+i, loss)
		}
		if mean != nil {
			addScaled(mean, 1/float32(len(index)), m.Gradient)
		}
		return r.err
	})
}

// eachChunk makes forward and backward passes over the samples, chunk by chunk, with frozen normalisation. They record to r and have its
// weight, or 1 if it is nil. After the pass over the samples from index[at] on it calls done.
func (m *Model) eachChunk(data Data, index []int, r *recording, done func(g *Graph, at int) error) error {
	m.begin()
	weight := 1.0
	if r != nil {
		weight = r.weight
	}
	for at := 0; at < len(index); at += m.chunk() {
		piece := index[at:min(at+m.chunk(), len(index))]
		g, err := m.graph(shape{rows: len(piece), backward: true, frozen: true})
		if err != nil {
			return err
		}
		if err := g.own.gather(data, piece, m.Classes); err != nil {
			return err
		}
		if r != nil {
			r.first, g.recording = at, r
			r.columns.begin(at)
		}
		err = m.backward(g, g.own, func(int) float64 { return weight })
		g.recording = nil
		if err != nil {
			return err
		}
		if err := done(g, at); err != nil {
			return err
		}
	}
	return nil
}

// RecordGhostBatches records the gradients of ghost batches. A unit is a list of samples, which are normalised together, and its
// gradient is that of their mean loss, computed by a pass of its own. All units have the same size, and the layers of the record have
// the forms [Model.Forms](size).
func (m *Model) RecordGhostBatches(record *probe.Record, data Data, units [][]int) error {
	return m.recordGhostBatches(m.newRecording(record, len(units[0])), data, units)
}

func (m *Model) recordGhostBatches(r *recording, data Data, units [][]int) error {
	m.begin()
	size := len(units[0])
	if size > m.Ghost() {
		panic(fmt.Sprintf("train: units of %d samples, more than a ghost batch of %d", size, m.Ghost()))
	}
	r.ghost = true
	g, err := m.graph(shape{rows: size, backward: true})
	if err != nil {
		return err
	}
	for u, samples := range units {
		if err := g.own.gather(data, samples, m.Classes); err != nil {
			return err
		}
		r.first, g.recording = u, r
		r.columns.begin(u * size)
		err := m.backward(g, g.own, func(int) float64 { return r.weight })
		g.recording = nil
		if err != nil {
			return err
		}
		r.record.Loss(u, mean(g.Loss))
		if m.recordGradient(r); r.err != nil {
			return r.err
		}
	}
	return nil
}

func (m *Model) newRecording(record *probe.Record, samples int) *recording {
	r := &recording{record: record, layers: map[Layer]int{}, forms: m.Forms(samples), weight: 1 / float64(samples)}
	for i, l := range m.trainable() {
		r.layers[l.Layer] = i
	}
	return r
}

// recordGradient records the gradient of a pass as that of its only unit, for the layers that are kept as rows.
func (m *Model) recordGradient(r *recording) {
	for i, part := range byLayer(m, m.Gradient) {
		if r.forms[i].In == 0 {
			r.keep(r.record.Row(i, r.first, part))
		}
	}
}

// recordRule records what a rule gives: the gradients of all samples; or, where the whole pass is one unit and the layer is kept as
// factors, those of all samples together.
func (g *Graph) recordRule(l Layer, rule Rule) {
	r := g.recording
	if r == nil {
		return
	}
	k, ok := r.layers[l]
	if !ok {
		panic(fmt.Sprintf("train: a rule of a layer of type %T that is not in the network", l))
	}
	form := r.forms[k]
	switch {
	case r.ghost && form.In > 0:
		var a, delta []float32
		for i := range g.Rows {
			x, d := rule.Factors(i)
			a, delta = append(a, x...), append(delta, d...)
		}
		r.keep(r.record.Factors(k, r.first, a, delta))
	case r.ghost:
	case r.visitor != nil:
		r.show(k, rule, g.Rows)
	default:
		r.copyUnits(r.record, k, form, rule, piece{0, g.Rows}, r.first)
	}
}

// copyUnits records the gradients of some samples of the pass as those of the units from first on.
func (r *recording) copyUnits(to *probe.Record, layer int, form probe.LayerForm, rule Rule, rows piece, first int) {
	parallel.For(rows.hi-rows.lo, 1, func(lo, hi int) {
		var row []float32
		if rule.Row != nil {
			row = make([]float32, form.Parameters)
		}
		for i := lo; i < hi; i++ {
			if rule.Row != nil {
				rule.Row(rows.lo+i, row)
				r.keep(to.Row(layer, first+i, row))
				continue
			}
			a, delta := rule.Factors(rows.lo + i)
			r.keep(to.Factors(layer, first+i, a, delta))
		}
	})
}

// keep remembers the first error.
func (r *recording) keep(err error) {
	if err == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.err == nil {
		r.err = err
	}
}
