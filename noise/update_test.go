package noise_test

import (
	"slices"
	"testing"

	"github.com/noiseprobe/noiseprobe/internal/numtest"
	"github.com/noiseprobe/noiseprobe/noise"
)

var (
	g      = []float32{1, -2, 0.5}
	gPrime = []float32{3, 4, -1}
)

func TestCombineTo(t *testing.T) {
	// 1.5 g - 0.5 g', exact in float32.
	want := []float32{0, -5, 1.25}
	before, beforePrime := slices.Clone(g), slices.Clone(gPrime)
	dst := []float32{9, 9, 9}
	noise.CombineTo(dst, 1.5, g, gPrime)
	if !slices.Equal(dst, want) {
		t.Errorf("got %v, want %v", dst, want)
	}
	if !slices.Equal(g, before) || !slices.Equal(gPrime, beforePrime) {
		t.Error("an input was modified")
	}
}

func TestCombineToInPlace(t *testing.T) {
	want := []float32{0, -5, 1.25}
	x, y := slices.Clone(g), slices.Clone(gPrime)
	if noise.CombineTo(x, 1.5, x, gPrime); !slices.Equal(x, want) {
		t.Errorf("into g: got %v, want %v", x, want)
	}
	if noise.CombineTo(y, 1.5, g, y); !slices.Equal(y, want) {
		t.Errorf("into g': got %v, want %v", y, want)
	}
}

func TestCombineToWithAlphaOneIsG(t *testing.T) {
	dst := make([]float32, 3)
	noise.CombineTo(dst, 1, g, gPrime)
	if !slices.Equal(dst, g) {
		t.Errorf("got %v", dst)
	}
	noise.CombineTo(dst, 0, g, gPrime)
	if !slices.Equal(dst, gPrime) {
		t.Errorf("alpha = 0: got %v, want g'", dst)
	}
}

func TestCombineToPanics(t *testing.T) {
	numtest.Panics(t, "short g", "noise: ", func() { noise.CombineTo(make([]float32, 3), 1, g[:2], gPrime) })
	numtest.Panics(t, "short g'", "noise: ", func() { noise.CombineTo(make([]float32, 3), 1, g, gPrime[:2]) })
	numtest.Panics(t, "short dst", "noise: ", func() { noise.CombineTo(make([]float32, 2), 1, g, gPrime) })
}

// TestWeights: the weights of all samples of B and B' add up to 1, as those of a mean.
func TestWeights(t *testing.T) {
	b, prime := noise.Weights(1.5, 4)
	if err := numtest.AllClose([]float64{b, prime, 4*b + 4*prime}, []float64{0.375, -0.125, 1}, numtest.Tol{}); err != nil {
		t.Error(err)
	}
}
