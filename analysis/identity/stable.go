package identity

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/noiseprobe/noiseprobe/internal/parallel"
	"github.com/noiseprobe/noiseprobe/internal/seed"
	"github.com/noiseprobe/noiseprobe/noise"
)

const stableDraws = 2048 // a block

// stable checks the scale of symmetric s-stable noise under NE: exp of the mean logarithm of |alpha x + (1-alpha) x'| / |x|. A root mean
// square would give the exponent 2 for any data, and does not converge for s < 2.
func (v *verification) stable() (checks []Check) {
	for _, s := range []float64{0.8, 1, 1.5, 2} {
		logs := make([]float64, blocks)
		draws := v.draws(stableDraws, 64)
		parallel.For(blocks, 1, func(lo, hi int) {
			w, wPrime := noise.Weights(alpha, 1)
			for block := lo; block < hi; block++ {
				rng := seed.New(v.root, fmt.Sprint("stable ", s), uint64(block))
				for range draws {
					// In float64: in float32 the two terms cancel to exactly 0, which has no logarithm, once in about ten million draws.
					x := symmetricStable(rng, s)
					logs[block] += math.Log(math.Abs((float64(w*x)+float64(wPrime*symmetricStable(rng, s)))/x)) / float64(draws)
				}
			}
		})
		checks = append(checks, logMean(fmt.Sprintf("stable noise, s = %g: scale", s), v.want.stable(alpha, s), logs))
	}
	return checks
}

// symmetricStable draws from the symmetric stable law with index s, 0 < s <= 2 (Chambers, Mallows and Stuck, 1976): with U
// uniform on (-pi/2, pi/2) and E exponential
//
//	sin(s U) / cos(U)^(1/s) (cos((1-s) U) / E)^((1-s)/s)
func symmetricStable(rng *rand.Rand, s float64) float64 {
	u, e := math.Pi*(rng.Float64()-0.5), rng.ExpFloat64()
	for e == 0 { // once in 2^32 draws
		e = rng.ExpFloat64()
	}
	return math.Sin(s*u) / math.Pow(math.Cos(u), 1/s) * math.Pow(math.Cos((1-s)*u)/e, (1-s)/s)
}
