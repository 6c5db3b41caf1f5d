package dataset

import "math/rand/v2"

// field is a smooth random function on a grid of pixels: bilinear between knots, every knotSpacing pixels.
type field struct {
	knots         []int32 // rows of them
	across        int     // knots in a row
	height, width int     // in pixels
}

func newField(height, width int) field {
	across := width/knotSpacing + 2
	return field{knots: make([]int32, (height/knotSpacing+2)*across), across: across, height: height, width: width}
}

// draw takes the knots from -amplitude ... amplitude.
func (f field) draw(amplitude int, rng *rand.Rand) {
	for i := range f.knots {
		f.knots[i] = int32(rng.IntN(2*amplitude+1) - amplitude)
	}
}

// rowTo writes row i into dst. At u pixels of a cell to the right the two sides have the weights knotSpacing - u and u.
func (f field) rowTo(dst []int32, i int) {
	upper := f.knots[i/knotSpacing*f.across:]
	lower := upper[f.across:]
	v := int32(i % knotSpacing)
	side := func(k int) int32 { return (knotSpacing-v)*upper[k] + v*lower[k] }
	right := side(0)
	for k := 0; k*knotSpacing < len(dst); k++ {
		left := right
		right = side(k + 1)
		sum := knotSpacing * left
		cell := dst[k*knotSpacing:]
		for u := range cell[:min(knotSpacing, len(cell))] {
			cell[u] = sum / (knotSpacing * knotSpacing)
			sum += right - left
		}
	}
}

// pixels are all rows.
func (f field) pixels() []int32 {
	values := make([]int32, f.height*f.width)
	for i := range f.height {
		f.rowTo(values[i*f.width:(i+1)*f.width], i)
	}
	return values
}
