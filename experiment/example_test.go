package experiment_test

import (
	"fmt"
	"log"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/noiseprobe/noiseprobe/analysis/covariance"
	"github.com/noiseprobe/noiseprobe/analysis/enhancement"
	"github.com/noiseprobe/noiseprobe/noise"
	"github.com/noiseprobe/noiseprobe/probe"
	"github.com/noiseprobe/noiseprobe/train"
)

// points are your own data: anything with N, Gather and Labels can be trained on.
type points struct {
	x      [][2]float32
	inside []int32
}

func (p points) N() int { return len(p.x) }

func (p points) Gather(dst []float32, index []int) {
	for row, i := range index {
		copy(dst[2*row:], p.x[i][:])
	}
}

func (p points) Labels(dst []int32, index []int) {
	for row, i := range index {
		dst[row] = p.inside[i]
	}
}

// circle is a grid of points that are inside or outside a circle.
func circle() (p points) {
	for i := range 40 {
		for j := range 40 {
			x, y := float32(i)/20-1, float32(j)/20-1
			class := int32(0)
			if x*x+y*y < 0.6 {
				class = 1
			}
			p.x, p.inside = append(p.x, [2]float32{x, y}), append(p.inside, class)
		}
	}
	return p
}

func Example_ownData() {
	data := circle()                          // your own data: a type with N, Gather and Labels
	spec, err := train.ParseSpec("[32],[16]") // your own spec: two hidden layers
	if err != nil {
		log.Fatal(err)
	}
	model, err := train.NewModel(spec, []int{2}, 2, 1) // 2 inputs, 2 classes, seed 1
	if err != nil {
		log.Fatal(err)
	}
	trainer, err := train.NewTrainer(model, data, train.Settings{
		Alpha: 1.5, Batch: 50, Pairing: noise.Independent, Optimizer: train.OptimizerSettings{Name: "adam", Epsilon: 1e-8}, LearningRate: 0.01, Seed: 1,
	})
	if err != nil {
		log.Fatal(err)
	}
	for range 300 {
		if err := trainer.Step(); err != nil {
			log.Fatal(err)
		}
	}
	_, accuracy, err := model.Evaluate(data, 0)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("accuracy above 95%%: %v\n", accuracy > 0.95)

	// Per-sample gradients of 200 samples, and the covariance of their noise.
	index := make([]int, 200)
	for i := range index {
		index[i] = 8 * i
	}
	gradients, err := model.Record(data, index, probe.Meta{Population: data.N()})
	if err != nil {
		log.Fatal(err)
	}
	sigma := covariance.Analyse(gradients.Reduce(nil), covariance.DefaultEigenvalues)
	fmt.Printf("tr Sigma known within a factor of 2: %v\n", sigma.CI["trace_unbiased"].Hi < 2*float64(sigma.TraceUnbiased))

	// The noise of 200 pairs of real minibatches at the present weights.
	draws, err := probe.Measure(train.Source{Model: model, Data: data}, probe.Plan{
		Draws: 200, Batch: 50, Alpha: 1.5, Pairing: noise.Independent, Seed: 1,
	}, nil, nil)
	if err != nil {
		log.Fatal(err)
	}
	f := enhancement.Factors(enhancement.OfDraws(draws), []float64{1.5})[0]
	fmt.Printf("f = %.2f is predicted, and equal within 10%%: %v\n", float64(f.Predicted), f.Equivalence.Equivalent)
	// Output:
	// accuracy above 95%: true
	// tr Sigma known within a factor of 2: true
	// f = 2.50 is predicted, and equal within 10%: true
}

// The Go code in the README is that of the example above, line by line.
func TestREADMECodeIsTheExample(t *testing.T) {
	readme, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	source, err := os.ReadFile("example_test.go")
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{}
	for line := range strings.Lines(string(source)) {
		known[strings.Join(strings.Fields(line), " ")] = true
	}
	_, code, found := strings.Cut(string(readme), "```go\n")
	code, _, _ = strings.Cut(code, "```")
	if !found {
		t.Fatal("the README has no Go code")
	}
	for line := range strings.Lines(code) { // alignment apart
		if line = strings.Join(strings.Fields(line), " "); line != "" && !known[line] {
			t.Errorf("README line is not in the example: %s", line)
		}
	}
}

// Everything that the README links to is there.
func TestREADMELinksExist(t *testing.T) {
	readme, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, link := range regexp.MustCompile(`\]\(([^)#]+)`).FindAllStringSubmatch(string(readme), -1) {
		if strings.Contains(link[1], "://") {
			continue
		}
		if _, err := os.Stat("../" + link[1]); err != nil {
			t.Errorf("%s: %v", link[1], err)
		}
	}
}
