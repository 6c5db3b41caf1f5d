package probe_test

import (
	"fmt"

	"github.com/noiseprobe/noiseprobe/probe"
)

// The gradients of a dense layer are outer products delta a^T, with delta for the bias; they are never formed.
func Example() {
	a := []float32{ // 3 samples, 2 inputs
		1, 0,
		0, 1,
		1, 1,
	}
	delta := []float32{ // 3 samples, 1 output
		1,
		2,
		-1,
	}
	g := probe.Gradients{Layers: []probe.Layer{probe.NewFactored("output", 3, 2, 1, a, delta)}}
	fmt.Println("unit 1:", g.Unit(1), "mean:", g.Mean())
	u := g.Reduce(nil)
	fmt.Println("squared norms:", u.NormSq)
	fmt.Printf("tr Sigma: %.3f\n", u.Trace())
	// Output:
	// unit 1: [0 2 2] mean: [0 0.3333333432674408 0.6666666865348816]
	// squared norms: [2 8 3]
	// tr Sigma: 3.778
}

func ExampleSchedule() {
	steps, err := probe.Schedule("log:4", 1000)
	fmt.Println(steps, err)
	// Output: [0 1 32 1000] <nil>
}
