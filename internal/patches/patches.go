// Package patches gathers what a convolution reads at every position of its output into the rows of a matrix, so that the
// convolution becomes a matrix product, and scatters derivatives back. Images are channels last.
package patches

import "fmt"

// Geometry is a convolution's: images [Height, Width, Channels], a kernel and a stride, with zero padding of kind 'same':
// the output has ceil(size / stride) positions in each direction, and of an odd number of padding pixels the larger part is
// at the bottom and at the right.
type Geometry struct {
	Height, Width, Channels int
	Kernel                  [2]int
	Stride                  int
}

// Output is the size of the output.
func (g Geometry) Output() (height, width int) {
	return (g.Height + g.Stride - 1) / g.Stride, (g.Width + g.Stride - 1) / g.Stride
}

// Positions is the number of rows of the matrix of an image, one for each pixel of the output.
func (g Geometry) Positions() int {
	h, w := g.Output()
	return h * w
}

// Size is the number of its columns, a patch in the order kernel row, kernel column, channel.
func (g Geometry) Size() int { return g.Kernel[0] * g.Kernel[1] * g.Channels }

// before is the number of padding pixels above and left of an image.
func (g Geometry) before() (top, left int) {
	h, w := g.Output()
	return max(0, (h-1)*g.Stride+g.Kernel[0]-g.Height) / 2, max(0, (w-1)*g.Stride+g.Kernel[1]-g.Width) / 2
}

// GatherTo writes the patches of an image, [Positions, Size].
func (g Geometry) GatherTo(dst, image []float32) {
	g.check(dst, image)
	g.eachRow(func(at, first, end, row int) {
		out := dst[at:][:g.Kernel[1]*g.Channels]
		if first >= end {
			clear(out)
			return
		}
		clear(out[:first*g.Channels])
		copy(out[first*g.Channels:end*g.Channels], image[row+first*g.Channels:])
		clear(out[end*g.Channels:])
	})
}

// ScatterAdd is the adjoint of GatherTo: it adds every element of the patches to the pixel that it was read from.
func (g Geometry) ScatterAdd(image, src []float32) {
	g.check(src, image)
	g.eachRow(func(at, first, end, row int) {
		if first >= end {
			return
		}
		to := image[row+first*g.Channels : row+end*g.Channels]
		for i, v := range src[at+first*g.Channels:][:len(to)] {
			to[i] += v
		}
	})
}

// eachRow calls do for every row of every patch: it begins at the element at of the matrix, and its columns first to end-1 lie in the
// image, where column 0 is, or would be, the element row.
func (g Geometry) eachRow(do func(at, first, end, row int)) {
	height, width := g.Output()
	top, left := g.before()
	at := 0
	for i := range height {
		for j := range width {
			x := j*g.Stride - left
			first, end := min(max(0, -x), g.Kernel[1]), max(0, min(g.Kernel[1], g.Width-x))
			for k := range g.Kernel[0] {
				y := i*g.Stride - top + k
				if y < 0 || y >= g.Height {
					do(at, 0, 0, 0)
				} else {
					do(at, first, end, (y*g.Width+x)*g.Channels)
				}
				at += g.Kernel[1] * g.Channels
			}
		}
	}
}

func (g Geometry) check(matrix, image []float32) {
	if len(image) != g.Height*g.Width*g.Channels || len(matrix) != g.Positions()*g.Size() {
		panic(fmt.Sprintf("patches: %d elements of an image and %d of its patches for %+v", len(image), len(matrix), g))
	}
}
