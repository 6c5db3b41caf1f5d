package experiment

import (
	"path/filepath"
	"slices"
	"testing"

	"github.com/noiseprobe/noiseprobe/internal/npy"
)

// Gradients that were never written, or are no gradients of different samples, are not analysed without a word.
func TestRepeatWarnings(t *testing.T) {
	random := []float64{1, -2, 3, 2, 5, 1, 0.5, 1, -1, 2, 1, 4}
	for name, c := range map[string]struct {
		rows []float64 // [4, 3]
		want string
	}{
		"different":  {random, ""},
		"zeros":      {make([]float64, 12), "all 4 gradients are zero: were they written to the file?"},
		"unfinished": {slices.Concat(random[:6], make([]float64, 6)), "2 of 4 gradients are zero: were all written to the file?"},
		"equal":      {slices.Repeat(random[:3], 4), "all 4 gradients are equal: there is no noise in them"},
		"one again":  {slices.Concat(random[:9], random[:3]), "1 of 4 gradients are another's again"},
	} {
		path := filepath.Join(t.TempDir(), "g.npy")
		if err := npy.Write(path, []int{4, 3}, c.rows); err != nil {
			t.Fatal(err)
		}
		g, _, err := AnalyseFiles([]string{path}, DefaultFileSettings(), Observer{})
		if err != nil {
			t.Fatal(err)
		}
		if got := g.Checkpoints[0].Warnings; c.want != "" && !slices.Contains(got, c.want) || c.want == "" && len(got) > 1 {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}
