package probe_test

import (
	"slices"
	"testing"

	"github.com/noiseprobe/noiseprobe/internal/seed"
	"github.com/noiseprobe/noiseprobe/probe"
)

var geometries = []probe.Geometry{
	probe.SamePadding(5, 4, 3, [2]int{3, 3}, 1),
	probe.SamePadding(6, 7, 2, [2]int{3, 3}, 2),
	probe.SamePadding(5, 5, 1, [2]int{2, 4}, 1),
	probe.SamePadding(4, 4, 5, [2]int{1, 1}, 1),
	probe.SamePadding(7, 6, 1, [2]int{1, 1}, 3),
	probe.SamePadding(2, 3, 2, [2]int{7, 7}, 1),
	probe.SamePadding(9, 9, 1, [2]int{5, 3}, 4),
	{Height: 6, Width: 9, Channels: 2, Kernel: [2]int{2, 3}, Stride: [2]int{2, 1}, Dilation: [2]int{1, 2}},
	{Height: 1, Width: 8, Channels: 3, Kernel: [2]int{1, 4}, Stride: [2]int{1, 3}, Dilation: [2]int{1, 2}, Before: [2]int{0, 3}, After: [2]int{0, 1}},
	{Height: 4, Width: 5, Channels: 1, Kernel: [2]int{3, 2}, Stride: [2]int{1, 2}, Dilation: [2]int{2, 3}, Before: [2]int{1, 2}, After: [2]int{2, 0}},
}

// Padding of kind 'same' makes ceil(size / stride) outputs with (outputs-1) stride + kernel - size pixels, if that is positive, of which the
// smaller half is above and left.
func TestSamePadding(t *testing.T) {
	for _, stride := range []int{1, 2, 3, 4} {
		for size := 1; size < 10; size++ {
			for kernel := 1; kernel < 8; kernel++ {
				g := probe.SamePadding(size, 4, 1, [2]int{kernel, 1}, stride)
				height, _ := g.Output()
				padding := max(0, (height-1)*stride+kernel-size)
				if height != (size+stride-1)/stride || g.Before[0] != padding/2 || g.Before[0]+g.After[0] != padding {
					t.Errorf("size %d, kernel %d, stride %d: %+v with %d outputs", size, kernel, stride, g, height)
				}
			}
		}
	}
}

// slowPatches is GatherTo from the definition, pixel by pixel.
func slowPatches(g probe.Geometry, image []float32) []float32 {
	height, width := g.Output()
	var dst []float32
	for i := range height {
		for j := range width {
			for ki := range g.Kernel[0] {
				for kj := range g.Kernel[1] {
					y, x := i*g.Stride[0]+ki*g.Dilation[0]-g.Before[0], j*g.Stride[1]+kj*g.Dilation[1]-g.Before[1]
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
