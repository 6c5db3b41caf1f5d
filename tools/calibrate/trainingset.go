package main

import (
	"math/rand/v2"
	"slices"

	"github.com/noiseprobe/noiseprobe/internal/seed"
	"github.com/noiseprobe/noiseprobe/noise"
	"github.com/noiseprobe/noiseprobe/probe"
)

// units reduces n gradients, and projects them onto as many random directions.
func units(n, p int, rows []float64, directions ...probe.Direction) *probe.Units {
	g := &probe.Gradients{Layers: []probe.Layer{probe.NewDense("all", n, p, rows)}}
	return g.Reduce(directions)
}

// units draws n gradients of no finite population.
func (l law) units(rng *rand.Rand, n int, directions ...probe.Direction) *probe.Units {
	return units(n, l.p, l.rows(rng, n), directions...)
}

// trainingSet is a [probe.Source] of p parameters.
type trainingSet struct {
	p    int
	rows []float64
}

// wholeSet gives the norms of all its samples as well: it is a [probe.SampleSource], as a run is.
type wholeSet struct{ trainingSet }

func (s wholeSet) SampleNorms(v []float32) (normSq, along []float64, err error) {
	for row := range slices.Chunk(s.rows, s.p) {
		square, dot := 0.0, 0.0
		for k, x := range row {
			square, dot = square+x*x, dot+x*float64(v[k])
		}
		normSq, along = append(normSq, square), append(along, dot)
	}
	return normSq, along, nil
}

// fixedSet is the same one for every replicate.
func (l law) fixedSet(n int) trainingSet {
	return trainingSet{l.p, l.rows(seed.New(1, "calibrate/training set/"+l.name, uint64(n)), n)}
}

// all are the whole set.
func (s trainingSet) all() *probe.Units {
	u := units(s.Population(), s.p, s.rows)
	u.Population = s.Population()
	return u
}

// draw measures minibatches: a training set in memory fails at nothing.
func draw(s probe.Source, plan probe.Plan, directions ...probe.Direction) *probe.Draws {
	d, err := probe.Measure(s, plan, directions, nil)
	if err != nil {
		panic("calibrate: " + err.Error())
	}
	return d
}

func (s trainingSet) Parameters() int { return s.p }
func (s trainingSet) Population() int { return len(s.rows) / s.p }

func (s trainingSet) MeanGradientTo(dst []float32, index []int) error {
	s.sumTo(dst, 1/float64(len(index)), index, 0, nil)
	return nil
}

func (s trainingSet) EnhancedGradientTo(dst []float32, alpha float64, b, bPrime []int) error {
	w, wPrime := noise.Weights(alpha, len(b))
	s.sumTo(dst, w, b, wPrime, bPrime)
	return nil
}

func (s trainingSet) sumTo(dst []float32, w float64, b []int, wPrime float64, bPrime []int) {
	sum := make([]float64, s.p)
	add := func(w float64, index []int) {
		for _, i := range index {
			for k, v := range s.rows[i*s.p : (i+1)*s.p] {
				sum[k] += w * v
			}
		}
	}
	add(w, b)
	add(wPrime, bPrime)
	for k, v := range sum {
		dst[k] = float32(v)
	}
}

// recorded are the gradients of n samples of the set, drawn without replacement.
func (s trainingSet) recorded(rng *rand.Rand, n int, directions ...probe.Direction) *probe.Units {
	index := make([]int, n)
	noise.Subset(rng, s.Population(), index)
	var rows []float64
	for _, i := range index {
		rows = append(rows, s.rows[i*s.p:(i+1)*s.p]...)
	}
	u := units(n, s.p, rows, directions...)
	u.Population = s.Population()
	return u
}
