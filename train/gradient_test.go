package train

import (
	"math"
	"slices"
	"testing"

	"github.com/noiseprobe/noiseprobe/internal/gemm"
	"github.com/noiseprobe/noiseprobe/internal/numtest"
	"github.com/noiseprobe/noiseprobe/internal/parallel"
	"github.com/noiseprobe/noiseprobe/noise"
	"github.com/noiseprobe/noiseprobe/probe"
	"github.com/noiseprobe/noiseprobe/train/dataset"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// slowLosses is the network written from its definition, in float64, one sample at a time.
func slowLosses(m *Model, data dataset.Split, index []int) []float64 {
	var losses []float64
	for _, i := range index {
		x := make([]float64, m.Inputs)
		for j := range x {
			x[j] = float64(data.Pixels[i*m.Inputs+j]) / 255
		}
		for k, l := range denseLayers(m) {
			y := make([]float64, l.Out)
			for o := range y {
				y[o] = float64(l.bias.Value[o])
				for j, v := range x {
					y[o] += float64(l.weight.Value[o*l.in+j]) * v
				}
				if k < len(m.layers)-1 {
					y[o] = max(y[o], 0)
				}
			}
			x = y
		}
		sum := 0.0
		for _, v := range x {
			sum += math.Exp(v)
		}
		losses = append(losses, math.Log(sum)-x[data.Y[i]])
	}
	return losses
}

func TestGradientByFiniteDifferences(t *testing.T) {
	m := newModel(t, "[7],[5]", 6, 4)
	data := images(9, 6, 4, 1)
	index := upTo(9)
	alpha, b, bPrime := 1.7, index[:3], index[3:6]
	computeGradient(t, m, data, alpha, b, bPrime)
	got := numtest.Widen(m.Gradient)
	objective := func() float64 {
		return alpha*mean(slowLosses(m, data, b)) + (1-alpha)*mean(slowLosses(m, data, bPrime))
	}
	want := make([]float64, len(got))
	for i := range want {
		want[i] = differenceBy(&m.Weights[i], 1e-3, objective)
	}
	// Central differences in float64 of a float32 network: an error of h^2 times third derivatives of order 1.
	if err := numtest.CloseToLargest(got, want, 2e-4); err != nil {
		t.Error(err)
	}
}

// The fused ops against Gorgonia's own: matrix product, broadcast addition, Rectify, SoftMax, and their derivatives.
func TestGradientAgainstGorgonia(t *testing.T) {
	const rows, inputs, hidden, classes = 8, 6, 5, 3
	m := newModel(t, "[5]", inputs, classes)
	data := images(rows, inputs, classes, 3)
	computeGradient(t, m, data, 1, upTo(rows), nil)

	g := G.NewGraph()
	x := make([]float32, rows*inputs)
	data.Gather(x, upTo(rows))
	onehot := make([]float32, rows*classes)
	for i, y := range data.Y {
		onehot[i*classes+y] = 1
	}
	matrix := func(name string, v []float32, shape ...int) *G.Node {
		copied := tensor.New(tensor.WithShape(shape...), tensor.WithBacking(slices.Clone(v)))
		return G.NewTensor(g, G.Float32, len(shape), G.WithShape(shape...), G.WithName(name), G.WithValue(copied))
	}
	l1, l2 := denseLayers(m)[0], denseLayers(m)[1]
	w1, b1 := matrix("w1", l1.weight.Value, hidden, inputs), matrix("b1", l1.bias.Value, 1, hidden)
	w2, b2 := matrix("w2", l2.weight.Value, classes, hidden), matrix("b2", l2.bias.Value, 1, classes)
	affine := func(x, w, b *G.Node) *G.Node {
		return G.Must(G.BroadcastAdd(G.Must(G.Mul(x, G.Must(G.Transpose(w)))), b, nil, []byte{0}))
	}
	h := G.Must(G.Rectify(affine(matrix("x", x, rows, inputs), w1, b1)))
	p := G.Must(G.SoftMax(affine(h, w2, b2)))
	product := G.Must(G.HadamardProd(G.Must(G.Log(p)), matrix("onehot", onehot, rows, classes)))
	loss := G.Must(G.Neg(G.Must(G.Mul(G.Must(G.Sum(product)), G.NewConstant(float32(1.0/rows))))))
	grads, err := G.Grad(loss, w1, b1, w2, b2)
	if err != nil {
		t.Fatal(err)
	}
	vm := G.NewTapeMachine(g)
	defer vm.Close()
	if err := vm.RunAll(); err != nil {
		t.Fatal(err)
	}
	for i, want := range grads {
		got := m.Params[i]
		// Two float32 computations of the same sums.
		if err := numtest.CloseToLargest(numtest.Widen(got.Grad), numtest.Widen(want.Value().Data().([]float32)), 1e-5); err != nil {
			t.Errorf("%s: %v", got.Name, err)
		}
	}
}

func TestLossesAgainstDefinition(t *testing.T) {
	m := newModel(t, "[7],[5]", 6, 4)
	data := images(5, 6, 4, 1)
	record, err := m.Record(data, upTo(5), probe.Meta{})
	if err != nil {
		t.Fatal(err)
	}
	if err := numtest.AllClose(record.Loss, slowLosses(m, data, upTo(5)), numtest.Tol{Rel: 1e-5, Abs: 1e-6}); err != nil {
		t.Error(err)
	}
}

func TestRecordMeanIsTheGradient(t *testing.T) {
	m := newModel(t, "[7],[5]", 6, 4)
	const n = chunk + 7 // more than one pass
	data := images(n, 6, 4, 1)
	record, err := m.Record(data, upTo(n), probe.Meta{})
	if err != nil {
		t.Fatal(err)
	}
	gradient := make([]float32, m.Parameters())
	if err := (Source{Model: m, Data: data}).MeanGradientTo(gradient, upTo(n)); err != nil {
		t.Fatal(err)
	}
	if err := numtest.CloseToLargest(record.Mean(), numtest.Widen(gradient), 1e-5); err != nil {
		t.Error(err)
	}
	left := record.Mean()
	for _, l := range record.Layers {
		l.(*probe.Factored).Mean = nil // so that it is computed from the factors, as after reading a file
	}
	if err := numtest.CloseToLargest(left, record.Mean(), 1e-5); err != nil {
		t.Error("the mean left by the passes:", err)
	}
	one := make([]float32, m.Parameters())
	if err := (Source{Model: m, Data: data}).MeanGradientTo(one, []int{n - 1}); err != nil {
		t.Fatal(err)
	}
	if err := numtest.CloseToLargest(record.Unit(n-1), numtest.Widen(one), 1e-5); err != nil {
		t.Error("last unit:", err)
	}
}

func TestAlphaOneIsPlainSGD(t *testing.T) {
	m := newModel(t, "[7]", 6, 4)
	data := images(20, 6, 4, 1)
	plain, enhanced := make([]float32, m.Parameters()), make([]float32, m.Parameters())
	s := Source{Model: m, Data: data}
	if err := s.MeanGradientTo(plain, []int{3, 1, 4}); err != nil {
		t.Fatal(err)
	}
	if err := s.EnhancedGradientTo(enhanced, 1, []int{3, 1, 4}, []int{9, 2, 6}); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(plain, enhanced) {
		t.Error("alpha = 1 is not the gradient of B alone")
	}
}

func TestEvaluateCountsEverySampleOnce(t *testing.T) {
	m := newModel(t, "[7]", 6, 4)
	const n = chunk + 13
	data := images(n, 6, 4, 1)
	loss, accuracy, err := m.Evaluate(data, 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := numtest.Close(loss, mean(slowLosses(m, data, upTo(n))), numtest.Tol{Rel: 1e-6}); err != nil {
		t.Error(err)
	}
	if k := accuracy * n; math.Abs(k-math.Round(k)) > 1e-9 {
		t.Errorf("accuracy %v is no multiple of 1/%d", accuracy, n)
	}
	few, _, err := m.Evaluate(data, 10)
	if err != nil {
		t.Fatal(err)
	}
	if err := numtest.Close(few, mean(slowLosses(m, data, spaced(n, 10))), numtest.Tol{Rel: 1e-6}); err != nil {
		t.Error("10 samples:", err)
	}
}

func TestGradientIsTheSameForAnyNumberOfWorkers(t *testing.T) {
	data := images(300, 50, 4, 1)
	sameForAnyWorkers(t, 100, data, func() *Model { return newModel(t, "2x[400]", 50, 4) })
}

// sameForAnyWorkers trains a model for three steps with other numbers of workers. A system BLAS makes no such promise.
func sameForAnyWorkers(t *testing.T, batch int, data Data, build func() *Model) {
	t.Helper()
	t.Cleanup(func() {
		parallel.SetWorkers(0)
		if err := gemm.Use("auto", 0); err != nil {
			t.Error(err)
		}
	})
	var first []float32
	for _, w := range []int{1, 2, 5} {
		parallel.SetWorkers(w)
		if err := gemm.Use("gonum", w); err != nil {
			t.Fatal(err)
		}
		m := build()
		trainer, err := NewTrainer(m, data, Settings{Alpha: 1.5, Batch: batch, Pairing: noise.Independent, Optimizer: OptimizerSettings{Name: "adam", Epsilon: 1e-8}, LearningRate: 1e-3})
		if err != nil {
			t.Fatal(err)
		}
		for range 3 {
			if err := trainer.Step(); err != nil {
				t.Fatal(err)
			}
		}
		if first == nil {
			first = slices.Clone(m.Weights)
		}
		if !slices.Equal(first, m.Weights) {
			t.Errorf("%d workers gave other weights than 1", w)
		}
	}
}
