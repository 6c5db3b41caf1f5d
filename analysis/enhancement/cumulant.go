package enhancement

import (
	"math"

	"github.com/noiseprobe/noiseprobe/noise"
)

// cumulantsOf are the cumulants of order 2, 3 and 4 of the given central moments:
//
//	mu_2,  mu_3,  mu_4 - 3 mu_2^2
func cumulantsOf(m noise.CentralMoments) [3]float64 {
	return [3]float64{m.Mu2, m.Mu3, m.Mu4 - 3*m.Mu2*m.Mu2}
}

// kStatistics are Fisher's k-statistics of order 2, 3 and 4 of x, unbiased for the cumulants, with infinitesimal jackknife
// standard errors: sd(psi)/sqrt(n) (divisor n-1) of the influence of each value, with d its distance from the mean and m_r the central
// moments,
//
//	psi_2 = d^2 - m_2,   psi_3 = d^3 - m_3 - 3 m_2 d,   psi_4 = d^4 - m_4 - 4 m_3 d - 6 m_2 (d^2 - m_2)
//
// They are undefined for fewer than 2, 3 and 4 values. Source: Jaeckel, The infinitesimal jackknife (1972); Kendall and
// Stuart, The advanced theory of statistics, chapter 12.
func kStatistics(x []float64) [3]quantity {
	p := noise.NewPopulation(x)
	k2, k3, k4, _ := p.KStatistics()
	mean, n := meanOf(x).value, float64(len(x))
	var squares [3]float64
	for _, v := range x {
		d := v - mean
		sq := d * d
		psi := [3]float64{sq - p.C2, d*sq - p.C3 - 3*p.C2*d, sq*sq - p.C4 - 4*p.C3*d - 6*p.C2*(sq-p.C2)}
		for i, v := range psi {
			squares[i] += v * v
		}
	}
	se := func(squares float64) float64 { return math.Sqrt(squares / (n - 1) / n) }
	return [3]quantity{{k2, se(squares[0]), n - 1}, {k3, se(squares[1]), n - 1}, {k4, se(squares[2]), n - 1}}
}
