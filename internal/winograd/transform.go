package winograd

// square is a square of vectors: the vector in row i and column j begins at data[i row + j col].
type square struct {
	data     []float32
	row, col int
}

// inPlanes is the square whose vectors are plane elements apart, row after row.
func inPlanes(data []float32, plane int) square { return square{data, Patch * plane, plane} }

// line is a linear map of up to six numbers to up to six; missing ones are 0.
type line func(x0, x1, x2, x3, x4, x5 float32) (y0, y1, y2, y3, y4, y5 float32)

// transform applies a line to the columns of a square and then to the rows of the result.
type transform struct {
	from, to int // sides of the squares
	line     line
	simd     simdKernel
	add      bool // to the contents of the destination, instead of replacing them
}

// simdKernel is a transform of n channels, a multiple of 8, in assembly.
type simdKernel func(n int, dst *float32, dstRow, dstCol int, src *float32, srcRow, srcCol int, coefficients *float32)

var (
	input         = transform{from: Patch, to: Patch, line: inputLine, simd: inputSIMD}
	inputAdjoint  = transform{from: Patch, to: Patch, line: inputAdjointLine, simd: inputAdjointSIMD, add: true}
	output        = transform{from: Patch, to: Tile, line: outputLine, simd: outputSIMD}
	outputAdjoint = transform{from: Tile, to: Patch, line: outputAdjointLine, simd: outputAdjointSIMD}
	kernel        = transform{from: side, to: Patch, line: kernelLine, simd: kernelSIMD}
	kernelAdjoint = transform{from: Patch, to: side, line: kernelAdjointLine, simd: kernelAdjointSIMD}
)

// run transforms all channels, those that are left by the assembly in plain Go.
func (t *transform) run(channels int, dst, src square) {
	dst.check(t.to, channels)
	src.check(t.from, channels)
	for c := fast(t.simd, channels, dst, src); c < channels; c++ {
		t.channel(c, dst, src)
	}
}

// check panics unless the square holds vectors of this many channels, which assembly does not check.
func (s *square) check(side, channels int) {
	if channels <= 0 || s.row < 0 || s.col < 0 {
		panic("winograd: no channels, or a negative stride")
	}
	_ = s.data[(side-1)*(s.row+s.col)+channels-1]
}

// channel computes one channel. Its numbers are separate variables: arrays would be copied as arguments, and pointers to them would
// make them escape.
func (t *transform) channel(c int, dst, src square) {
	var x, y [Patch]float32
	var half [Patch][Patch]float32
	for j := range t.from {
		for i := range t.from {
			x[i] = src.data[i*src.row+j*src.col+c]
		}
		half[0][j], half[1][j], half[2][j], half[3][j], half[4][j], half[5][j] = t.line(x[0], x[1], x[2], x[3], x[4], x[5])
	}
	for i := range t.to {
		x := &half[i]
		y[0], y[1], y[2], y[3], y[4], y[5] = t.line(x[0], x[1], x[2], x[3], x[4], x[5])
		for j := range t.to {
			at := &dst.data[i*dst.row+j*dst.col+c]
			if t.add {
				y[j] += *at
			}
			*at = y[j]
		}
	}
}
