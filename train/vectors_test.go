package train

import (
	"fmt"
	"path/filepath"
	"testing"

	"github.com/noiseprobe/noiseprobe/internal/npy"
	"github.com/noiseprobe/noiseprobe/internal/numtest"
	"github.com/noiseprobe/noiseprobe/internal/safetensors"
	"github.com/noiseprobe/noiseprobe/noise"
	"github.com/noiseprobe/noiseprobe/probe"
	"github.com/noiseprobe/noiseprobe/train/dataset"
)

const gradVectors = "../testdata/vectors/grad"

// mlpCase is the reference network of testdata/vectors/grad: 784-32-16-10 on 24 images, every number by PyTorch autograd
// in float64, one sample at a time.
type mlpCase struct {
	N        int                  `json:"n"`
	Loss     []float64            `json:"loss"`
	MeanLoss float64              `json:"mean_loss"`
	SqNorm   map[string][]float64 `json:"sq_norm"`
	NE       struct {
		Alpha      float64 `json:"alpha"`
		Batch      []int   `json:"batch"`
		BatchPrime []int   `json:"batch_prime"`
		SqNorm     float64 `json:"sq_norm"`
	} `json:"ne"`
	Adam struct {
		LR  float64 `json:"lr"`
		Eps float64 `json:"eps"`
	} `json:"adam"`

	model *Model
	data  dataset.Split
}

// float32 arithmetic: 1e-4 of the largest entry of each tensor (testdata/vectors/README.md).
const single = 1e-4

func loadMLP(t *testing.T) *mlpCase {
	t.Helper()
	var c mlpCase
	numtest.ReadJSON(t, filepath.Join(gradVectors, "expected", "mlp_784-32-16-10.json"), &c)
	c.data = mlpData(t)
	spec, err := ParseSpec("[32],[16]")
	if err != nil {
		t.Fatal(err)
	}
	if c.model, err = NewModel(spec, []int{784}, 10, 1); err != nil {
		t.Fatal(err)
	}
	params := open(t, "data/mlp_784-32-16-10.params.safetensors")
	for _, p := range c.model.Params {
		v, err := params.Float32s(p.Name)
		if err != nil {
			t.Fatal(err)
		}
		copy(p.Value, v)
	}
	return &c
}

// mlpData turns the pixels, stored as pixel/255, back into bytes.
func mlpData(t *testing.T) dataset.Split {
	t.Helper()
	x, err := npy.Read[float32](filepath.Join(gradVectors, "data", "mlp_784-32-16-10.X.npy"))
	if err != nil {
		t.Fatal(err)
	}
	y, err := npy.Read[int64](filepath.Join(gradVectors, "data", "mlp_784-32-16-10.y.npy"))
	if err != nil {
		t.Fatal(err)
	}
	var split dataset.Split
	for _, v := range x.Data {
		split.Pixels = append(split.Pixels, uint8(v*255+0.5))
	}
	for _, v := range y.Data {
		split.Y = append(split.Y, int(v))
	}
	return split
}

func open(t testing.TB, name string) *safetensors.File {
	t.Helper()
	f, err := safetensors.Open(filepath.Join(gradVectors, name))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

func compareGradient(t *testing.T, m *Model, file string) {
	t.Helper()
	want := open(t, "expected/"+file)
	for _, p := range m.Params {
		v, err := want.Float64s(p.Name)
		if err != nil {
			t.Fatal(err)
		}
		if err := numtest.CloseToLargest(numtest.Widen(p.Grad), v, single); err != nil {
			t.Errorf("%s: %v", p.Name, err)
		}
	}
}

func upTo(n int) []int {
	index := make([]int, n)
	for i := range index {
		index[i] = i
	}
	return index
}

func TestGradientAgainstPyTorch(t *testing.T) {
	c := loadMLP(t)
	loss, err := c.model.EnhancedGradient(c.data, 1, upTo(c.N), nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := numtest.Close(loss, c.MeanLoss, numtest.Tol{Rel: 1e-5}); err != nil {
		t.Error("mean loss:", err)
	}
	compareGradient(t, c.model, "mlp_784-32-16-10.grad.safetensors")
}

func TestEnhancedGradientAgainstPyTorch(t *testing.T) {
	c := loadMLP(t)
	if _, err := c.model.EnhancedGradient(c.data, c.NE.Alpha, c.NE.Batch, c.NE.BatchPrime); err != nil {
		t.Fatal(err)
	}
	compareGradient(t, c.model, "mlp_784-32-16-10.ne_grad.safetensors")
}

func TestRecordAgainstPyTorch(t *testing.T) {
	c := loadMLP(t)
	record, err := c.model.Record(c.data, upTo(c.N), probe.Meta{Unit: probe.UnitSample, UnitSize: 1})
	if err != nil {
		t.Fatal(err)
	}
	if err := numtest.CloseToLargest(record.Loss, c.Loss, single); err != nil {
		t.Error("losses:", err)
	}
	units := record.Reduce(nil)
	if err := numtest.CloseToLargest(units.NormSq, c.SqNorm["total"], single); err != nil {
		t.Error("squared norms:", err)
	}
	gram, err := npy.Read[float64](filepath.Join(gradVectors, "expected", "mlp_784-32-16-10.gram.npy"))
	if err != nil {
		t.Fatal(err)
	}
	got := make([]float64, c.N*c.N)
	for i := range c.N {
		for j := range c.N {
			got[i*c.N+j] = units.Centred[i*c.N+j] + units.MeanDot[i] + units.MeanDot[j] - units.MeanNormSq
		}
	}
	if err := numtest.CloseToLargest(got, gram.Data, single); err != nil {
		t.Error("Gram matrix:", err)
	}
}

func TestAdamAgainstPyTorch(t *testing.T) {
	c := loadMLP(t)
	trainer, err := NewTrainer(c.model, c.data, Settings{
		Alpha: 1, Batch: c.N, Pairing: noise.Independent, Optimizer: OptimizerSettings{Name: "adam", Epsilon: c.Adam.Eps}, LearningRate: c.Adam.LR,
	})
	if err != nil {
		t.Fatal(err)
	}
	for step := 1; step <= 3; step++ {
		if err := trainer.Step(); err != nil {
			t.Fatal(err)
		}
		if step == 2 {
			continue
		}
		want := open(t, fmt.Sprintf("expected/mlp_784-32-16-10.adam%d.safetensors", step))
		for _, p := range c.model.Params {
			v, err := want.Float64s(p.Name)
			if err != nil {
				t.Fatal(err)
			}
			if err := numtest.CloseToLargest(numtest.Widen(p.Value), v, single); err != nil {
				t.Errorf("step %d: %s: %v", step, p.Name, err)
			}
		}
	}
}
