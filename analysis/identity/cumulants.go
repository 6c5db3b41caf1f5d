package identity

import (
	"fmt"
	"math"

	"github.com/noiseprobe/noiseprobe/analysis/normality"
	"github.com/noiseprobe/noiseprobe/internal/parallel"
	"github.com/noiseprobe/noiseprobe/internal/seed"
	"github.com/noiseprobe/noiseprobe/noise"
)

// Cumulants are checked at B = 5, where B_eff = 2 for alpha = 1.5, with replacement from 64 samples. They are checked at alpha = 0.6 too,
// since at 1.5 one of the two minibatches hardly contributes to the fourth cumulant.
const (
	cumulantSamples   = 64
	cumulantBatch     = 5
	cumulantEffective = 2
	cumulantDraws     = 16384 // a block
	averaging         = 0.6
)

// blockCumulants are the k-statistics of order 2 to 4 of each block. They are unbiased for every distribution.
type blockCumulants [3][]float64

// cumulants checks the cumulants of order 3 and 4 for i.i.d. draws, and skewness and kurtosis of NE against those of SGD with the same
// covariance.
func (v *verification) cumulants() []Check {
	x := clumps(seed.New(v.root, "population/cumulants"), cumulantSamples)
	c := noise.NewPopulation(x)
	ne, averaged, sgd := v.drawCumulants(x)
	kappa := [3]float64{c.C2, c.C3, c.C4 - float64(3*c.C2*c.C2)}
	var checks []Check
	for _, arm := range []struct {
		alpha float64
		got   blockCumulants
	}{{alpha, ne}, {averaging, averaged}} {
		for r := 2; r <= 4; r++ {
			want := v.want.powerSum(arm.alpha, r) * kappa[r-2] / math.Pow(cumulantBatch, float64(r-1))
			checks = append(checks, mean(fmt.Sprintf("cumulant of order %d, i.i.d. draws, alpha %g", r, arm.alpha), want, arm.got[r-2]))
		}
	}
	// At equal covariance the ratio of skewnesses is that of third cumulants, and the ratio of excess kurtoses that of fourth ones.
	return append(checks,
		ratio("variance of NE over that of SGD at B_eff, i.i.d. draws", 1, ne[0], sgd[0]),
		ratio("skewness ratio at equal covariance, i.i.d. draws", v.want.skewness(alpha), ne[1], sgd[1]),
		ratio("kurtosis ratio at equal covariance, i.i.d. draws", v.want.kurtosis(alpha), ne[2], sgd[2]))
}

// drawCumulants draws NE at both values of alpha from the same minibatches, and SGD at B_eff from others.
func (v *verification) drawCumulants(x []float64) (ne, averaged, sgd blockCumulants) {
	arms := [3]*blockCumulants{&ne, &averaged, &sgd}
	for _, arm := range arms {
		for r := range arm {
			arm[r] = make([]float64, blocks)
		}
	}
	draws := v.draws(cumulantDraws, 256)
	parallel.For(blocks, 1, func(lo, hi int) {
		counts := make([]float64, len(x))
		y := [3][]float64{make([]float64, draws), make([]float64, draws), make([]float64, draws)}
		for block := lo; block < hi; block++ {
			rng := seed.New(v.root, "cumulants", uint64(block))
			minibatch := func(batch int) float64 {
				noise.Counts(rng, batch, counts)
				return weighted(x, counts) / float64(batch)
			}
			for k := range draws {
				g, other := minibatch(cumulantBatch), minibatch(cumulantBatch)
				y[0][k], y[1][k] = float64(alpha*g)+float64((1-alpha)*other), float64(averaging*g)+float64((1-averaging)*other)
				y[2][k] = minibatch(cumulantEffective)
			}
			for arm := range arms {
				arms[arm].set(block, y[arm])
			}
		}
	})
	return ne, averaged, sgd
}

func weighted(x, counts []float64) float64 {
	sum := 0.0
	for i, c := range counts {
		sum += float64(c * x[i])
	}
	return sum
}

// set stores the k-statistics of a block's draws: G1 and G2 are those of order 3 and 4, divided by powers of that of order 2, which is the
// variance with divisor n-1.
func (c *blockCumulants) set(block int, y []float64) {
	m := normality.Describe(y)
	k2 := float64(m.Variance)
	c[0][block] = k2
	c[1][block] = float64(m.Skewness.Adjusted) * math.Pow(k2, 1.5)
	c[2][block] = float64(m.ExcessKurtosis.Adjusted) * k2 * k2
}
