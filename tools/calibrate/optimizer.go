package main

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/noiseprobe/noiseprobe/analysis/enhancement"
	"github.com/noiseprobe/noiseprobe/analysis/optimizer"
	"github.com/noiseprobe/noiseprobe/noise"
	"github.com/noiseprobe/noiseprobe/probe"
)

// optimizerCases measure f_u of Adam from gradients of many scales.
func optimizerCases() (all []experiment) {
	for _, sigma := range []float64{0, 0.5, 1} {
		for _, n := range []int{64, 128, 256} {
			all = append(all, updateCase(n, sigma))
		}
	}
	return all
}

// updateCase has 40 parameters, whose noise and mean gradient have many scales, at alpha = 2 and minibatches of 4, drawn with replacement:
//
//	f_u = sum f s / (mu^2 + f s) over sum s / (mu^2 + s),    s the variance of the noise of a minibatch, f = 5
func updateCase(n int, sigma float64) experiment {
	const p, batch, f = 40, 4, 5.0
	o := &probe.Optimizer{Name: "adam", Step: 1000, LearningRate: 1e-3, Beta1: 0.9, Beta2: 0.999, Epsilon: 1e-8,
		M: make([]float32, p), V: make([]float32, p), Gradient: make([]float32, p)}
	deviation, enhanced, plain := make([]float64, p), 0.0, 0.0
	for j := range deviation {
		deviation[j] = math.Exp(float64(j%7) - 3)
		mu, s := 0.3*math.Exp(float64(j%5)-2), deviation[j]*deviation[j]/batch
		o.Gradient[j], o.V[j] = float32(mu), float32(mu*mu+s)
		enhanced, plain = enhanced+f*s/(mu*mu+f*s), plain+s/(mu*mu+s)
	}
	return experiment{
		section: sectionOptimizer, data: fmt.Sprintf("log-normal lengths, sigma %g", sigma), n: n, share: 0.5, targets: []target{barred("f_u", enhanced/plain)},
		read: func(rng *rand.Rand) []reading {
			rows := make([]float64, 0, n*p)
			for range n {
				length := math.Exp(sigma*rng.NormFloat64() - sigma*sigma) // of mean square 1
				for j, d := range deviation {
					rows = append(rows, float64(o.Gradient[j])+length*d*rng.NormFloat64())
				}
			}
			g := &probe.Gradients{Layers: []probe.Layer{probe.NewDense("all", n, p, rows)}}
			found, err := optimizer.Analyse(g, o, optimizer.Settings{Alpha: 2, Batch: batch, Pairing: noise.Replacement, Eigenvalues: 1})
			if err != nil {
				panic("calibrate: " + err.Error()) // gradients in memory fail at nothing
			}
			u := found.Row(optimizer.Stationary, enhancement.ArmNE)
			return []reading{estimated(u.Ratio, u.CI)}
		},
	}
}
