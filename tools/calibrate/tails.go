package main

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/noiseprobe/noiseprobe/analysis/estimate"
	"github.com/noiseprobe/noiseprobe/analysis/tail"
)

// methods are the tail estimators at a k that the case fixes.
var methods = []struct {
	name   string
	method tail.Method
	bar    bool // 93 to 97% at a fixed k where the law is Pareto
}{
	{"hill", tail.Hill, true},
	{"moment", tail.Moment, true},
	{"pickands", tail.Pickands, false},
	{"kernel", tail.Kernel, false},
	{"gpd", tail.GPD, false},
	{"power-law", tail.PowerLaw, false},
}

// tailCases have the tail index 2: Pareto, where it holds for every value, and Burr, where it holds in the limit, so that the bias
// grows with k/n and no interval knows of it.
func tailCases() (all []experiment) {
	for _, shape := range []struct {
		name string
		draw func(*rand.Rand) float64
	}{{"Pareto", pareto}, {"Burr", burr}} {
		for _, size := range []struct{ n, k int }{{100, 10}, {1000, 32}, {1000, 100}, {10000, 100}} {
			all = append(all, tailCase(shape.name, shape.draw, size.n, size.k))
		}
	}
	return append(all, bandCase(64), bandCase(500), goodnessCase(100), goodnessCase(500))
}

func tailCase(name string, draw func(*rand.Rand) float64, n, k int) experiment {
	e := experiment{section: sectionTail, data: fmt.Sprintf("%s, k = %d", name, k), n: n, share: 2.5}
	for _, m := range methods {
		bar := barredIf(m.bar && name == "Pareto" && k >= 32)
		e.targets = append(e.targets, bar(m.name, 2))
	}
	e.read = func(rng *rand.Rand) (all []reading) {
		x := sample(rng, n, draw)
		for _, m := range methods {
			r := m.method(x, tail.Absolute, k)
			all = append(all, estimated(r.TailIndex, r.CI))
		}
		return all
	}
	return e
}

// bandCase asks how often the band of Gaussian surrogates holds the estimate of a Gaussian sample.
func bandCase(n int) experiment {
	const replicates = 79
	e := experiment{section: sectionTail, data: fmt.Sprintf("normal, %d surrogates, k = %d", replicates, tail.DefaultK(n)), n: n, share: 1}
	for _, m := range methods {
		e.targets = append(e.targets, interval(m.name+" in its surrogate band", 0))
	}
	e.read = func(rng *rand.Rand) (all []reading) {
		x, k := sample(rng, n, normal), tail.DefaultK(n)
		for _, m := range methods {
			band := tail.GaussianBand(x, tail.Absolute, k, m.method, replicates, rng)
			all = append(all, inBand(float64(m.method(x, tail.Absolute, k).Gamma), band.GammaBand))
		}
		return all
	}
	return e
}

// goodnessCase tests power laws for being power laws: the p-value of a bootstrap that fits every sample anew.
func goodnessCase(n int) experiment {
	const replicates = 99
	return experiment{
		section: sectionTail, data: fmt.Sprintf("Pareto, %d replicates of the bootstrap", replicates), n: n, share: 0.25,
		targets: []target{test("power-law goodness of fit")},
		read: func(rng *rand.Rand) []reading {
			s := tail.Settings{K: n / 2, Seed: rng.Uint64(), Replicates: replicates}
			return []reading{tested(tail.Analyse(sample(rng, n, pareto), s).PowerLaw.PValue)}
		},
	}
}

// inBand is the reading that holds 0 where value lies in the band; it is no estimate of anything.
func inBand(value float64, band estimate.Interval) reading {
	return reading{value: math.NaN(), ci: estimate.Interval{Lo: band.Lo - value, Hi: band.Hi - value}}
}

// artefactCase takes sums of blocks of draws of independent coordinates, whose scales have a log-spread of 1.
func artefactCase(name string, draw func(*rand.Rand) float64, alpha float64, draws int) experiment {
	const coordinates = 16
	e := experiment{
		section: sectionStable, data: fmt.Sprintf("%s, %d coordinates of many scales", name, coordinates), n: draws, share: 0.25,
		targets: []target{interval("scale artefact, alpha", alpha)},
	}
	if alpha == 2 {
		e.targets = append(e.targets, interval("scale artefact, difference to Gaussian surrogates", 0))
	}
	e.read = func(rng *rand.Rand) []reading {
		a := tail.ScaleArtefact(scaled(rng, draws, coordinates, draw), rng.Uint64())
		return []reading{estimated(a.Alpha, a.CI), estimated(a.Survives.Difference, a.Survives.CI)}[:len(e.targets)]
	}
	return e
}

// scaled has coordinates whose scales have a log-spread of 1.
func scaled(rng *rand.Rand, draws, coordinates int, draw func(*rand.Rand) float64) tail.Matrix {
	x := make([]float64, draws*coordinates)
	scales := sample(rng, coordinates, func(rng *rand.Rand) float64 { return math.Exp(rng.NormFloat64()) })
	for i := range x {
		x[i] = scales[i%coordinates] * draw(rng)
	}
	return tail.Matrix{Draws: draws, Coordinates: coordinates, Data: x}
}

// stableCases fit symmetric stable laws.
func stableCases() (all []experiment) {
	for _, s := range []float64{1, 1.5, 1.8, 2} {
		for _, n := range []int{100, 1000, 5000} {
			e := experiment{section: sectionStable, data: fmt.Sprintf("symmetric stable, alpha = %g", s), n: n, share: 0.5}
			if n > 1000 {
				e.share = 0.25
			}
			for _, f := range tail.Stable([]float64{1, 2}, 1) {
				e.targets = append(e.targets, interval(f.Method, s))
			}
			e.read = func(rng *rand.Rand) (all []reading) {
				for _, f := range tail.Stable(sample(rng, n, stable(s)), rng.Uint64()) {
					all = append(all, estimated(f.Alpha, f.CI))
				}
				return all
			}
			all = append(all, e)
		}
	}
	return append(all, artefactCase("normal", normal, 2, 256), artefactCase("normal", normal, 2, 1024),
		artefactCase("stable, alpha = 1.5", stable(1.5), 1.5, 256), artefactCase("stable, alpha = 1.5", stable(1.5), 1.5, 1024))
}
