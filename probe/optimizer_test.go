package probe_test

import (
	"math"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/noiseprobe/noiseprobe/internal/safetensors"
	"github.com/noiseprobe/noiseprobe/probe"
)

func adamState() (*probe.Optimizer, []probe.Array, []probe.Layer) {
	o := &probe.Optimizer{Name: "adam", Step: 7, LearningRate: 0.1, Beta1: 0.9, Beta2: 0.999, Epsilon: 1e-8}
	for i := range 9 {
		o.M, o.V = append(o.M, float32(i)-4), append(o.V, float32(i))
	}
	arrays := []probe.Array{{Name: "dense1.weight", Shape: []int{2, 3}}, {Name: "dense1.bias", Shape: []int{2}}, {Name: "scale", Shape: []int{1}}}
	layers := []probe.Layer{
		probe.NewFactored("dense1", 1, 3, 2, make([]float32, 3), make([]float32, 2)), probe.NewDense("scale", 1, 1, make([]float64, 1)),
	}
	return o, arrays, layers
}

func TestOptimizerIsReadAsItWasWritten(t *testing.T) {
	for _, gradient := range [][]float32{nil, {1, 2, 3, 4, 5, 6, 7, 8, 9}} {
		o, arrays, layers := adamState()
		o.Gradient, o.Variance = gradient, gradient
		path := filepath.Join(t.TempDir(), "optimizer.safetensors")
		if err := probe.WriteOptimizer(path, o, arrays); err != nil {
			t.Fatal(err)
		}
		again, err := probe.ReadOptimizer(path, layers, nil)
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(again, o) {
			t.Errorf("read %+v, wrote %+v", again, o)
		}
	}
}

// TestOptimizerShapes: of any parameter, also where a layer of rows does not know its own.
func TestOptimizerShapes(t *testing.T) {
	o, arrays, _ := adamState()
	path := filepath.Join(t.TempDir(), "optimizer.safetensors")
	if err := probe.WriteOptimizer(path, o, arrays); err != nil {
		t.Fatal(err)
	}
	same := func(name string) string { return name }
	if err := probe.CheckOptimizerShapes(path, arrays, same); err != nil {
		t.Error(err)
	}
	arrays[0].Shape = []int{3, 2}
	if err := probe.CheckOptimizerShapes(path, arrays, same); err == nil || !strings.Contains(err.Error(), path+": m.dense1.weight has shape [2 3]") {
		t.Errorf("of other weights: %v", err)
	}
}

// What is wrong is said in one line that names the file.
func TestOptimizerRefuses(t *testing.T) {
	for want, damage := range map[string]func(*probe.Optimizer){
		"step is 0":               func(o *probe.Optimizer) { o.Step = 0 },
		"v of parameter 3 is -1":  func(o *probe.Optimizer) { o.V[3] = -1 },
		"v of parameter 2 is NaN": func(o *probe.Optimizer) { o.V[2] = float32(math.NaN()) },
		"m of parameter 1 is":     func(o *probe.Optimizer) { o.M[1] = float32(math.Inf(1)) },
		"want adam or adamw":      func(o *probe.Optimizer) { o.Name = "rmsprop" },
		"beta2 is 1":              func(o *probe.Optimizer) { o.Beta2 = 1 },
		"so is eps":               func(o *probe.Optimizer) { o.Epsilon = 0 },
		"s of parameter 1 is -1":  func(o *probe.Optimizer) { o.Variance = []float32{0, -1, 0, 0, 0, 0, 0, 0, 0} },
		"eps is NaN":              func(o *probe.Optimizer) { o.Epsilon = math.NaN() },
	} {
		o, arrays, layers := adamState()
		damage(o)
		path := filepath.Join(t.TempDir(), "optimizer.safetensors")
		if err := probe.WriteOptimizer(path, o, arrays); err != nil {
			t.Fatal(err)
		}
		checkRefusal(t, path, layers, want)
	}
	o, _, layers := adamState()
	for want, arrays := range map[string][]probe.Array{
		"has shape [3 2]":                       {{Name: "dense1.weight", Shape: []int{3, 2}}, {Name: "dense1.bias", Shape: []int{2}}, {Name: "scale", Shape: []int{1}}},
		"dense1":                                {{Name: "other.weight", Shape: []int{2, 3}}, {Name: "other.bias", Shape: []int{2}}, {Name: "scale", Shape: []int{1}}},
		"has no m.dense1.bias: it lacks a part": {{Name: "dense1.weight", Shape: []int{2, 3}}, {Name: "dense1.offset", Shape: []int{2}}, {Name: "scale", Shape: []int{1}}},
	} {
		path := filepath.Join(t.TempDir(), "optimizer.safetensors")
		if err := probe.WriteOptimizer(path, o, arrays); err != nil {
			t.Fatal(err)
		}
		checkRefusal(t, path, layers, want)
	}
	larger, arrays, layers := adamState()
	larger.M, larger.V = append(larger.M, 1), append(larger.V, 1)
	more := filepath.Join(t.TempDir(), "optimizer.safetensors")
	if err := probe.WriteOptimizer(more, larger, append(arrays, probe.Array{Name: "more.bias", Shape: []int{1}})); err != nil {
		t.Fatal(err)
	}
	checkRefusal(t, more, layers, "m.more.bias belongs to no parameter of the network")
	path := filepath.Join(t.TempDir(), "weights.safetensors")
	if err := safetensors.Write(path, nil, []safetensors.Tensor{safetensors.F32("dense1.weight", []int{2, 3}, make([]float32, 6))}); err != nil {
		t.Fatal(err)
	}
	checkRefusal(t, path, layers, "want adam or adamw")
}

func checkRefusal(t *testing.T, path string, layers []probe.Layer, want string) {
	t.Helper()
	_, err := probe.ReadOptimizer(path, layers, nil)
	if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), path) || strings.Contains(err.Error(), "\n") {
		t.Errorf("want %q of %s, got: %v", want, filepath.Base(path), err)
	}
}
