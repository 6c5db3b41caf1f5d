package train

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/noiseprobe/noiseprobe/internal/numtest"
	"github.com/noiseprobe/noiseprobe/noise"
	"github.com/noiseprobe/noiseprobe/probe"
)

// The output of a normalised network does not depend on the scale of a convolution's weights; gradients are inversely proportional to it.
func TestScaleLaw(t *testing.T) {
	m := newImageModel(t, "2x[8,3,3,1]", []int{3, 8, 8}, 3, 4)
	data := images(8, 192, 3, 1)
	loss := computeGradient(t, m, data, 1, upTo(8), nil)
	w, before := m.Params[0], slices.Clone(m.Gradient)
	for i := range w.Value {
		w.Value[i] *= 64
	}
	scaled := computeGradient(t, m, data, 1, upTo(8), nil)
	// Equal but for the 1e-5 that is added to the variance, which is 4096 times smaller in comparison.
	if err := numtest.Close(scaled, loss, numtest.Tol{Rel: 1e-3}); err != nil {
		t.Error("loss:", err)
	}
	for i, v := range w.Grad {
		before[i] /= 64
		if math.Abs(float64(v-before[i])) > 1e-5 {
			t.Fatalf("element %d: gradient %v, want %v", i, v, before[i])
		}
	}
}

