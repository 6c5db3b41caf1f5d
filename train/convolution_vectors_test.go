package train

import (
	"path/filepath"
	"testing"

	"github.com/noiseprobe/noiseprobe/internal/npy"
	"github.com/noiseprobe/noiseprobe/internal/numtest"
	"github.com/noiseprobe/noiseprobe/probe"
)

// convCase is the reference convolutional network of testdata/vectors/grad, by PyTorch autograd in float64.
type convCase struct {
	N      int `json:"n"`
	Layout struct {
		Text  string `json:"layout"`
		Ghost int    `json:"ghost_size"`
	} `json:"model"`
	Ghost  convBlock `json:"ghost"`
	Frozen convBlock `json:"frozen"`

	model *Model
	data  *floatData
}

// convBlock is what is expected of one kind of unit.
type convBlock struct {
	Units    int                  `json:"units"`
	Losses   []float64            `json:"ghost_loss"`
	Loss     []float64            `json:"loss"`
	MeanLoss float64              `json:"mean_loss"`
	SqNorm   map[string][]float64 `json:"sq_norm"`
}

// floatData are samples that are no bytes.
type floatData struct {
	x      []float32
	y      []int64
	inputs int
}

func (d *floatData) N() int { return len(d.y) }
func (d *floatData) Gather(dst []float32, index []int) {
	for row, i := range index {
		copy(dst[row*d.inputs:(row+1)*d.inputs], d.x[i*d.inputs:])
	}
}
func (d *floatData) Labels(dst []int32, index []int) {
	for row, i := range index {
		dst[row] = int32(d.y[i])
	}
}

func loadConv(t testing.TB) *convCase {
	t.Helper()
	const name = "c1mini_3x16x16"
	var c convCase
	numtest.ReadJSON(t, filepath.Join(gradVectors, "expected", name+".json"), &c)
	x, err := npy.Read[float32](filepath.Join(gradVectors, "data", name+".X.npy"))
	if err != nil {
		t.Fatal(err)
	}
	y, err := npy.Read[int64](filepath.Join(gradVectors, "data", name+".y.npy"))
	if err != nil {
		t.Fatal(err)
	}
	c.data = &floatData{x: x.Data, y: y.Data, inputs: len(x.Data) / c.N}
	spec, err := ParseSpec(c.Layout.Text)
	if err != nil {
		t.Fatal(err)
	}
	spec.Ghost = c.Layout.Ghost
	if c.model, err = NewModel(spec, x.Shape[1:], 10, 1); err != nil {
		t.Fatal(err)
	}
	fill(t, "data/"+name+".params.safetensors", c.model.Params)
	fill(t, "data/"+name+".running.safetensors", c.model.Running)
	return &c
}

func fill(t testing.TB, file string, params []*Param) {
	t.Helper()
	f := open(t, file)
	for _, p := range params {
		v, err := f.Float32s(p.Name)
		if err != nil {
			t.Fatal(err)
		}
		copy(p.Value, v)
	}
}

func TestGhostGradientAgainstPyTorch(t *testing.T) {
	c := loadConv(t)
	loss, err := c.model.EnhancedGradient(c.data, 1, upTo(c.N), nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := numtest.Close(loss, mean(c.Ghost.Losses), numtest.Tol{Rel: 1e-5}); err != nil {
		t.Error("mean loss:", err)
	}
	compareGradient(t, c.model, "c1mini_3x16x16.grad.safetensors")
}

func TestGhostBatchesAgainstPyTorch(t *testing.T) {
	c := loadConv(t)
	meta := probe.Meta{Unit: probe.UnitGhostBatch, UnitSize: c.Layout.Ghost, Index: upTo(c.Ghost.Units)}
	record := probe.NewRecord(meta, c.Ghost.Units, c.model.Forms(c.Layout.Ghost))
	var units [][]int
	for u := range c.Ghost.Units {
		units = append(units, upTo(c.N)[u*c.Layout.Ghost:(u+1)*c.Layout.Ghost])
	}
	if err := c.model.RecordGhostBatches(record, c.data, units); err != nil {
		t.Fatal(err)
	}
	g, err := record.Finish()
	if err != nil {
		t.Fatal(err)
	}
	compareUnits(t, g, c.Ghost, c.Ghost.Losses, "gram_ghost")
}

func TestFrozenSamplesAgainstPyTorch(t *testing.T) {
	c := loadConv(t)
	g, err := c.model.Record(c.data, upTo(c.N), probe.Meta{Unit: probe.UnitSample, UnitSize: 1})
	if err != nil {
		t.Fatal(err)
	}
	compareUnits(t, g, c.Frozen, c.Frozen.Loss, "gram_frozen")
	mean := g.Mean()
	want := open(t, "expected/c1mini_3x16x16.grad_frozen.safetensors")
	for _, p := range c.model.Params {
		v, err := want.Float64s(p.Name)
		if err != nil {
			t.Fatal(err)
		}
		if err := numtest.CloseToLargest(mean[:p.Size()], v, single); err != nil {
			t.Errorf("mean gradient of %s: %v", p.Name, err)
		}
		mean = mean[p.Size():]
	}
}

func compareUnits(t *testing.T, g *probe.Gradients, want convBlock, losses []float64, gram string) {
	t.Helper()
	if err := numtest.CloseToLargest(g.Loss, losses, single); err != nil {
		t.Error("losses:", err)
	}
	units := g.Reduce(nil)
	if err := numtest.CloseToLargest(units.NormSq, want.SqNorm["total"], single); err != nil {
		t.Error("squared norms:", err)
	}
	expected, err := npy.Read[float64](filepath.Join(gradVectors, "expected", "c1mini_3x16x16."+gram+".npy"))
	if err != nil {
		t.Fatal(err)
	}
	if err := numtest.CloseToLargest(units.Gram(), expected.Data, single); err != nil {
		t.Error("Gram matrix:", err)
	}
}
