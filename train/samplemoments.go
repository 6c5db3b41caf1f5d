package train

import (
	"github.com/noiseprobe/noiseprobe/internal/parallel"
	"github.com/noiseprobe/noiseprobe/probe"
)

// Moments are mean and variance, divisor N, of the gradient of every parameter over all training samples; nil where no pass has filled them in. Where few samples reach a
// parameter, as the weights of a pixel that is seldom other than 0, no part of the samples tells its variance.
type Moments struct{ Mean, Variance []float64 }

// SampleMoments makes a pass as that of [Source.SampleNorms].
func (s Source) SampleMoments() (*Moments, error) {
	m := new(Moments)
	return m, s.visitSamples(m.visitor(s.Model))
}

// visitor begins with no samples.
func (m *Moments) visitor(model *Model) func(layer, first int, g *probe.Gradients) {
	m.Mean, m.Variance = make([]float64, model.Parameters()), make([]float64, model.Parameters())
	means, variances := byLayer(model, m.Mean), byLayer(model, m.Variance)
	return func(layer, first int, g *probe.Gradients) { mergeMoments(means[layer], variances[layer], first, g) }
}

// mergeMoments adds those of g to those of n samples, centred (Chan, Golub and LeVeque 1979).
func mergeMoments(mean, variance []float64, n int, g *probe.Gradients) {
	added, spread := g.MeanVariance()
	share := float64(g.Units()) / float64(n+g.Units())
	parallel.For(len(mean), grain, func(lo, hi int) {
		for p := lo; p < hi; p++ {
			d := added[p] - mean[p]
			mean[p] += float64(share * d)
			variance[p] += float64(share*(spread[p]-variance[p])) + float64(share*(1-share)*d*d)
		}
	})
}
