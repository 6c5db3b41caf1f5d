package probe

import "fmt"

// Geometry describes a convolution of images [Height, Width, Channels] with zero padding. The patch at a position of the output is what
// the kernel reads there: with the patches of an image as the rows of a matrix [Positions, PatchSize], the convolution is a matrix
// product. Pairs are rows, columns.
type Geometry struct {
	Height, Width, Channels int
	Kernel                  [2]int
	Stride                  [2]int
	// Dilation is the distance between neighbouring pixels that the kernel reads, 1 for all of them.
	Dilation [2]int
	// Before is the number of padding pixels above and left of an image, After that below and right of it.
	Before, After [2]int
}

// SamePadding is a convolution whose output has ceil(size / stride) positions in each direction; an odd number of padding pixels has its
// larger part at the bottom and at the right.
func SamePadding(height, width, channels int, kernel [2]int, stride int) Geometry {
	g := Geometry{
		Height: height, Width: width, Channels: channels, Kernel: kernel, Stride: [2]int{stride, stride}, Dilation: [2]int{1, 1},
	}
	for axis, size := range [2]int{height, width} {
		padding := max(0, (size-1)/stride*stride+kernel[axis]-size)
		g.Before[axis], g.After[axis] = padding/2, padding-padding/2
	}
	return g
}

// Output is the size of the output.
func (g Geometry) Output() (height, width int) {
	return g.output(0, g.Height), g.output(1, g.Width)
}

func (g Geometry) output(axis, size int) int {
	return (size+g.Before[axis]+g.After[axis]-g.Dilation[axis]*(g.Kernel[axis]-1)-1)/g.Stride[axis] + 1
}

// Positions is the number of patches of an image, one for each position of the output.
func (g Geometry) Positions() int {
	h, w := g.Output()
	return h * w
}

// PatchSize is the number of elements of a patch, which are in the order kernel row, kernel column, channel.
func (g Geometry) PatchSize() int { return g.Kernel[0] * g.Kernel[1] * g.Channels }

// GatherTo writes the patches of an image, [Positions, PatchSize]. It panics for slices of another size.
func (g Geometry) GatherTo(dst, image []float32) {
	g.check(dst, image)
	g.eachRow(func(at, first, end, row int) {
		out, c := dst[at:][:g.Kernel[1]*g.Channels], g.Channels
		if first >= end {
			clear(out)
			return
		}
		clear(out[:first*c])
		clear(out[end*c:])
		run := g.run(first, end)
		for k := first; k < end; k += run {
			copy(out[k*c:(k+run)*c], image[row+k*g.Dilation[1]*c:])
		}
	})
}

// ScatterAdd is the adjoint of GatherTo: it adds every element of the patches to the pixel that it was read from.
func (g Geometry) ScatterAdd(image, src []float32) {
	g.check(src, image)
	g.eachRow(func(at, first, end, row int) {
		c, run := g.Channels, g.run(first, end)
		for k := first; k < end; k += run {
			to := image[row+k*g.Dilation[1]*c:][:run*c]
			for i, v := range src[at+k*c:][:len(to)] {
				to[i] += v
			}
		}
	})
}

// run is the number of the pixels first to end-1 of a kernel row that lie together in the image.
func (g Geometry) run(first, end int) int {
	if g.Dilation[1] > 1 {
		return 1
	}
	return end - first
}

// eachRow calls do for every kernel row of every patch. The row begins at element at of the matrix. Its columns first to end-1 lie
// inside the image; column k reads the pixel that begins k Dilation pixels behind element row.
func (g Geometry) eachRow(do func(at, first, end, row int)) {
	height, width := g.Output()
	step := g.Dilation[1]
	at := 0
	for i := range height {
		for j := range width {
			x := j*g.Stride[1] - g.Before[1]
			first := min(max(0, (step-1-x)/step), g.Kernel[1])
			end := max(0, min(g.Kernel[1], (g.Width-x+step-1)/step))
			for k := range g.Kernel[0] {
				y := i*g.Stride[0] - g.Before[0] + k*g.Dilation[0]
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
