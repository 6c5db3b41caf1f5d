package channels

import (
	"fmt"
	"testing"

	"github.com/noiseprobe/noiseprobe/internal/numtest"
	"github.com/noiseprobe/noiseprobe/internal/seed"
)

// sizes are heights and widths of images.
var sizes = [][2]int{{2, 2}, {2, 6}, {4, 2}, {6, 8}}

// newImage returns elements of which many are equal, and some special.
func newImage(height, width, channels int) []float32 {
	r := seed.New(6, "image", uint64(height), uint64(width), uint64(channels))
	image := make([]float32, height*width*channels)
	for i := range image {
		image[i] = float32(r.IntN(4) - 2)
		if r.IntN(4) == 0 {
			image[i] = specials[r.IntN(len(specials))]
		}
	}
	return image
}

// chosen is the element of an image that a block at output row y, column x passes on: the last NaN if there is one, else the
// first of those that no other is larger than.
func chosen(image []float32, y, x, c, width, channels int) int {
	block := make([]int, 0, 4)
	for _, p := range [][2]int{{0, 0}, {0, 1}, {1, 0}, {1, 1}} {
		block = append(block, ((2*y+p[0])*width+2*x+p[1])*channels+c)
	}
	best := -1
	for _, i := range block {
		if image[i] != image[i] {
			best = i
		}
	}
	if best >= 0 {
		return best
	}
	for k := 3; k >= 0; k-- {
		largest := true
		for _, j := range block {
			largest = largest && image[block[k]] >= image[j]
		}
		if largest {
			best = block[k]
		}
	}
	return best
}

func TestPoolAgainstDefinition(t *testing.T) {
	for channels := 1; channels <= mostChannels; channels++ {
		for _, s := range sizes {
			height, width := s[0], s[1]
			image, untouched := newImage(height, width, channels), newImage(height, width, channels)
			dst, check := guarded(t, len(image)/4)
			back, checkBack := guarded(t, len(image))
			dy, want, wantBack := make([]float32, len(dst)), make([]float32, len(dst)), make([]float32, len(image))
			for i := range dst {
				dy[i] = float32(i + 1)
				if i%7 == 0 {
					dy[i] = notANumber
				}
				c, p := i%channels, i/channels
				from := chosen(image, p/(width/2), p%(width/2), c, width, channels)
				want[i], wantBack[from] = image[from], dy[i]
			}
			MaxPool(dst, image, height, width, channels)
			MaxPoolAdjoint(back, image, dy, height, width, channels)
			check("MaxPool")
			checkBack("MaxPoolAdjoint")
			name := fmt.Sprintf("%dx%d pixels of %d channels: ", height, width, channels)
			same(t, name+"MaxPool", dst, want)
			same(t, name+"MaxPoolAdjoint", back, wantBack)
			same(t, name+"the image", image, untouched)
			plainMaxPool(0, dst, image, width, channels)
			plainMaxPoolAdjoint(0, back, image, dy, width, channels)
			same(t, name+"MaxPool in plain Go", dst, want)
			same(t, name+"MaxPoolAdjoint in plain Go", back, wantBack)
		}
	}
}

// All 7^4 blocks of special values and ordinary ones, each in one channel.
func TestPoolOfAllBlocks(t *testing.T) {
	values := []float32{0, negativeZero, infinity, -infinity, notANumber, 1, -1}
	n := len(values)
	channels := n * n * n * n
	image := make([]float32, 4*channels)
	for c := range channels {
		for k, digits := 0, c; k < 4; k, digits = k+1, digits/n {
			image[k*channels+c] = values[digits%n]
		}
	}
	dst, want := make([]float32, channels), make([]float32, channels)
	dy, back, wantBack := make([]float32, channels), make([]float32, 4*channels), make([]float32, 4*channels)
	for c := range channels {
		dy[c] = float32(c + 1)
		from := chosen(image, 0, 0, c, 2, channels)
		want[c], wantBack[from] = image[from], dy[c]
	}
	MaxPool(dst, image, 2, 2, channels)
	same(t, "MaxPool", dst, want)
	MaxPoolAdjoint(back, image, dy, 2, 2, channels)
	same(t, "MaxPoolAdjoint", back, wantBack)
	plainMaxPool(0, dst, image, 2, channels)
	same(t, "MaxPool in plain Go", dst, want)
	plainMaxPoolAdjoint(0, back, image, dy, 2, channels)
	same(t, "MaxPoolAdjoint in plain Go", back, wantBack)
}

// Away from ties the pool is linear: with an image of distinct integers, a direction of at most 1 in eighths and a step of 1/4,
// all is exact in float32, and
//
//	<pool'(dy), e> = <dy, pool(image + step e) - pool(image - step e)> / (2 step)
func TestPoolAdjointIsTheDerivative(t *testing.T) {
	const height, width, channels, step = 6, 4, 19, 0.25
	r := seed.New(7, "adjoint")
	n := height * width * channels
	up, down, e := make([]float32, n), make([]float32, n), make([]float32, n)
	image, back := make([]float32, n), make([]float32, n)
	for i, v := range r.Perm(n) {
		image[i], e[i] = float32(v), float32(r.IntN(17)-8)/8
		up[i], down[i] = image[i]+step*e[i], image[i]-step*e[i]
	}
	dy, high, low := make([]float32, n/4), make([]float32, n/4), make([]float32, n/4)
	for i := range dy {
		dy[i] = float32(r.IntN(201) - 100)
	}
	MaxPoolAdjoint(back, image, dy, height, width, channels)
	MaxPool(high, up, height, width, channels)
	MaxPool(low, down, height, width, channels)
	got, want := 0.0, 0.0
	for i := range back {
		got += float64(back[i]) * float64(e[i])
	}
	for i := range dy {
		want += float64(dy[i]) * float64(high[i]-low[i]) / (2 * step)
	}
	if got != want {
		t.Errorf("%v, by differences %v", got, want)
	}
}

func TestPoolRefusesSizes(t *testing.T) {
	for _, s := range [][3]int{{3, 4, 2}, {4, 3, 2}, {0, 4, 2}, {4, 0, 2}, {4, 4, 0}, {-2, -2, 2}} {
		n := s[0] * s[1] * s[2]
		a, b := make([]float32, n), make([]float32, n/4)
		numtest.Panics(t, fmt.Sprint("MaxPool of ", s), "channels: ", func() { MaxPool(b, a, s[0], s[1], s[2]) })
		numtest.Panics(t, fmt.Sprint("MaxPoolAdjoint of ", s), "channels: ", func() { MaxPoolAdjoint(a, a, b, s[0], s[1], s[2]) })
	}
}
