package train

import "github.com/noiseprobe/noiseprobe/probe"

// normBytes is about the memory of the gradients of one layer that are held at a time.
const normBytes = 8 << 20

// norms adds up |g_i|^2 and g_i . v over the layers of a pass.
type norms struct {
	v           [][]float32 // by layer
	seen        []int       // samples, by layer
	normSq, dot []float64
}

// SampleNorms makes a pass over all training samples, chunk by chunk, and returns |g_i|^2 and g_i . v of the gradients of their own losses.
// It takes a forward and backward pass and one more product in float64 for each layer, and holds the factors, or the gradients, of some
// samples and one layer at a time. Batch normalisation is frozen at its running statistics, as in [Model.Record].
func (s Source) SampleNorms(v []float32) (normSq, dot []float64, err error) {
	m, n := s.Model, s.Population()
	if len(v) != m.Parameters() {
		panic("train: vector has the wrong number of parameters")
	}
	r := m.newRecording(nil, 1)
	r.norms = &norms{seen: make([]int, len(r.forms)), normSq: make([]float64, n), dot: make([]float64, n)}
	for _, f := range r.forms {
		r.norms.v = append(r.norms.v, v[:f.Parameters])
		v = v[f.Parameters:]
	}
	if err := m.eachChunk(s.Data, spaced(n, 0), r, func(*Graph, int) error { return r.err }); err != nil {
		return nil, nil, err
	}
	for k, seen := range r.norms.seen {
		if seen != n {
			panic("train: layer " + r.forms[k].Name + " has no rule for the gradients of samples")
		}
	}
	return r.norms.normSq, r.norms.dot, nil
}

// addNorms takes the gradients of a layer from its rule, a few samples at a time.
func (r *recording) addNorms(layer int, rule Rule, rows int) {
	form, n := r.forms[layer], r.norms
	most := max(1, normBytes/form.UnitBytes())
	for lo := 0; lo < rows; lo += most {
		part := piece{lo, min(lo+most, rows)}
		count := part.hi - part.lo
		record := probe.NewRecord(probe.Meta{Index: make([]int, count), Loss: make([]float64, count)}, count, []probe.LayerForm{form})
		r.copyUnits(record, 0, form, rule, part, 0)
		g, err := record.Finish()
		if r.keep(err); err != nil {
			return
		}
		normSq, dot := g.Norms(n.v[layer])
		for i := range count {
			n.normSq[r.first+lo+i] += normSq[i]
			n.dot[r.first+lo+i] += dot[i]
		}
		n.seen[layer] += count
	}
}
