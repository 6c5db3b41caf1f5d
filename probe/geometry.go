package probe

import "fmt"

// Geometry describes a convolution of images [Height, Width, Channels] with zero padding of kind 'same': the output has
// ceil(size / Stride) positions in each direction, and an odd number of padding pixels has its larger part at the bottom and at
// the right. The patch at a position of the output is what the kernel reads there: with the patches of an image as the rows of a
// matrix [Positions, PatchSize], the convolution is a matrix product.
type Geometry struct {
	Height, Width, Channels int
	Kernel                  [2]int // rows, columns
	Stride                  int
}

// Output is the size of the output.
func (g Geometry) Output() (height, width int) {
	return (g.Height + g.Stride - 1) / g.Stride, (g.Width + g.Stride - 1) / g.Stride
}

// Positions is the number of patches of an image, one for each position of the output.
func (g Geometry) Positions() int {
	h, w := g.Output()
	return h * w
}

// PatchSize is the number of elements of a patch, which are in the order kernel row, kernel column, channel.
func (g Geometry) PatchSize() int { return g.Kernel[0] * g.Kernel[1] * g.Channels }

// before is the number of padding pixels above and left of an image.
func (g Geometry) before() (top, left int) {
	h, w := g.Output()
	return max(0, (h-1)*g.Stride+g.Kernel[0]-g.Height) / 2, max(0, (w-1)*g.Stride+g.Kernel[1]-g.Width) / 2
}

// GatherTo writes the patches of an image, [Positions, PatchSize]. It panics for slices of another size.
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

// eachRow calls do for every kernel row of every patch. The row begins at element at of the matrix. Its columns first to end-1 lie
// inside the image, in which column 0 is, or would be, element row.
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
	if len(image) != g.Height*g.Width*g.Channels || len(matrix) != g.Positions()*g.PatchSize() {
		panic(fmt.Sprintf("probe: %d elements of an image and %d of its patches for %+v", len(image), len(matrix), g))
	}
}
