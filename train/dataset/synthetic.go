package dataset

import (
	"math/rand/v2"

	"github.com/noiseprobe/noiseprobe/internal/seed"
)

const (
	syntheticTrain = 10000
	syntheticTest  = 2000

	knotSpacing = 8  // pixels between the knots of a smooth field
	maxShift    = 3  // largest shift of a template in pixels, each way
	mixSteps    = 32 // a mixture is in 32nds
)

// synthetic generates 10,000 training and 2,000 test images of the shape and classes of a set, as many of each class as
// possible, in random order. An image of class c, per channel and in grey levels, is
//
//	128 + ((32 - m) T_c + m T_b) / 32 + F + e     clipped to 0 ... 255
//
// T_c is the template of the class: a smooth random field between -96 and 96, shifted by up to 3 pixels each way. T_b is the
// template of another random class, shifted by the same pixels. Its weight m is drawn from 0 ... 16: at m = 16 the two classes
// cannot be told apart, so that no classifier can be right for more than 1 - 1/34 = 97.1 % of new images. F is a smooth random
// field between -48 and 48, different for every image. e is noise with a triangular distribution, independent for each pixel,
// between -30 and 30 with a standard deviation of sqrt(170) = 13.0.
//
// A smooth field interpolates bilinearly between independent uniform values on a square lattice with a knot every 8 pixels. All
// arithmetic is in integers: a seed gives the same images on every machine.
func synthetic(s SetInfo, root uint64) *Dataset {
	d := s.describe(Synthetic)
	g := newGenerator(d, seed.New(root, "synthetic templates"))
	d.Train = g.split(syntheticTrain, seed.New(root, "synthetic train"))
	d.Test = g.split(syntheticTest, seed.New(root, "synthetic test"))
	return d
}

type generator struct {
	shape     [3]int
	templates [][]field // per class and channel, with a margin of maxShift
}

func newGenerator(d *Dataset, rng *rand.Rand) *generator {
	g := &generator{shape: d.Shape, templates: make([][]field, d.Classes)}
	for c := range g.templates {
		for range d.Shape[0] {
			g.templates[c] = append(g.templates[c], newField(d.Shape[1]+2*maxShift, d.Shape[2]+2*maxShift, 96, rng))
		}
	}
	return g
}

func (g *generator) split(n int, rng *rand.Rand) Split {
	s := Split{Y: make([]int, n), Pixels: make([]uint8, 0, n*g.shape[0]*g.shape[1]*g.shape[2])}
	for i := range s.Y {
		s.Y[i] = i % len(g.templates)
	}
	rng.Shuffle(n, func(i, j int) { s.Y[i], s.Y[j] = s.Y[j], s.Y[i] })
	for _, class := range s.Y {
		s.Pixels = g.appendImage(s.Pixels, class, rng)
	}
	return s
}

func (g *generator) appendImage(pixels []uint8, class int, rng *rand.Rand) []uint8 {
	other := (class + 1 + rng.IntN(len(g.templates)-1)) % len(g.templates)
	mix := int32(rng.IntN(mixSteps/2 + 1))
	top, left := rng.IntN(2*maxShift+1), rng.IntN(2*maxShift+1)
	for channel := range g.shape[0] {
		own := newField(g.shape[1], g.shape[2], 48, rng)
		for row := range g.shape[1] {
			a := g.templates[class][channel].row(row + top)[left:]
			b := g.templates[other][channel].row(row + top)[left:]
			var noise uint64
			for q, f := range own.row(row) {
				if q%8 == 0 {
					noise = rng.Uint64()
				}
				v := 128 + ((mixSteps-mix)*a[q]+mix*b[q])/mixSteps + f + triangular(byte(noise))
				noise >>= 8
				pixels = append(pixels, uint8(min(max(v, 0), 255)))
			}
		}
	}
	return pixels
}

// triangular is twice the difference of two independent numbers from 0 to 15, the two halves of a random byte.
func triangular(b byte) int32 { return 2 * (int32(b>>4) - int32(b&15)) }

// field is a smooth random function on a grid of pixels.
type field struct {
	values []int32
	width  int
}

func (f field) row(i int) []int32 { return f.values[i*f.width : (i+1)*f.width] }

// newField interpolates knots drawn from -amplitude ... amplitude.
func newField(height, width, amplitude int, rng *rand.Rand) field {
	across := width/knotSpacing + 2
	knots := make([]int32, (height/knotSpacing+2)*across)
	for i := range knots {
		knots[i] = int32(rng.IntN(2*amplitude+1) - amplitude)
	}
	f := field{values: make([]int32, 0, height*width), width: width}
	for i := range height {
		upper := knots[i/knotSpacing*across:]
		lower := upper[across:]
		v := int32(i % knotSpacing)
		for j := range width {
			k, u := j/knotSpacing, int32(j%knotSpacing)
			above := (knotSpacing-u)*upper[k] + u*upper[k+1]
			below := (knotSpacing-u)*lower[k] + u*lower[k+1]
			f.values = append(f.values, ((knotSpacing-v)*above+v*below)/(knotSpacing*knotSpacing))
		}
	}
	return f
}
