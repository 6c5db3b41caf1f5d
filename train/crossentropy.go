package train

import (
	"math"

	"github.com/noiseprobe/noiseprobe/internal/elementary"
	"github.com/noiseprobe/noiseprobe/internal/parallel"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// crossEntropy adds the fused op
//
//	L = sum_i w_i l_i,    l_i = log sum_c exp(z_ic) - z_i,label(i)
//
// over the logits z [rows, classes], with one weight for each sample. It writes the losses l_i to g.Loss and the classes of the
// largest logits to g.Predicted. The derivative with respect to z, w_i (softmax(z_i) - onehot), is an op of its own. Where the pass makes
// [columns], labels and weights follow from the probabilities.
//
// Samples that are classified with near certainty have small losses and gradients, which keep their digits: at the label the derivative is
// minus the sum of the other probabilities, since p - 1 would be rounded to a multiple of 6e-8, and the loss is log(1 + r), with r
// the sum of the exponentials of the other classes over that of the label.
func crossEntropy(g *Graph, logits *G.Node, classes int) (*G.Node, error) {
	delta := make([]float32, g.Rows*classes)
	total := 0.0
	return (&Op{
		Name: "cross-entropy", Inputs: []*G.Node{logits, g.labels, g.weights}, Shape: tensor.ScalarShape(),
		WRT: []bool{true, false, false},
		Kernel: func(in []G.Value) {
			labels, weights := in[1].Data().([]int32), Floats(in[2])
			softmax(g, delta, Floats(in[0]), labels, classes)
			total = 0
			for i, l := range g.Loss {
				total += float64(float64(weights[i]) * l)
			}
		},
		scalar: func() float32 { return float32(total) },
		Diff: func(output, grad *G.Node) (G.Nodes, error) {
			dz, err := crossEntropyGradient(g, output, grad, delta, classes)
			return G.Nodes{dz, nil, nil}, err
		},
	}).Apply(g)
}

func crossEntropyGradient(g *Graph, loss, grad *G.Node, delta []float32, classes int) (*G.Node, error) {
	dz := make([]float32, g.Rows*classes)
	return (&Op{
		// The loss is an input only so that its op, which fills delta, is executed before this one.
		Name: "cross-entropy dz", Inputs: []*G.Node{g.weights, grad, loss}, Shape: []int{g.Rows, classes},
		Out: dz,
		Kernel: func(in []G.Value) {
			weights, scale := Floats(in[0]), in[1].Data().(float32)
			for i, weight := range weights {
				w := scale * weight * g.columnWeight(i)
				row := dz[i*classes : (i+1)*classes]
				for c, d := range delta[i*classes : (i+1)*classes] {
					row[c] = w * d
				}
			}
		},
	}).Apply(g)
}

// softmax fills delta with softmax(z_i) - onehot, g.Loss and g.Predicted.
func softmax(g *Graph, delta, logits []float32, labels []int32, classes int) {
	parallel.For(g.Rows, 256, func(lo, hi int) {
		e := make([]float64, classes)
		for i := lo; i < hi; i++ {
			z, d := logits[i*classes:(i+1)*classes], delta[i*classes:(i+1)*classes]
			best := largest(z)
			label := g.columnLabel(i, int(labels[i]), z, best)
			others := exponentials(e, z, best, label)
			sum := others + e[label]
			for c, v := range e {
				d[c] = float32(v / sum)
			}
			d[label] = float32(-others / sum)
			if best == label {
				g.Loss[i] = elementary.Log1p(others)
			} else {
				g.Loss[i] = elementary.Log(sum) + float64(z[best]) - float64(z[label])
			}
			if g.Predicted[i] = best; math.IsNaN(sum) {
				g.Predicted[i] = -1 // none
			}
		}
	})
}

// largest is the index of the first of the largest logits.
func largest(z []float32) int {
	best := 0
	for c, v := range z {
		if v > z[best] {
			best = c
		}
	}
	return best
}

// exponentials writes exp(z_c - z_best) for every class c, and returns their sum without that of the label.
func exponentials(e []float64, z []float32, best, label int) (others float64) {
	for c, v := range z {
		e[c] = elementary.Exp(float64(v) - float64(z[best]))
		if c != label {
			others += e[c]
		}
	}
	return others
}
