package identity

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/noiseprobe/noiseprobe/internal/parallel"
	"github.com/noiseprobe/noiseprobe/internal/seed"
	"github.com/noiseprobe/noiseprobe/noise"
)

const stableDraws = 4096 // a block

// stable checks the scale of symmetric s-stable noise under NE: exp of the mean logarithm of |alpha x + (1-alpha) x'| over |x|. A
// root mean square would show the exponent 2 for any data, and does not converge below it.
func (v *verification) stable() (checks []Check) {
	for _, s := range []float64{0.8, 1, 1.5, 2} {
		logs := make([]float64, blocks)
		draws := v.draws(stableDraws, 64)
		parallel.For(blocks, 1, func(lo, hi int) {
			x, prime, ne := make([]float32, draws), make([]float32, draws), make([]float32, draws)
			for block := lo; block < hi; block++ {
				rng := seed.New(v.root, fmt.Sprint("stable ", s), uint64(block))
				for k := range x {
					x[k], prime[k] = float32(symmetricStable(rng, s)), float32(symmetricStable(rng, s))
				}
				noise.CombineTo(ne, alpha, x, prime)
				for k := range x {
					logs[block] += math.Log(math.Abs(float64(ne[k])/float64(x[k]))) / float64(draws)
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
	return math.Sin(s*u) / math.Pow(math.Cos(u), 1/s) * math.Pow(math.Cos((1-s)*u)/e, (1-s)/s)
}
