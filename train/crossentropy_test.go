package train

import (
	"math"
	"slices"
	"testing"

	"github.com/noiseprobe/noiseprobe/internal/numtest"
	"github.com/noiseprobe/noiseprobe/internal/parallel"
)

func softmaxOf(rows int, logits []float32, labels []int32) (g *Graph, delta []float32) {
	g = &Graph{Rows: rows, Loss: make([]float64, rows), Predicted: make([]int, rows)}
	delta = make([]float32, len(logits))
	softmax(g, delta, logits, labels, len(logits)/rows)
	return g, delta
}

// A sample whose label leads by t has, among K classes with otherwise equal logits, the loss log(1 + (K-1) e^-t), the derivative
// 1 / (e^t + K - 1) at every other class, and K-1 times minus that at the label: with K-1 = 2, at any t that float32 can hold.
func TestConfidentSamplesKeepTheirDigits(t *testing.T) {
	for _, lead := range []float32{0, 1, 10, 17, 30, 60, 80} {
		for label := range int32(3) {
			z := []float32{5, 5, 5}
			z[label] += lead
			g, delta := softmaxOf(1, z, []int32{label})
			others := 1 / (math.Exp(float64(lead)) + 2)
			want := []float32{float32(others), float32(others), float32(others)}
			want[label] = float32(-2 * others)
			if err := numtest.AllClose32(delta, want, numtest.Tol{Rel: 2e-7}); err != nil {
				t.Errorf("lead %g, label %d: %v", lead, label, err)
			}
			if err := numtest.Close(g.Loss[0], math.Log1p(2*math.Exp(-float64(lead))), numtest.Tol{Rel: 1e-14}); err != nil {
				t.Errorf("lead %g, label %d: loss: %v", lead, label, err)
			}
		}
	}
}

// A label far behind: the derivative is -1 there and 1 at the class that leads, and the loss is the lead.
func TestLabelFarBehind(t *testing.T) {
	for _, lead := range []float32{200, 1e4, 1e30} {
		g, delta := softmaxOf(1, []float32{lead, 0, 0}, []int32{2})
		if !slices.Equal(delta, []float32{1, 0, -1}) || g.Loss[0] != float64(lead) || g.Predicted[0] != 0 {
			t.Errorf("lead %g: %v, loss %g, class %d", lead, delta, g.Loss[0], g.Predicted[0])
		}
	}
}

func TestSoftmaxDoesNotDependOnWorkers(t *testing.T) {
	defer parallel.SetWorkers(0)
	const rows, classes = 1000, 10
	logits, labels := make([]float32, rows*classes), make([]int32, rows)
	for i := range logits {
		logits[i] = float32(20 * math.Sin(float64(7*i)))
	}
	for i := range labels {
		labels[i] = int32(i % classes)
	}
	parallel.SetWorkers(1)
	one, delta := softmaxOf(rows, logits, labels)
	parallel.SetWorkers(2)
	two, other := softmaxOf(rows, logits, labels)
	if !slices.Equal(delta, other) || !slices.Equal(one.Loss, two.Loss) || !slices.Equal(one.Predicted, two.Predicted) {
		t.Error("two workers give other bits than one")
	}
}
