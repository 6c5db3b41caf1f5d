package train

import (
	"math"

	"github.com/noiseprobe/noiseprobe/internal/parallel"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// crossEntropy adds the fused op
//
//	L = sum_i w_i l_i,    l_i = log sum_c exp(z_ic) - z_i,label(i)
//
// over the logits z [rows, classes], with one weight for each sample. It writes the losses l_i to g.Loss and the classes of the
// largest logits to g.Predicted. The derivative with respect to z, w_i (softmax(z_i) - onehot), is an op of its own.
func crossEntropy(g *Graph, logits *G.Node, classes int) (*G.Node, error) {
	probability := make([]float32, g.Rows*classes)
	total := 0.0
	return (&Op{
		Name: "cross-entropy", Inputs: []*G.Node{logits, g.labels, g.weights}, Shape: tensor.ScalarShape(),
		WRT: []bool{true, false, false},
		Kernel: func(in []G.Value) {
			labels, weights := in[1].Data().([]int32), Floats(in[2])
			softmax(g, probability, Floats(in[0]), labels, classes)
			total = 0
			for i, l := range g.Loss {
				total += float64(weights[i]) * l
			}
		},
		scalar: func() float32 { return float32(total) },
		Diff: func(output, grad *G.Node) (G.Nodes, error) {
			dz, err := crossEntropyGradient(g, output, grad, probability, classes)
			return G.Nodes{dz, nil, nil}, err
		},
	}).Apply(g)
}

func crossEntropyGradient(g *Graph, loss, grad *G.Node, probability []float32, classes int) (*G.Node, error) {
	dz := make([]float32, g.Rows*classes)
	return (&Op{
		// The loss is an input only so that its op, which fills probability, is executed before this one.
		Name: "cross-entropy dz", Inputs: []*G.Node{g.labels, g.weights, grad, loss}, Shape: []int{g.Rows, classes},
		Out: dz,
		Kernel: func(in []G.Value) {
			labels, weights, scale := in[0].Data().([]int32), Floats(in[1]), in[2].Data().(float32)
			for i, label := range labels {
				w := scale * weights[i]
				row := dz[i*classes : (i+1)*classes]
				for c, p := range probability[i*classes : (i+1)*classes] {
					row[c] = w * p
				}
				row[label] -= w
			}
		},
	}).Apply(g)
}

// softmax fills probability, g.Loss and g.Predicted. The largest logit is subtracted first, and sums are in float64.
func softmax(g *Graph, probability, logits []float32, labels []int32, classes int) {
	parallel.For(g.Rows, 256, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			z, p := logits[i*classes:(i+1)*classes], probability[i*classes:(i+1)*classes]
			best := 0
			for c, v := range z {
				if v > z[best] {
					best = c
				}
			}
			sum := 0.0
			for c, v := range z {
				e := math.Exp(float64(v) - float64(z[best]))
				p[c] = float32(e)
				sum += e
			}
			for c := range p {
				p[c] = float32(float64(p[c]) / sum)
			}
			g.Loss[i] = math.Log(sum) + float64(z[best]) - float64(z[labels[i]])
			if g.Predicted[i] = best; math.IsNaN(sum) {
				g.Predicted[i] = -1 // none
			}
		}
	})
}
