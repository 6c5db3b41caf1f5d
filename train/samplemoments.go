package train

import (
	"github.com/noiseprobe/noiseprobe/internal/parallel"
	"github.com/noiseprobe/noiseprobe/probe"
)

// SampleMoments returns mean and variance, divisor N, of the gradient of every parameter over all training samples, by a pass as that of
// [Source.SampleNorms]. Where few samples reach a parameter, as the weights of a pixel that is seldom other than 0, no part of the samples
// tells its variance.
func (s Source) SampleMoments() (mean, variance []float64, err error) {
	mean, variance = make([]float64, s.Parameters()), make([]float64, s.Parameters())
	var start []int
	at := 0
	for _, f := range s.Model.Forms(1) {
		start = append(start, at)
		at += f.Parameters
	}
	err = s.visitSamples(func(layer, first int, g *probe.Gradients) {
		from := start[layer]
		mergeMoments(mean[from:from+g.Parameters()], variance[from:from+g.Parameters()], first, g)
	})
	return mean, variance, err
}

// mergeMoments adds those of g to those of n samples, centred (Chan, Golub and LeVeque 1979).
func mergeMoments(mean, variance []float64, n int, g *probe.Gradients) {
	added, spread := g.Mean(), g.Variance()
	share := float64(g.Units()) / float64(n+g.Units())
	parallel.For(len(mean), grain, func(lo, hi int) {
		for p := lo; p < hi; p++ {
			d := added[p] - mean[p]
			mean[p] += float64(share * d)
			variance[p] += float64(share*(spread[p]-variance[p])) + float64(share*(1-share)*d*d)
		}
	})
}
