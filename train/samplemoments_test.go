package train

import (
	"slices"
	"testing"

	"github.com/noiseprobe/noiseprobe/internal/numtest"
)

// TestSampleMomentsAgainstSlowPasses: from the gradient of each sample in turn; N is no multiple of the chunk of 1000, and the layer of 3000 inputs comes in
// parts. Factors of float32 are exact to 6e-8; the mean is that of the float32 product.
func TestSampleMomentsAgainstSlowPasses(t *testing.T) {
	for _, s := range []Source{
		{Model: newModel(t, "[7],[5]", 3000, 4), Data: images(1030, 3000, 4, 1)},
		{Model: newModel(t, "3x[9]", 20, 4), Data: images(70, 20, 4, 1)},
	} {
		n, p := s.Population(), s.Parameters()
		want, spread := make([]float64, p), make([]float64, p)
		gradient := func(i int) []float64 { return numtest.Widen(gradientOf(t, s, 1, []int{i}, nil)) }
		for i := range n {
			for j, v := range gradient(i) {
				want[j] += v / float64(n)
			}
		}
		for i := range n {
			for j, v := range gradient(i) {
				spread[j] += (v - want[j]) * (v - want[j]) / float64(n)
			}
		}
		got, err := s.SampleMoments()
		if err != nil {
			t.Fatal(err)
		}
		together := s
		together.Moments = new(Moments)
		if _, _, err := together.SampleNorms(s.Model.Gradient); err != nil || !slices.Equal(together.Moments.Variance, got.Variance) || !slices.Equal(together.Moments.Mean, got.Mean) {
			t.Errorf("other moments in the pass for norms, %v", err)
		}
		if err := numtest.CloseToLargest(got.Mean, want, 1e-6); err != nil {
			t.Errorf("mean: %v", err)
		}
		if err := numtest.CloseToLargest(got.Variance, spread, 1e-6); err != nil {
			t.Errorf("variance: %v", err)
		}
	}
}
