package main

import (
	"math"
	"math/rand/v2"
	"strings"

	"github.com/noiseprobe/noiseprobe/analysis/tail"
)

// tailLaws are what `tail` is tried on; an index of 0 stands for a tail that is no power law.
var tailLaws = []struct {
	name  string
	index float64
	draw  func(*rand.Rand) float64
}{
	{"normal", 0, normal},
	{"exponential", 0, exponential},
	{"Pareto, index 1.5", 1.5, func(rng *rand.Rand) float64 { return math.Exp(rng.ExpFloat64() / 1.5) }},
	{"Pareto, index 2", 2, pareto},
	{"Student t3", 3, student(3)},
	{"Student t4", 4, student(4)},
	{"symmetric stable, alpha = 1.5", 1.5, stable(1.5)},
	{"normal, 1% of the values 16 times as large", 0, mixed(0.01, 16)},
	{"normal, 0.5% of the values 20 times as large", 0, mixed(0.005, 20)},
	{"log-normal, sigma 2", 0, func(rng *rand.Rand) float64 { return math.Exp(2 * rng.NormFloat64()) }},
}

// mixed has two lengths, with 0.01 and 16 those of "1% of the units carry 73%": a finite variance, and in the largest values what looks like a heavy tail.
func mixed(share, scale float64) func(*rand.Rand) float64 {
	return func(rng *rand.Rand) float64 {
		if rng.Float64() < share {
			return scale * rng.NormFloat64()
		}
		return rng.NormFloat64()
	}
}

// conclusionCases are what `tail` says without -k: every method at the k that it chooses, and the conclusion.
func conclusionCases() (all []experiment) {
	for _, law := range tailLaws {
		for _, n := range []int{200, 2000} {
			all = append(all, conclusionCase(law.name, law.draw, law.index, n))
		}
	}
	return all
}

// manyCases are the same for as many values as a layer's weights or a training set have.
func manyCases() (all []experiment) {
	for _, law := range tailLaws {
		if strings.HasPrefix(law.name, "normal") || law.index > 0 && law.name != "Pareto, index 1.5" {
			e := conclusionCase(law.name, law.draw, law.index, 20000)
			e.section = sectionMany
			all = append(all, e)
		}
	}
	return all
}

func conclusionCase(name string, draw func(*rand.Rand) float64, index float64, n int) experiment {
	e := experiment{
		section: sectionConclusion, data: name, n: n, share: 0.5,
		targets: statements("heavier", "lighter", "variance finite", "variance infinite"),
	}
	if n > 1000 {
		e.share = 0.2
	}
	if index > 0 {
		for _, m := range methods {
			e.targets = append(e.targets, interval(m.name, index))
		}
	}
	e.read = func(rng *rand.Rand) []reading {
		r := tail.Analyse(sample(rng, n, draw), tail.Settings{Seed: rng.Uint64(), Replicates: -1})
		c := r.Conclusion
		all := said(len(c.Comparison.Heavier) > 0, len(c.Comparison.Lighter) > 0, c.Variance == tail.Finite, c.Variance == tail.Infinite)
		for _, row := range r.Estimates {
			all = append(all, estimated(row.TailIndex, row.CI))
		}
		return all[:len(e.targets)]
	}
	return e
}
