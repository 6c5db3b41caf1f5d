package tail

import (
	"math"

	"github.com/noiseprobe/noiseprobe/internal/parallel"
)

// step is the distance of the points at which the characteristic function is taken.
const step = math.Pi / 50

// stretch is the number of values in each partial sum, so that a sum does not depend on the number of workers.
const stretch = 2048

// characteristic returns phi(j step) for j = 1..count, the mean of exp(i j step z) with z = (x - location)/scale.
func characteristic(x []float64, l law, count int) []complex128 {
	sums := make([]complex128, stretches(len(x))*count)
	eachStretch(x, func(s int, part []float64) {
		sum := sums[s*count : (s+1)*count]
		first, power := units(part, l, step), make([]complex128, len(part))
		copy(power, first)
		for j := range sum {
			for i, v := range power {
				sum[j] += v
				power[i] = v * first[i]
			}
		}
	})
	phi := make([]complex128, count)
	for i, v := range sums {
		phi[i%count] += v / complex(float64(len(x)), 0)
	}
	return phi
}

// meanSquare is the mean of (Re sum_k q_k exp(2i k step z) - centre)^2, k = 1, 2, ...
func meanSquare(x []float64, l law, q []complex128, centre float64) float64 {
	sums := make([]float64, stretches(len(x)))
	eachStretch(x, func(s int, part []float64) {
		for _, w := range units(part, l, 2*step) {
			p := complex(0, 0)
			for k := len(q) - 1; k >= 0; k-- {
				p = (p + q[k]) * w
			}
			d := real(p) - centre
			sums[s] += float64(d * d)
		}
	})
	total := 0.0
	for _, v := range sums {
		total += v / float64(len(x))
	}
	return total
}

// units returns exp(i t z).
func units(x []float64, l law, t float64) []complex128 {
	u := make([]complex128, len(x))
	for i, v := range x {
		sin, cos := math.Sincos(t * ((v - l.location) / l.scale))
		u[i] = complex(cos, sin)
	}
	return u
}

func stretches(n int) int { return (n + stretch - 1) / stretch }

func eachStretch(x []float64, do func(s int, part []float64)) {
	parallel.For(stretches(len(x)), 4, func(lo, hi int) {
		for s := lo; s < hi; s++ {
			do(s, x[s*stretch:min((s+1)*stretch, len(x))])
		}
	})
}
