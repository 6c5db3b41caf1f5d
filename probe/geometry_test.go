package probe_test

import (
	"slices"
	"testing"

	"github.com/noiseprobe/noiseprobe/internal/seed"
	"github.com/noiseprobe/noiseprobe/probe"
)

var geometries = []probe.Geometry{
	{Height: 5, Width: 4, Channels: 3, Kernel: [2]int{3, 3}, Stride: 1},
	{Height: 6, Width: 7, Channels: 2, Kernel: [2]int{3, 3}, Stride: 2},
	{Height: 5, Width: 5, Channels: 1, Kernel: [2]int{2, 4}, Stride: 1},
	{Height: 4, Width: 4, Channels: 5, Kernel: [2]int{1, 1}, Stride: 1},
	{Height: 7, Width: 6, Channels: 1, Kernel: [2]int{1, 1}, Stride: 3},
	{Height: 2, Width: 3, Channels: 2, Kernel: [2]int{7, 7}, Stride: 1},
	{Height: 9, Width: 9, Channels: 1, Kernel: [2]int{5, 3}, Stride: 4},
}

// slowPatches is GatherTo from the definition, pixel by pixel.
func slowPatches(g probe.Geometry, image []float32) []float32 {
	height, width := g.Output()
	pad := func(out, kernel, size int) int { return max(0, (out-1)*g.Stride+kernel-size) / 2 }
	var dst []float32
	for i := range height {
		for j := range width {
			for ki := range g.Kernel[0] {
				for kj := range g.Kernel[1] {
					y, x := i*g.Stride+ki-pad(height, g.Kernel[0], g.Height), j*g.Stride+kj-pad(width, g.Kernel[1], g.Width)
					for c := range g.Channels {
						v := float32(0)
						if y >= 0 && y < g.Height && x >= 0 && x < g.Width {
							v = image[(y*g.Width+x)*g.Channels+c]
						}
						dst = append(dst, v)
					}
				}
			}
		}
	}
	return dst
}

func eighths(n int, label string) []float32 {
	rng := seed.New(1, label)
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(rng.IntN(2001)-1000) / 8 // sums of few are exact
	}
	return x
}

func TestGatherAgainstDefinition(t *testing.T) {
	for _, g := range geometries {
		image := eighths(g.Height*g.Width*g.Channels, "image")
		got := eighths(g.Positions()*g.PatchSize(), "what was there")
		g.GatherTo(got, image)
		if !slices.Equal(got, slowPatches(g, image)) {
			t.Errorf("%+v: other patches than by the definition", g)
		}
	}
}

// <gather(x), y> = <x, scatter(y)>, exact since all numbers are multiples of 1/8 and few.
func TestScatterIsTheAdjoint(t *testing.T) {
	for _, g := range geometries {
		x, y := eighths(g.Height*g.Width*g.Channels, "image"), eighths(g.Positions()*g.PatchSize(), "patches")
		patches, image := make([]float32, len(y)), make([]float32, len(x))
		g.GatherTo(patches, x)
		g.ScatterAdd(image, y)
		if left, right := product32(patches, y), product32(x, image); left != right {
			t.Errorf("%+v: %v and %v", g, left, right)
		}
	}
}

func product32(x, y []float32) float64 {
	sum := 0.0
	for i, v := range x {
		sum += float64(v) * float64(y[i])
	}
	return sum
}

func TestGatherPanicsForWrongSizes(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("no panic for an image of the wrong size")
		}
	}()
	g := geometries[0]
	g.GatherTo(make([]float32, g.Positions()*g.PatchSize()), make([]float32, 3))
}
