package dataset

import (
	"math/rand/v2"
	"sync"

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

// made has the images of each set that were made last: a process that trains one run after another opens the same, which nothing changes.
var made struct {
	sync.Mutex
	of map[string]seeded
}

type seeded struct {
	root uint64
	set  *Dataset
}

func syntheticOnce(s SetInfo, root uint64) *Dataset {
	made.Lock()
	defer made.Unlock()
	last := made.of[s.Name]
	if last.set == nil || last.root != root {
		last = seeded{root, synthetic(s, root)}
		if made.of == nil {
			made.of = map[string]seeded{}
		}
		made.of[s.Name] = last
	}
	d := *last.set
	return &d
}

type generator struct {
	shape     [3]int
	templates [][][]int32 // pixels per class and channel, with a margin of maxShift
	own       field       // that of an image
	row       []int32     // of it
}

func newGenerator(d *Dataset, rng *rand.Rand) *generator {
	height, width := d.Shape[1], d.Shape[2]
	g := &generator{shape: d.Shape, templates: make([][][]int32, d.Classes), own: newField(height, width), row: make([]int32, width)}
	for c := range g.templates {
		for range d.Shape[0] {
			f := newField(height+2*maxShift, width+2*maxShift)
			f.draw(96, rng)
			g.templates[c] = append(g.templates[c], f.pixels())
		}
	}
	return g
}

func (g *generator) split(n int, rng *rand.Rand) Split {
	s := Split{Y: make([]int, n), Pixels: make([]uint8, n*g.shape[0]*g.shape[1]*g.shape[2])}
	for i := range s.Y {
		s.Y[i] = i % len(g.templates)
	}
	rng.Shuffle(n, func(i, j int) { s.Y[i], s.Y[j] = s.Y[j], s.Y[i] })
	pixels := s.Pixels
	for _, class := range s.Y {
		pixels = g.image(pixels, class, rng)
	}
	return s
}

// image fills the first of the pixels and returns those that follow.
func (g *generator) image(pixels []uint8, class int, rng *rand.Rand) []uint8 {
	other := (class + 1 + rng.IntN(len(g.templates)-1)) % len(g.templates)
	mix := int32(rng.IntN(mixSteps/2 + 1))
	top, left := rng.IntN(2*maxShift+1), rng.IntN(2*maxShift+1)
	for channel := range g.shape[0] {
		g.own.draw(48, rng)
		for row := range g.shape[1] {
			g.own.rowTo(g.row, row)
			at := (row+top)*(len(g.row)+2*maxShift) + left
			a, b := g.templates[class][channel][at:], g.templates[other][channel][at:]
			mixRow(pixels[:len(g.row)], a, b, g.row, mix, rng)
			pixels = pixels[len(g.row):]
		}
	}
	return pixels
}

// mixRow makes a row of an image of those of two templates and of its own field.
func mixRow(pixels []uint8, a, b, own []int32, mix int32, rng *rand.Rand) {
	a, b, own = a[:len(pixels)], b[:len(pixels)], own[:len(pixels)]
	var noise uint64
	for q := range pixels {
		if q%8 == 0 {
			noise = rng.Uint64()
		}
		v := 128 + ((mixSteps-mix)*a[q]+mix*b[q])/mixSteps + own[q] + triangular(byte(noise))
		noise >>= 8
		pixels[q] = uint8(min(max(v, 0), 255))
	}
}

// triangular is twice the difference of two independent numbers from 0 to 15, the two halves of a random byte.
func triangular(b byte) int32 { return 2 * (int32(b>>4) - int32(b&15)) }
