package main

import (
	"fmt"
	"math"
	"math/rand/v2"
	"sync"

	"github.com/noiseprobe/noiseprobe/analysis/enhancement"
	"github.com/noiseprobe/noiseprobe/analysis/optimizer"
	"github.com/noiseprobe/noiseprobe/noise"
	"github.com/noiseprobe/noiseprobe/probe"
)

const (
	settledName  = "f_u, moments settled"
	measuredName = "f of the next update, measured"
	// updateBatch is B of settled moments. With the variances 1/(4k) of a minibatch and the mean updateMean, noise dominates along some
	// parameters and the gradient along others.
	updateBatch, updateMean = 4, 0.2
)

func updateCases() (all []experiment) {
	for _, l := range []law{gaussian, t5, logNormal(0.5), logNormal(1), few(0.01, 0.73)} {
		for _, n := range []int{64, 128, 512} {
			all = append(all, settledCase(l, n))
		}
	}
	return append(append(all, nextUpdateCases(gaussian)...), nextUpdateCases(t5)...)
}

// adam is a state of Adam after many steps of plain SGD at these means and variances of a minibatch.
func adam(l law, batch float64) *probe.Optimizer {
	o := &probe.Optimizer{Name: "adam", Step: 1000, LearningRate: 0.001, Beta1: 0.9, Beta2: 0.999, Epsilon: 1e-8}
	correction := 1 - math.Pow(o.Beta2, float64(o.Step))
	for k := range l.p {
		mean := float32(l.mean)
		o.M, o.Gradient = append(o.M, mean), append(o.Gradient, mean)
		o.V = append(o.V, float32(correction*(l.mean*l.mean+l.variance(k)/batch)))
	}
	return o
}

// settledCase holds n units of no finite population against the closed form of settled moments.
func settledCase(l law, n int) experiment {
	l.p, l.mean = parameters, updateMean
	o := adam(l, updateBatch)
	settings := optimizer.Settings{Alpha: alpha, Batch: updateBatch, Eigenvalues: 1, MetricUnits: 64} // of the spectrum, which has no row here
	f, noise, plain, frozen := noise.Factor(alpha), 0.0, 0.0, 0.0
	for k, d := range o.Metric() {
		s, square := l.variance(k)/updateBatch, l.mean*l.mean
		noise += f * s / (square + f*s)
		plain += s / (square + s)
		frozen += o.Rate() * o.Rate() * d * d * l.variance(k)
	}
	bar := barredIf(l.length.square == nil)
	return experiment{
		section: sectionUpdates, data: l.name, n: n, share: 1,
		targets: []target{bar(settledName, noise/plain), bar(optimizer.KeyUpdateTrace, frozen)},
		read: func(rng *rand.Rand) []reading {
			g := &probe.Gradients{Layers: []probe.Layer{probe.NewDense("all", n, l.p, l.rows(rng, n))}}
			a, err := optimizer.Analyse(g, o, settings)
			if err != nil {
				panic("calibrate: " + err.Error()) // gradients in memory
			}
			u := a.Row(optimizer.Stationary, enhancement.ArmNE)
			return []reading{estimated(u.Ratio, u.CI), estimated(a.UpdateTraceOneSample, a.CI[optimizer.KeyUpdateTrace])}
		},
	}
}

// adamSet is a training set of a network that Adam trains.
type adamSet struct {
	trainingSet
	*probe.Optimizer
}

// UpdateTo is Adam's next step.
func (s adamSet) UpdateTo(dst, gradient []float32) bool {
	t := float64(s.Step + 1)
	for p, g := range gradient {
		x := float64(g)
		m := (s.Beta1*float64(s.M[p]) + (1-s.Beta1)*x) / (1 - math.Pow(s.Beta1, t))
		v := (s.Beta2*float64(s.V[p]) + (1-s.Beta2)*x*x) / (1 - math.Pow(s.Beta2, t))
		dst[p] = float32(-s.LearningRate * m / (math.Sqrt(v) + s.Epsilon))
	}
	return true
}

// nextUpdateCases measure the noise of the next update over pairs of minibatches of one training set, against many more of them.
func nextUpdateCases(l law) (all []experiment) {
	const batch, many = 100, 8192
	l.p, l.mean = 30, updateMean/5
	set := adamSet{l.fixedSet(population), adam(l, batch)}
	measured := func(draws int, seed uint64) [2]*optimizer.Update {
		n := &optimizer.Noise{}
		n.AddDirect(draw(set, probe.Plan{Draws: draws, Batch: batch, Alpha: alpha, Pairing: noise.Independent, Seed: seed}))
		return [2]*optimizer.Update{n.Row(optimizer.Direct, enhancement.ArmNE), n.Row(optimizer.Direct, enhancement.ArmEffective)}
	}
	truth := sync.OnceValue(func() [2]*optimizer.Update { return measured(many, 1) })
	for _, draws := range []int{16, 64, 256} {
		all = append(all, experiment{
			section: sectionUpdates, data: fmt.Sprintf("%s, direct, B = %d", l.name, batch), n: draws, share: 1,
			targets: []target{barred(measuredName, 0), barred(measuredName+", by SGD at B_eff", 0)},
			read: func(rng *rand.Rand) (readings []reading) {
				for i, u := range measured(draws, rng.Uint64()) {
					readings = append(readings, against(u.Ratio, u.CI, float64(truth()[i].Ratio)))
				}
				return readings
			},
		})
	}
	return all
}
