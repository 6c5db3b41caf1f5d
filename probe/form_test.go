package probe_test

import (
	"fmt"
	"testing"

	"github.com/noiseprobe/noiseprobe/probe"
)

// convolution is a form with a geometry.
func convolution(name string, height, width, in, out int, kernel [2]int, stride int) probe.LayerForm {
	g := probe.SamePadding(height, width, in, kernel, stride)
	return probe.LayerForm{Name: name, Parameters: out * in * kernel[0] * kernel[1], In: in, Out: out, Geometry: &g}
}

// dilated is a convolution as other libraries have them, with or without a bias.
func dilated(name string, bias int) probe.LayerForm {
	return probe.LayerForm{
		Name: name, Parameters: 5*3*3*2 + bias, In: 3, Out: 5,
		Geometry: &probe.Geometry{
			Height: 7, Width: 6, Channels: 3, Kernel: [2]int{3, 2}, Stride: [2]int{1, 2}, Dilation: [2]int{2, 3}, Before: [2]int{1, 0}, After: [2]int{0, 2},
		},
	}
}

// everyForm lists layers in every form of recording, some with more columns than a tile.
func everyForm() []probe.LayerForm {
	return []probe.LayerForm{
		{Name: "norm", Parameters: 7},
		{Name: "rows", Parameters: 2*probe.TileColumns + 9},
		convolution("conv3", 5, 4, 3, 2, [2]int{3, 3}, 1),
		convolution("conv2x4", 6, 7, 2, 5, [2]int{2, 4}, 2),
		convolution("conv1", 3, 3, 4, 6, [2]int{1, 1}, 1),
		convolution("convlarge", 2, 3, 40, 9, [2]int{3, 3}, 1),
		{Name: "dense1", Parameters: 4 * (6 + 1), In: 6, Out: 4},
		{Name: "ghost", Parameters: 5 * (60 + 1), In: 60, Out: 5, Positions: 7},
		{Name: "narrow", Parameters: 2, In: 1, Out: 1, Positions: 3},
		{Name: "dense.nobias", Parameters: 4 * 6, In: 6, Out: 4},
		{Name: "positions.nobias", Parameters: 4 * 6, In: 6, Out: 4, Positions: 3},
		dilated("dilated", 0),
		dilated("dilated.bias", 5),
	}
}

// factorsOf returns the numbers that are recorded for a unit of a layer.
func factorsOf(f probe.LayerForm, unit int) (a, delta []float32) {
	values := func(what string, n int) []float32 { return narrow(normals(fmt.Sprint(f.Name, what, unit), n)) }
	if f.Geometry != nil {
		height, width := f.Geometry.Output()
		return values("a", f.Geometry.Height*f.Geometry.Width*f.In), values("delta", height*width*f.Out)
	}
	return values("a", max(1, f.Positions)*f.In), values("delta", max(1, f.Positions)*f.Out)
}

func gradientOf(f probe.LayerForm, unit int) []float64 {
	if f.In == 0 {
		return rounded(normals(fmt.Sprint(f.Name, unit), f.Parameters))
	}
	a, delta := factorsOf(f, unit)
	if f.Geometry != nil {
		return append(convolutionGradient(*f.Geometry, f.Out, a, delta), biasGradient(delta, f.Out)[:f.Parameters-f.Out*f.Geometry.PatchSize()]...)
	}
	gradient := make([]float64, f.Parameters)
	for t := range max(1, f.Positions) {
		for o, d := range delta[t*f.Out : (t+1)*f.Out] {
			for j, v := range a[t*f.In : (t+1)*f.In] {
				gradient[o*f.In+j] += float64(d) * float64(v)
			}
		}
	}
	copy(gradient[f.Out*f.In:], biasGradient(delta, f.Out))
	return gradient
}

// biasGradient is the sum of the deltas over the positions.
func biasGradient(delta []float32, out int) []float64 {
	sum := make([]float64, out)
	for i, d := range delta {
		sum[i%out] += float64(d)
	}
	return sum
}

// convolutionGradient is dL/dW of y[i, j, o] = sum W[o, c, ki, kj] x[i s - top + ki d, j s - left + kj d, c] from the definition, pixel by
// pixel.
func convolutionGradient(g probe.Geometry, out int, x, delta []float32) []float64 {
	height, width := g.Output()
	var gradient []float64
	for o := range out {
		for c := range g.Channels {
			for ki := range g.Kernel[0] {
				for kj := range g.Kernel[1] {
					sum := 0.0
					for i := range height {
						for j := range width {
							y, z := i*g.Stride[0]-g.Before[0]+ki*g.Dilation[0], j*g.Stride[1]-g.Before[1]+kj*g.Dilation[1]
							if y >= 0 && y < g.Height && z >= 0 && z < g.Width {
								sum += float64(delta[(i*width+j)*out+o]) * float64(x[(y*g.Width+z)*g.Channels+c])
							}
						}
					}
					gradient = append(gradient, sum)
				}
			}
		}
	}
	return gradient
}

func TestSmaller(t *testing.T) {
	rows := probe.LayerForm{Name: "l", Parameters: 5 * 61}
	for positions, factored := range map[int]bool{0: true, 1: true, 4: true, 5: false} { // 65 numbers a position, and 305
		f := probe.LayerForm{Name: "l", Parameters: 5 * 61, In: 60, Out: 5, Positions: positions}
		if want := 4 * 65 * max(1, positions); f.UnitBytes() != want || rows.UnitBytes() != 4*305 {
			t.Errorf("%d bytes, want %d; %d, want %d", f.UnitBytes(), want, rows.UnitBytes(), 4*305)
		}
		if got := probe.Smaller(rows, f); (got.In > 0) != factored {
			t.Errorf("%d positions: %+v", positions, got)
		}
	}
	equal := probe.LayerForm{Name: "l", Parameters: 3, In: 2, Out: 1}
	if got := probe.Smaller(probe.LayerForm{Name: "l", Parameters: 3}, equal); got.In != 0 {
		t.Errorf("factors that take as much: %+v", got)
	}
	conv := convolution("c", 8, 8, 256, 256, [2]int{3, 3}, 2)
	if want := 4 * (8*8*256 + 4*4*256); conv.UnitBytes() != want {
		t.Errorf("%d bytes, want %d", conv.UnitBytes(), want)
	}
}
