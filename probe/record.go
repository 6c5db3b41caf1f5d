package probe

import (
	"fmt"
	"slices"

	"github.com/noiseprobe/noiseprobe/internal/safetensors"
)

// Record collects the gradients of n units in float32, each as soon as it is known. Row, Factors and Loss can be called in any
// order, from several goroutines at once for different layers or units; they copy what they are given. When every unit of every
// layer is recorded, Finish returns the gradients; a record that is given up needs a call of Abort.
type Record struct {
	meta   Meta
	n      int
	forms  []LayerForm
	have   [][]bool // layer, unit
	losses []bool
	// memory is indexed by layer and part; nil where the gradients go to a file.
	memory [][][]float32
	path   string
	file   *safetensors.Writer
}

// NewRecord keeps gradients in memory. meta holds the indices of the n units, and may hold their losses.
func NewRecord(meta Meta, n int, forms []LayerForm) *Record {
	r := newRecord(meta, n, forms)
	r.memory = make([][][]float32, len(forms))
	for l, f := range forms {
		for _, p := range f.parts() {
			r.memory[l] = append(r.memory[l], make([]float32, n*p.size()))
		}
	}
	return r
}

// CreateRecord is [NewRecord] with a file in place of memory, in the format of [WriteGradients]. Until Finish the file has a temporary
// name. Errors, here and later, name path.
func CreateRecord(path string, meta Meta, n int, forms []LayerForm) (*Record, error) {
	if n < 2 {
		panic("probe: a file has the gradients of at least 2 units")
	}
	r := newRecord(meta, n, forms)
	r.path = path
	about := r.meta.header(RecordFactored)
	var arrays []safetensors.Tensor
	for _, f := range forms {
		for _, p := range f.parts() {
			arrays = append(arrays, safetensors.Tensor{Name: f.Name + p.suffix, DType: "F32", Shape: append([]int{n}, p.shape...)})
		}
		about.add(f)
	}
	m, err := metadata(GradientsSchema, about)
	if err != nil {
		return nil, err
	}
	r.file, err = safetensors.Create(path, m, append(arrays, r.meta.metaArrays()...))
	return r, err
}

func newRecord(meta Meta, n int, forms []LayerForm) *Record {
	if n < 1 || len(forms) == 0 || len(meta.Index) != n || len(meta.Loss) != 0 && len(meta.Loss) != n {
		panic(fmt.Sprintf("probe: record of %d layers, %d units, %d indices and %d losses", len(forms), n, len(meta.Index), len(meta.Loss)))
	}
	r := &Record{meta: meta, n: n, forms: slices.Clone(forms), losses: slices.Repeat([]bool{len(meta.Loss) > 0}, n)}
	r.meta.Index, r.meta.Loss = slices.Clone(meta.Index), append(make([]float64, 0, n), meta.Loss...)[:n]
	for i, f := range forms {
		f.check()
		if g := f.Geometry; g != nil {
			own := *g
			r.forms[i].Geometry = &own
		}
		r.have = append(r.have, make([]bool, n))
	}
	return r
}

// Row takes the gradient of a unit in a layer that is recorded as rows.
func (r *Record) Row(layer, unit int, gradient []float32) error {
	return r.take(layer, unit, gradient)
}

// Factors takes the factors of a unit at all of its positions: a [T, in] or the layer's input [H, W, in], and delta [T, out] or
// [oH, oW, out], the derivative of the unit's loss with respect to the layer's pre-activation.
func (r *Record) Factors(layer, unit int, a, delta []float32) error {
	return r.take(layer, unit, a, delta)
}

func (r *Record) take(layer, unit int, parts ...[]float32) error {
	f := r.forms[layer]
	want := f.parts()
	if len(parts) != len(want) {
		panic(fmt.Sprintf("probe: layer %s is recorded in %d parts, not in %d", f.Name, len(want), len(parts)))
	}
	if unit < 0 || unit >= r.n {
		panic(fmt.Sprintf("probe: unit %d of %d", unit, r.n))
	}
	for k, p := range want {
		if len(parts[k]) != p.size() {
			panic(fmt.Sprintf("probe: %d numbers for %s%s, which has %v for a unit", len(parts[k]), f.Name, p.suffix, p.shape))
		}
		if r.memory != nil {
			copy(r.memory[layer][k][unit*p.size():], parts[k])
		} else if err := safetensors.WriteAt(r.file, f.Name+p.suffix, unit*p.size(), parts[k]); err != nil {
			return err
		}
	}
	r.have[layer][unit] = true
	return nil
}

// Loss takes the loss of a unit.
func (r *Record) Loss(unit int, loss float64) {
	r.meta.Loss[unit], r.losses[unit] = loss, true
}

// Finish returns the gradients, which have to be closed. Those of a record in a file are read from it, and the file now has its
// name. It panics if a unit is missing. An error leaves no file.
func (r *Record) Finish() (*Gradients, error) {
	r.checkComplete()
	if r.memory != nil {
		g := &Gradients{Meta: r.meta}
		for l, f := range r.forms {
			g.Layers = append(g.Layers, f.layer(r.n, r.memory[l]))
		}
		return g, nil
	}
	err := safetensors.WriteAt(r.file, "index", 0, integers[int64](r.meta.Index))
	if err == nil {
		err = safetensors.WriteAt(r.file, "loss", 0, r.meta.Loss)
	}
	if err != nil {
		r.Abort()
		return nil, err
	}
	if err := r.file.Commit(); err != nil {
		return nil, err
	}
	return OpenRecorded(r.path)
}

func (r *Record) checkComplete() {
	for l, have := range append(r.have, r.losses) {
		if i := slices.Index(have, false); i >= 0 {
			r.Abort()
			name := "the losses"
			if l < len(r.forms) {
				name = "layer " + r.forms[l].Name
			}
			panic(fmt.Sprintf("probe: unit %d was not recorded in %s", i, name))
		}
	}
}

// Abort removes the unfinished file. After Finish it does nothing.
func (r *Record) Abort() {
	if r.file != nil {
		r.file.Abort()
	}
}
