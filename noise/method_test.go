package noise_test

import (
	"math"
	"testing"

	"github.com/noiseprobe/noiseprobe/noise"
)

// Weights add up to 1 and have the same sum of squares, for any alpha that a method has.
func TestMethodsHaveTheSameCovariance(t *testing.T) {
	for _, alpha := range []float64{1, 1.5, 2, -0.7, 5} {
		for _, m := range []noise.Method{noise.NE, noise.LargeNoise} {
			w := m.MinibatchWeights(alpha)
			near(t, "sum", noise.CumulantFactor(w, 1), 1, 1e-12)
			near(t, "f", noise.CumulantFactor(w, 2), noise.Factor(alpha), 1e-12)
		}
		near(t, "third cumulant of large noise", noise.CumulantFactor(noise.LargeNoise.MinibatchWeights(alpha), 3), 1, 1e-12)
		near(t, "third cumulant of NE", noise.CumulantFactor(noise.NE.MinibatchWeights(alpha), 3), noise.PowerSum(alpha, 3), 1e-12)
	}
	if c := noise.LargeNoiseWeight(0.5); !math.IsNaN(c) {
		t.Errorf("c = %g at f < 1", c)
	}
}

// The closed forms are those of the weights of every past gradient in u, written out: u_t = sum_j h_j g_(t-j).
func TestPNMUpdate(t *testing.T) {
	for _, p := range []noise.PNMUpdate{{Beta: 0.9, Alpha: 2}, {Beta: 0.9, Alpha: 1}, {Beta: 0, Alpha: 1.5}, {Beta: 0.5, Alpha: -0.5}} {
		h := make([]float64, 800)
		q, weight := p.Beta*p.Beta, 1-p.Beta*p.Beta
		for j := 0; j+1 < len(h); j += 2 {
			h[j], h[j+1] = weight*p.Alpha*p.Mean(), weight*(1-p.Alpha)*p.Mean()
			weight *= q
		}
		sum := 0.0
		for _, v := range h {
			sum += v
		}
		near(t, "mean", sum, p.Mean(), 1e-12)
		near(t, "long run", sum*sum, p.LongRun(), 1e-12)
		for r := 2; r <= 4; r++ {
			near(t, "cumulant", noise.CumulantFactor(h, r), p.Cumulant(r), 1e-12)
		}
		total := 0.0
		for k := range 400 {
			lag := 0.0
			for j := 0; j+k < len(h); j++ {
				lag += h[j] * h[j+k]
			}
			if k < 5 {
				near(t, "lag", lag, p.Lag(k), 1e-12)
			}
			total += p.Lag(k) * map[bool]float64{true: 1, false: 2}[k == 0]
		}
		near(t, "sum over lags", total, p.LongRun(), 1e-12)
	}
}
