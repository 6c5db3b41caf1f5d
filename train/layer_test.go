package train_test

import (
	"testing"

	"github.com/noiseprobe/noiseprobe/internal/numtest"
	"github.com/noiseprobe/noiseprobe/probe"
	"github.com/noiseprobe/noiseprobe/train"
	"github.com/noiseprobe/noiseprobe/train/dataset"
)

// The rule of the example's layer gives for a sample the gradient of a pass over that sample alone, and that gradient agrees with finite
// differences.
func TestLayerOfOnesOwn(t *testing.T) {
	data, err := dataset.Open("synthetic", dataset.Options{Want: "fashion-mnist", Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	layers := []train.Layer{&Gain{}, &train.Dense{Out: 12}, &Gain{}, &train.Dense{Out: 16}}
	m, err := train.NewNetwork(layers, []int{28 * 28}, data.Classes, 1)
	if err != nil {
		t.Fatal(err)
	}
	record, err := m.Record(data.Train, []int{5, 6, 7}, probe.Meta{})
	if err != nil {
		t.Fatal(err)
	}
	loss, err := m.EnhancedGradient(data.Train, 1, []int{6}, nil)
	if err != nil {
		t.Fatal(err)
	}
	alone := make([]float64, m.Parameters())
	for i, v := range m.Gradient {
		alone[i] = float64(v)
	}
	if err := numtest.CloseToLargest(record.Unit(1), alone, 1e-5); err != nil {
		t.Error(err)
	}
	// A forward difference along the gradient with respect to the second gain: its slope is |gradient|^2.
	gain, square := m.Params[3], 0.0
	if gain.Name != "gain2.weight" {
		t.Fatal(gain.Name)
	}
	const step = 1e-2
	for i, v := range gain.Grad {
		square += float64(v) * float64(v)
		gain.Value[i] -= step * v
	}
	lower, err := m.EnhancedGradient(data.Train, 1, []int{6}, nil)
	if err != nil {
		t.Fatal(err)
	}
	// The loss falls by step |gradient|^2, up to second order.
	if err := numtest.Close((loss-lower)/step, square, numtest.Tol{Rel: 0.1}); err != nil {
		t.Error(err)
	}
}

func TestImagesWhereFlatSamplesGo(t *testing.T) {
	for _, layers := range [][]train.Layer{{&Gain{}}, {&train.Dense{Out: 3}}, {&train.ChannelsLast{}, &train.Dense{Out: 3}}, {&train.ChannelsLast{}, &train.GhostNorm{}}} {
		if _, err := train.NewNetwork(layers, []int{3, 4, 4}, 2, 1); err == nil {
			t.Errorf("%T takes images", layers[len(layers)-1])
		}
	}
}
