package train

import "github.com/noiseprobe/noiseprobe/probe"

// visitBytes is about the memory of the gradients of one layer that are held at a time.
const visitBytes = 8 << 20

// visitor takes the gradients of one layer at a time, of the samples from first on.
type visitor struct {
	seen  []int // samples, by layer
	visit func(layer, first int, g *probe.Gradients)
}

// SampleNorms makes a pass over all training samples, chunk by chunk, and returns |g_i|^2 and g_i . v of the gradients of their own losses.
// It takes a forward and backward pass and one more product in float64 for each layer, and holds the factors, or the gradients, of some
// samples and one layer at a time. Batch normalisation is frozen at its running statistics, as in [Model.Record].
func (s Source) SampleNorms(v []float32) (normSq, dot []float64, err error) {
	n := s.Population()
	if len(v) != s.Model.Parameters() {
		panic("train: vector has the wrong number of parameters")
	}
	parts := byLayer(s.Model, v)
	normSq, dot = make([]float64, n), make([]float64, n)
	merge := func(int, int, *probe.Gradients) {}
	if s.Moments != nil {
		merge = s.Moments.visitor(s.Model)
	}
	err = s.visitSamples(func(layer, first int, g *probe.Gradients) {
		ownSq, ownDot := g.Norms(parts[layer])
		for i := range ownSq {
			normSq[first+i] += ownSq[i]
			dot[first+i] += ownDot[i]
		}
		merge(layer, first, g)
	})
	return normSq, dot, err
}

// visitSamples makes the pass of [Source.SampleNorms].
func (s Source) visitSamples(visit func(layer, first int, g *probe.Gradients)) error {
	m, n := s.Model, s.Population()
	r := m.newRecording(nil, 1)
	r.unitsAlone = true
	r.visitor = &visitor{make([]int, len(r.forms)), visit}
	if err := m.eachChunk(s.Data, spaced(n, 0), r, func(*Graph, int) error { return r.err }); err != nil {
		return err
	}
	for k, seen := range r.visitor.seen {
		if seen != n {
			panic("train: layer " + r.forms[k].Name + " has no rule for the gradients of samples")
		}
	}
	return nil
}

// show takes the gradients of a layer from its rule, a few samples at a time.
func (r *recording) show(layer int, rule Rule, rows int) {
	form := r.forms[layer]
	most := max(1, visitBytes/form.UnitBytes())
	for lo := 0; lo < rows; lo += most {
		part := piece{lo, min(lo+most, rows)}
		count := part.hi - part.lo
		record := probe.NewRecord(probe.Meta{Index: make([]int, count), Loss: make([]float64, count)}, count, []probe.LayerForm{form})
		r.copyUnits(record, 0, form, rule, part, 0)
		g, err := record.Finish()
		if r.keep(err); err != nil {
			return
		}
		r.visitor.visit(layer, r.first+lo, g)
		r.visitor.seen[layer] += count
	}
}