// The order of samples within a ghost batch makes no difference, and neither does that of whole ghost batches; which samples share a
// ghost batch does.
func TestPermutationLaw(t *testing.T) {
	m := newImageModel(t, "2x[8,3,3,1]", []int{3, 8, 8}, 3, 4)
	data := images(8, 192, 3, 1)
	gradient := func(index ...int) []float64 {
		computeGradient(t, m, data, 1, index, nil)
		return numtest.Widen(m.Gradient)
	}
	want := gradient(0, 1, 2, 3, 4, 5, 6, 7)
	for name, same := range map[string][]int{"within": {3, 1, 0, 2, 4, 7, 6, 5}, "groups": {4, 5, 6, 7, 0, 1, 2, 3}} {
		if err := numtest.CloseToLargest(gradient(same...), want, 1e-5); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if numtest.CloseToLargest(gradient(4, 1, 2, 3, 0, 5, 6, 7), want, 1e-3) == nil {
		t.Error("groups of other samples have the same gradient: nothing depends on who is normalised together")
	}
}

// A pass in pieces is the pass over all groups at once, and no piece has samples of both minibatches.
func TestPieces(t *testing.T) {
	m := newImageModel(t, "[8,3,3,1]", []int{1, 4, 4}, 3, 50)
	if got, want := fmt.Sprint(m.pieces(460, 230)), "[{0 100} {100 200} {200 230} {230 330} {330 430} {430 460}]"; got != want {
		t.Errorf("pieces %s, want %s", got, want)
	}
	data := images(460, 16, 3, 1)
	computeGradient(t, m, data, 1.5, upTo(460)[:230], upTo(460)[230:])
	got := numtest.Widen(m.Gradient)
	want := make([]float64, len(got))
	for half := range 2 {
		for _, group := range consecutive(230*half, 230*(half+1), 50) {
			computeGradient(t, m, data, 1, group, nil)
			w := []float64{1.5, -0.5}[half] * float64(len(group)) / 230
			for i, v := range m.Gradient {
				want[i] += w * float64(v)
			}
		}
	}
	if err := numtest.CloseToLargest(got, want, 1e-5); err != nil {
		t.Error(err)
	}
}

// Running statistics by their definition, group after group; only training steps move them.
func TestRunningStatistics(t *testing.T) {
	m := newImageModel(t, "[8,3,3,1]", []int{1, 4, 4}, 3, 4)
	data := images(24, 16, 3, 1)
	for _, p := range m.Running {
		for i := range p.Value {
			p.Value[i] = 1
		}
	}
	trainer, err := NewTrainer(m, data, Settings{Alpha: 2, Batch: 6, Pairing: noise.Disjoint, Optimizer: OptimizerSettings{Name: "sgd"}, LearningRate: 0.1, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	b, bPrime := make([]int, 6), make([]int, 6)
	trainer.Order.At(0, b, bPrime)
	pixels, _ := slowInputs(data, append(slices.Clone(b), bPrime...))
	conv := m.layers[1].Layer.(*Convolution)
	running, variance := 1.0, 1.0
	for _, group := range append(consecutive(0, 6, 4), consecutive(6, 12, 4)...) {
		var all []float64
		for _, n := range group {
			x := newSlowImage(1, 4, 4)
			for i, v := range pixels[n] {
				x[0][i/4][i%4] = v
			}
			for _, row := range slowConvolution(conv, x)[3] {
				all = append(all, row...)
			}
		}
		squares := 0.0
		for _, v := range all {
			squares += (v - mean(all)) * (v - mean(all))
		}
		running += 0.1 * (mean(all) - running)
		variance += 0.1 * (squares/float64(len(all)-1) - variance)
	}
	if err := trainer.Step(); err != nil {
		t.Fatal(err)
	}
	// Channel 3 of the first normalisation.
	for i, want := range []float64{running, variance} {
		if err := numtest.Close(float64(m.Running[i].Value[3]), want, numtest.Tol{Rel: 1e-5}); err != nil {
			t.Errorf("%s: %v", m.Running[i].Name, err)
		}
	}
	kept := slices.Clone(m.Running[1].Value)
	computeGradient(t, m, data, 1, upTo(8), nil)
	if _, _, err := m.Evaluate(data, 0); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(kept, m.Running[1].Value) {
		t.Error("a gradient or an evaluation has moved the running statistics")
	}
}

// The recorded gradient of a frozen sample is that of a pass over it alone; of a ghost batch, that of a pass over it.
func TestRecordsOfImages(t *testing.T) {
	for _, c := range imageModels {
		m := newImageModel(t, c.text, c.sample, 3, 4)
		data := images(12, sizeOf(c.sample), 3, 1)
		samples, err := m.Record(data, upTo(12), probe.Meta{})
		if err != nil {
			t.Fatal(err)
		}
		pixels, labels := slowInputs(data, upTo(12))
		slow := slowNetwork{m: m, frozen: true, groups: consecutive(0, 12, 4)}
		if err := numtest.AllClose(samples.Loss, slow.losses(pixels, labels, c.sample), numtest.Tol{Rel: 1e-4, Abs: 1e-5}); err != nil {
			t.Errorf("%s: losses: %v", c.text, err)
		}
		g, err := m.graph(shape{rows: 1, backward: true, frozen: true})
		if err != nil {
			t.Fatal(err)
		}
		for _, i := range []int{0, 11} {
			if err := g.own.gather(data, []int{i}, 3); err != nil {
				t.Fatal(err)
			}
			if err := m.backward(g, g.own, func(int) float64 { return 1 }); err != nil {
				t.Fatal(err)
			}
			if err := numtest.CloseToLargest(samples.Unit(i), numtest.Widen(m.Gradient), 1e-5); err != nil {
				t.Errorf("%s: sample %d: %v", c.text, i, err)
			}
		}
		units := consecutive(0, 12, 4)
		record := probe.NewRecord(probe.Meta{Unit: probe.UnitGhostBatch, UnitSize: 4, Index: upTo(3)}, 3, m.Forms(4))
		if err := m.RecordGhostBatches(record, data, units); err != nil {
			t.Fatal(err)
		}
		ghosts, err := record.Finish()
		if err != nil {
			t.Fatal(err)
		}
		for u, group := range units {
			loss := computeGradient(t, m, data, 1, group, nil)
			if err := numtest.CloseToLargest(ghosts.Unit(u), numtest.Widen(m.Gradient), 1e-6); err != nil || ghosts.Loss[u] != loss {
				t.Errorf("%s: ghost batch %d: %v, loss %v and %v", c.text, u, err, ghosts.Loss[u], loss)
			}
		}
	}
}

// The forms that are recorded are the smaller ones: in C1 the late layers' images are smaller than their gradients.
func TestFormsOfC1(t *testing.T) {
	m := newImageModel(t, "c1", []int{3, 32, 32}, 10, 100)
	var factored []string
	for _, f := range m.Forms(1) {
		if f.In > 0 {
			factored = append(factored, f.Name)
		}
	}
	// conv4: 16·16·(64+128) = 49152 < 9·64·128 = 73728; conv3: 32·32·128 = 131072 > 9·64·64 = 36864.
	want := []string{"conv4", "conv5", "conv6", "conv7", "conv8", "conv9", "output"}
	if !slices.Equal(factored, want) {
		t.Errorf("samples: factors of %v, want %v", factored, want)
	}
	for _, f := range m.Forms(100) {
		if f.In > 0 {
			t.Errorf("ghost batches: factors of %s", f.Name)
		}
	}
}
