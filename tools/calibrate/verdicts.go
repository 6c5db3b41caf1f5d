package main

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/noiseprobe/noiseprobe/analysis/compare"
	"github.com/noiseprobe/noiseprobe/analysis/enhancement"
	"github.com/noiseprobe/noiseprobe/analysis/estimate"
	"github.com/noiseprobe/noiseprobe/analysis/tail"
)

// exponentVerdictCases read the verdict on the exponent of the scale, of one direction.
func exponentVerdictCases() (all []experiment) {
	for _, law := range []struct {
		name string
		draw func(*rand.Rand) float64
	}{{"Gaussian", normal}, {"stable, s = 1.8", stable(1.8)}, {"stable, s = 1.5", stable(1.5)}} {
		for _, pairs := range []int{64, 512} {
			all = append(all, experiment{
				section: sectionStableVerdict, data: law.name + " pairs", n: pairs, share: 2,
				targets: statements("stable-like", "finite variance", "undecided"),
				read: func(rng *rand.Rand) []reading {
					v := enhancement.Exponent(sample(rng, pairs, law.draw), sample(rng, pairs, law.draw), enhancement.Alphas, 1).Reading()
					return said(v == enhancement.StableLike, v == enhancement.FiniteVariance, v == enhancement.Undecided)
				},
			})
		}
	}
	return all
}

// artefactVerdictCases read the verdict on block sums of 16 coordinates, whose scales have a log-spread of 1.
func artefactVerdictCases() (all []experiment) {
	const coordinates = 16
	for _, law := range []struct {
		name string
		draw func(*rand.Rand) float64
	}{{"normal", normal}, {"Student t5", student(5)}, {"stable, alpha = 1.5", stable(1.5)}} {
		for _, draws := range []int{256, 1024} {
			all = append(all, experiment{
				section: sectionStableVerdict, data: fmt.Sprintf("%s, %d coordinates of many scales", law.name, coordinates), n: draws, share: 1,
				targets: statements("consistent with Gaussian", "lighter", "heavier, not stable", "stable-like", "undecided"),
				read: func(rng *rand.Rand) []reading {
					v := tail.ScaleArtefact(scaled(rng, draws, coordinates, law.draw), rng.Uint64()).Verdict
					return said(v == tail.ConsistentWithGaussian, v == tail.LighterThanGaussian, v == tail.HeavierNotStable, v == tail.StableLike,
						v == tail.HeavierUndecided)
				},
			})
		}
	}
	return all
}

// lossy is a sweep with training losses at the last checkpoint. With z standard normal, for every run,
//
//	log loss = byF log f + 0.3 z,    log tr Sigma = that of the sweep + byLoss log loss
type lossy struct {
	sweep
	byF, byLoss float64
}

// noiseVerdictCases read what `compare` says of tr Sigma at equal B_eff.
func noiseVerdictCases() (all []experiment) {
	even := func(float64) float64 { return 0.1 }
	for _, c := range []lossy{
		{sweep: sweep{name: "d = 0, loss without effect"}},
		{sweep: sweep{name: "d = 0, loss that grows with f and makes tr Sigma"}, byF: 0.5, byLoss: 1},
		{sweep: sweep{name: "d = 0.5, loss without effect", d: 0.5}},
		{sweep: sweep{name: "d = -0.5, loss that grows with f and makes tr Sigma", d: -0.5}, byF: 0.5, byLoss: 1},
	} {
		for _, seeds := range []int{3, 10} {
			c.seeds, c.spread, c.draw = seeds, even, normal
			all = append(all, experiment{
				section: sectionNoiseVerdict, data: c.name, n: seeds, share: 1, targets: statements("stronger", "weaker", "equal", "undecided"),
				read: func(rng *rand.Rand) []reading {
					v := weakNoise(c.compared(rng, c.run)).Verdict
					return said(v == compare.Stronger, v == compare.Weaker, v == compare.Equal, v == compare.Undecided)
				},
			})
		}
	}
	return all
}

func (l lossy) run(rng *rand.Rand, c *compare.Cell, seed uint64, z float64) *compare.Run {
	r := l.sweep.run(rng, c, seed, z)
	logLoss := l.byF*math.Log(c.F()) + 0.3*rng.NormFloat64()
	at := &r.Report.Checkpoints[0]
	at.TrainLoss, at.Covariance.TraceUnbiased = estimate.Number(math.Exp(logLoss)), at.Covariance.TraceUnbiased*estimate.Number(math.Exp(l.byLoss*logLoss))
	return r
}
