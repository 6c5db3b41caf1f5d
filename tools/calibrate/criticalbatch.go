package main

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/noiseprobe/noiseprobe/analysis/criticalbatch"
	"github.com/noiseprobe/noiseprobe/analysis/estimate"
)

// branches are made-up runs at several batch sizes, whose steps follow the law with log-normal errors.
type branches struct {
	batches  []int
	seeds    int
	critical float64 // 0 and infinite for a law without one
	spread   float64 // of log S over seeds, at B = 256
	falling  float64 // the spread goes as B^-falling
	misfit   float64 // standard deviation of what every batch size has off the law
}

var (
	manyBatches = []int{32, 64, 128, 256, 512, 1024, 2048}
	fewBatches  = []int{64, 256, 1024, 4096}
)

const fewestSteps = 100 // S_min

// criticalBatchCases have a critical batch size within the range, and none.
func criticalBatchCases() (all []experiment) {
	for _, b := range []branches{
		{batches: manyBatches, seeds: 3, critical: 300, spread: 0.03}, {batches: manyBatches, seeds: 3, critical: 300, spread: 0.2},
		{batches: manyBatches, seeds: 3, critical: 300, spread: 0.1, falling: 0.3}, {batches: manyBatches, seeds: 1, critical: 300, spread: 0.1},
		{batches: manyBatches, seeds: 3, critical: 300, spread: 0.03, misfit: 0.05}, {batches: manyBatches, seeds: 2, critical: 300, spread: 0.1, misfit: 0.1},
		{batches: fewBatches, seeds: 3, critical: 300, spread: 0.1},
		{batches: fewBatches, seeds: 2, critical: 300, spread: 0.1}, {batches: fewBatches[:3], seeds: 3, critical: 300, spread: 0.1},
	} {
		all = append(all, b.fitted(), b.judged())
	}
	for _, critical := range []float64{0, math.Inf(1)} {
		for _, spread := range []float64{0.03, 0.2} {
			all = append(all, branches{batches: manyBatches[:5], seeds: 3, critical: critical, spread: spread}.judged())
		}
	}
	return all
}

func (b branches) name() string {
	kind := fmt.Sprintf("B_crit %g, B %d to %d, spread %g", b.critical, b.batches[0], b.batches[len(b.batches)-1], b.spread)
	if b.falling > 0 {
		kind += " falling with B"
	}
	if b.misfit > 0 {
		kind += fmt.Sprintf(", off the law by %g", b.misfit)
	}
	return kind
}

// n is the number of runs.
func (b branches) n() int { return len(b.batches) * b.seeds }

func (b branches) fitted() experiment {
	return experiment{
		section: sectionCriticalBatch, data: b.name(), n: b.n(), share: 2,
		targets: []target{barred("B_crit", b.critical), barred("S_min", fewestSteps), barred("E_min", fewestSteps*b.critical)},
		read: func(rng *rand.Rand) []reading {
			f := b.fit(rng)
			return []reading{estimated(f.CriticalBatch, f.CI), estimated(f.SMin, f.SMinCI), estimated(f.EMin, f.EMinCI)}
		},
	}
}

func (b branches) judged() experiment {
	return experiment{
		section: sectionCriticalBatch, data: b.name(), n: b.n(), share: 2, targets: statements("measured", "above", "below", "law rejected"),
		read: func(rng *rand.Rand) []reading {
			f := b.fit(rng)
			return said(f.Verdict == criticalbatch.Measured, f.Where == criticalbatch.Above, f.Where == criticalbatch.Below, f.LackOfFit < 1-estimate.Level)
		},
	}
}

func (b branches) fit(rng *rand.Rand) criticalbatch.Fit {
	var rows []criticalbatch.Row
	for _, batch := range b.batches {
		off := b.misfit * rng.NormFloat64()
		steps := fewestSteps * (1 + b.critical/float64(batch))
		if math.IsInf(b.critical, 1) {
			steps = 1e6 / float64(batch)
		}
		spread := b.spread * math.Pow(float64(batch)/256, -b.falling)
		for seed := range b.seeds {
			s := estimate.Number(steps * math.Exp(off+spread*rng.NormFloat64()))
			rows = append(rows, criticalbatch.Row{Alpha: 1, Batch: batch, Seed: uint64(seed), Steps: s, Samples: s * estimate.Number(batch)})
		}
	}
	return criticalbatch.Of(rows)
}
