package probe_test

import (
	"testing"

	"github.com/noiseprobe/noiseprobe/internal/numtest"
)

// TestSubset reduces the gradients of the subset alone.
func TestSubset(t *testing.T) {
	_, rows := twoLayers(9)
	index := []int{7, 2, 3, 8}
	var part [][]float64
	for _, i := range index {
		part = append(part, rows[i])
	}
	u := denseOf(rows).Reduce(nil)
	got, want := u.Subset(index), denseOf(part).Reduce(nil)
	for what, pair := range map[string][2][]float64{
		"centred": {got.Centred, want.Centred}, "|g_i|^2": {got.NormSq, want.NormSq}, "gbar.g_i": {got.MeanDot, want.MeanDot},
		"totals": {{got.MeanNormSq, got.Trace()}, {want.MeanNormSq, want.Trace()}},
	} {
		if err := numtest.CloseToLargest(pair[0], pair[1], 1e-13); err != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
	if got.N != 4 || got.Parameters != u.Parameters || got.Index != nil || got.Loss != nil || got.Step != u.Step {
		t.Errorf("%+v", got.Meta)
	}
}
