package train

import (
	"slices"
	"strings"
	"testing"

	"github.com/noiseprobe/noiseprobe/internal/numtest"
	"github.com/noiseprobe/noiseprobe/noise"
)

// TestStepNorms holds the norms of steps against gradients of the same samples by passes of their own, and weights against those of training
// without norms, bit by bit. The gradient of alpha = 1 and one of f near 1 are halved; ghost batches are summed up piece by piece.
func TestStepNorms(t *testing.T) {
	dense := func() *Model { return newModel(t, "[7],[5]", 12, 4) }
	image := func() *Model { return newImageModel(t, "[4,3,3,1],[6]", []int{3, 4, 4}, 4, 10) }
	for _, c := range []struct {
		build       func() *Model
		inputs      int
		alpha       float64
		batch, part int
		whole       float64 // B_eff of independent pairs of 400 samples: N / (1 + f (N/B - 1))
	}{
		{dense, 12, 1.5, 20, 20, 400 / (1 + 2.5*19)}, {dense, 12, 1, 21, 10, 21}, {dense, 12, 0.5, 20, 20, 400 / (1 + 0.5*19)},
		{dense, 12, -0.1, 20, 10, 400 / (1 + 1.22*19)}, {image, 48, 1.5, 130, 130, 400 / (1 + 2.5*(400.0/130-1))}, {image, 48, 1, 200, 120, 200},
	} {
		s := settings()
		s.Alpha, s.Batch, s.Optimizer = c.alpha, c.batch, OptimizerSettings{Name: NameAdam, Epsilon: 1e-8}
		data := images(400, c.inputs, 4, 1)
		plain, err := NewTrainer(c.build(), data, s)
		if err != nil {
			t.Fatal(err)
		}
		s.Norms = true
		trainer, err := NewTrainer(c.build(), data, s)
		if err != nil {
			t.Fatal(err)
		}
		for step := range 3 {
			b, bPrime := make([]int, c.batch), make([]int, c.batch)
			trainer.Order.At(step, b, bPrime)
			source := Source{Model: trainer.Model, Data: data}
			part, whole := gradientOf(t, source, 1, b[:c.part], nil), gradientOf(t, source, c.alpha, b, bPrime)
			if err := plain.Step(); err != nil {
				t.Fatal(err)
			}
			if err := trainer.Step(); err != nil {
				t.Fatal(err)
			}
			n := trainer.Norms()
			got := []float64{n.PartBatch, n.PartSq, n.WholeBatch, n.WholeSq}
			want := []float64{float64(c.part), normSq(part), c.whole, normSq(whole)}
			if err := numtest.AllClose(got, want, numtest.Tol{Rel: 1e-5}); err != nil {
				t.Errorf("alpha = %g, B = %d, step %d: %v", c.alpha, c.batch, step, err)
			}
			if !slices.Equal(plain.Model.Weights, trainer.Model.Weights) {
				t.Errorf("alpha = %g, B = %d, step %d: norms change the training", c.alpha, c.batch, step)
			}
		}
	}
}

func normSq(v []float32) (sum float64) {
	for _, x := range v {
		sum += float64(x) * float64(x)
	}
	return sum
}

func TestStepNormsThatCannotBe(t *testing.T) {
	for want, c := range map[string]struct {
		model *Model
		alpha float64
		batch int
	}{
		"alpha = 0 has nothing":        {newModel(t, "[7]", 48, 4), 0, 20},
		"1 samples cannot be halved":   {newModel(t, "[7]", 48, 4), 1, 1},
		"a batch size above 120 has":   {newImageModel(t, "[4,3,3,1],[6]", []int{3, 4, 4}, 4, 10), 1, 20},
		"one pass of ghost batches, w": {newImageModel(t, "[4,3,3,1],[6]", []int{3, 4, 4}, 4, 10), 1, 120},
	} {
		s := Settings{Alpha: c.alpha, Batch: c.batch, Pairing: noise.Independent, Optimizer: OptimizerSettings{Name: NameSGD}, LearningRate: 0.1, Norms: true}
		if _, err := NewTrainer(c.model, images(200, 48, 4, 1), s); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}
