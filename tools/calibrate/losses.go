package main

import (
	"math"
	"math/rand/v2"
	"strings"

	"github.com/noiseprobe/noiseprobe/analysis"
	"github.com/noiseprobe/noiseprobe/analysis/covariance"
	"github.com/noiseprobe/noiseprobe/analysis/shape"
)

// lossCases have samples whose loss is in proportion to the squared length of their gradients, and know that of the training set.
func lossCases() (all []experiment) {
	for _, l := range []law{gaussian, t5, logNormal(1), few(0.01, 0.73)} {
		for _, n := range []int{64, 128, 512} {
			all = append(all, lossCase(l.of(parameters, n, 6), n))
		}
	}
	return all
}

func lossCase(l law, n int) experiment {
	return experiment{
		section: sectionLoss, data: l.name, n: n, share: 0.5,
		targets: append(statements("withheld by the gradients", "withheld by the loss"), interval(covariance.KeyTraceUnbiased, l.trace())),
		read: func(rng *rand.Rand) []reading {
			u := l.units(rng, n)
			u.Loss = u.NormSq
			c := analysis.Analyse(u, nil, analysis.Settings{Alpha: math.NaN(), Batch: 20, TrainLoss: l.trace() + l.normSq(), Resamples: shape.FewestResamples}).Checkpoint
			byLoss := strings.HasPrefix(c.NoiseSize.Withheld, "samples of large loss")
			return append(said(c.NoiseSize.Withheld != "" && !byLoss, byLoss), estimated(c.NoiseSize.Trace, c.NoiseSize.TraceCI))
		},
	}
}
