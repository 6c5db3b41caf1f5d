package train_test

import (
	"fmt"
	"math/rand/v2"

	"github.com/noiseprobe/noiseprobe/noise"
	"github.com/noiseprobe/noiseprobe/probe"
	"github.com/noiseprobe/noiseprobe/train"
	"github.com/noiseprobe/noiseprobe/train/dataset"
	G "gorgonia.org/gorgonia"
)

// Gain is a layer of the user's own: y = gain o x, one gain for every element of a flat sample.
type Gain struct {
	gain *train.Param
}

func (l *Gain) Kind() string { return "gain" }

// Fit declares the parameter under the name that the network gives the layer, gain1 for the first.
func (l *Gain) Fit(name string, in []int) (out []int, params []*train.Param, err error) {
	if len(in) != 1 {
		return nil, nil, fmt.Errorf("%s: takes flat samples, not %v", name, in)
	}
	l.gain = &train.Param{Name: name + ".weight", Shape: in, Initial: func(_ *rand.Rand, value []float32) {
		for i := range value {
			value[i] = 1
		}
	}}
	return in, []*train.Param{l.gain}, nil
}

// Apply adds one fused op to the graph. Its memory is made here, once for each batch shape.
func (l *Gain) Apply(g *train.Graph, x *G.Node) (*G.Node, error) {
	n := len(l.gain.Value)
	y := make([]float32, g.Rows*n)
	return (&train.Op{
		Name: "gain", Inputs: []*G.Node{x, g.Param(l.gain)}, Shape: []int{g.Rows, n}, Out: y,
		WRT: []bool{!g.Constant(x), true},
		Kernel: func(in []G.Value) {
			x, gain := train.Floats(in[0]), train.Floats(in[1])
			for i, v := range x {
				y[i] = gain[i%n] * v
			}
		},
		Diff: func(_, delta *G.Node) (G.Nodes, error) { return l.derive(g, x, delta) },
	}).Apply(g)
}

// derive adds one op for both derivatives, given that with respect to y: dx = gain o delta, dgain = sum over samples of x o delta. The
// terms of that sum are the per-sample gradients, which the rule gives one by one.
func (l *Gain) derive(g *train.Graph, x, delta *G.Node) (G.Nodes, error) {
	n := len(l.gain.Value)
	dx := make([]float32, g.Rows*n)
	var inputs, deltas []float32
	backward, err := (&train.Op{
		Name: "gain backward", Inputs: []*G.Node{delta, x}, Shape: []int{g.Rows, n}, Out: dx,
		Kernel: func(in []G.Value) {
			deltas, inputs = train.Floats(in[0]), train.Floats(in[1])
			for j := range l.gain.Grad {
				l.gain.Grad[j] = 0
			}
			for i, d := range deltas {
				dx[i] = l.gain.Value[i%n] * d
				l.gain.Grad[i%n] += inputs[i] * d
			}
		},
		Layer: l,
		Rule: train.Rule{Row: func(i int, dst []float32) {
			for j := range dst {
				dst[j] = inputs[i*n+j] * deltas[i*n+j]
			}
		}},
	}).Apply(g)
	if err != nil {
		return nil, err
	}
	dgain, err := g.GradientOf(l.gain, backward)
	return G.Nodes{backward, dgain}, err
}

// A layer of one's own between built-in ones: it trains, and its per-sample gradients are recorded with the others.
func ExampleNewNetwork() {
	data, err := dataset.Open("synthetic", dataset.Options{Want: "fashion-mnist", Seed: 1})
	if err != nil {
		panic(err)
	}
	layers := []train.Layer{&train.Dense{Out: 32}, &Gain{}, &train.Dense{Out: 16}}
	model, err := train.NewNetwork(layers, []int{28 * 28}, data.Classes, 1)
	if err != nil {
		panic(err)
	}
	trainer, err := train.NewTrainer(model, data.Train, train.Settings{
		Alpha: 1.5, Batch: 50, Pairing: noise.Independent, Optimizer: train.OptimizerSettings{Name: "adam", Epsilon: 1e-8}, LearningRate: 0.001, Seed: 1,
	})
	if err != nil {
		panic(err)
	}
	before, _, _ := model.Evaluate(data.Train, 1000)
	for range 50 {
		if err := trainer.Step(); err != nil {
			panic(err)
		}
	}
	after, _, _ := model.Evaluate(data.Train, 1000)
	fmt.Println("the loss has fallen:", after < before)

	gradients, err := model.Record(data.Train, []int{0, 1, 2, 3}, probe.Meta{Unit: probe.UnitSample, UnitSize: 1})
	if err != nil {
		panic(err)
	}
	for _, l := range gradients.Layers {
		fmt.Println(l.Name(), l.Parameters())
	}
	// Output:
	// the loss has fallen: true
	// dense1 25120
	// gain1 32
	// dense2 528
	// output 170
}
