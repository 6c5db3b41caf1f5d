package analysis

import (
	"fmt"
	"math"

	"github.com/noiseprobe/noiseprobe/analysis/estimate"
	"github.com/noiseprobe/noiseprobe/probe"
	"gonum.org/v1/gonum/stat"
)

// Recorded samples are unlike the training set if its mean loss is above theirs by so many of their standard errors, and so many times as large. Of
// 64 samples with losses from an exponential law that is so in 0.3%, from log-normal laws with sigma 1 and 1.5 in 1 and 4%, and where 1% of the samples
// have a loss a hundred times as large in 50%, nearly all of those without any of these (docs/calibration.md has the same with gradients).
const (
	unlikeErrors = 4
	unlikeRatio  = 1.25
)

// unlike says why recorded samples cannot stand for the training set: its loss is larger than theirs by more than chance, so that samples of large
// loss are missing among them, and large gradients with these. That is all that recorded samples can show of samples that were not recorded. It is
// empty where there is no such sign, and where units are not samples of the network as it is trained, since their losses are different ones.
func (s Settings) unlike(u *probe.Units) estimate.Reason {
	if s.Frozen || u.UnitSize > 1 || len(u.Loss) < 2 || !(s.TrainLoss > 0) || math.IsInf(s.TrainLoss, 0) || u.N == u.Population {
		return estimate.Reason{}
	}
	mean, sd := stat.MeanStdDev(u.Loss, nil)
	if s.TrainLoss <= mean+unlikeErrors*sd/math.Sqrt(float64(u.N)) || s.TrainLoss <= unlikeRatio*mean {
		return estimate.Reason{}
	}
	why := estimate.Reason{Why: fmt.Sprintf("samples of large loss are missing among the %d recorded ones, whose mean loss is %.3g, while that of the training set is %.3g",
		u.N, mean, s.TrainLoss)}
	if u.Population > 0 {
		why.Remedy, why.Needs.Units = fmt.Sprintf("all %d would do", u.Population), u.Population
	}
	return why
}
