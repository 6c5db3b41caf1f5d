package covariance

import (
	"math"
	"math/rand/v2"

	"github.com/noiseprobe/noiseprobe/analysis/estimate"
	"github.com/noiseprobe/noiseprobe/probe"
)

// rows are gradients, one a unit.
type rows [][]float64

func (g rows) units() *probe.Units {
	n, p := len(g), len(g[0])
	flat := make([]float64, 0, n*p)
	for _, row := range g {
		flat = append(flat, row...)
	}
	return (&probe.Gradients{Layers: []probe.Layer{probe.NewDense("all", n, p, flat)}}).Reduce(nil)
}

// mapped applies do to a copy of every row.
func (g rows) mapped(do func([]float64) []float64) rows {
	out := make(rows, len(g))
	for i, row := range g {
		out[i] = do(append([]float64(nil), row...))
	}
	return out
}

// law is a Gaussian with the covariance diag(eigenvalues) and the mean gradient (m, ..., m).
type law struct {
	mean        float64
	eigenvalues []float64
}

// powerLaw has the eigenvalues k^-exponent, k = 1 to p.
func powerLaw(p int, exponent, mean float64) law {
	l := law{mean: mean}
	for k := range p {
		l.eigenvalues = append(l.eigenvalues, math.Pow(float64(k+1), -exponent))
	}
	return l
}

// draw makes n gradients; scale multiplies the noise of each.
func (l law) draw(rng *rand.Rand, n int, scale func() float64) rows {
	g := make(rows, n)
	for i := range g {
		s := scale()
		for _, v := range l.eigenvalues {
			g[i] = append(g[i], l.mean+s*math.Sqrt(v)*rng.NormFloat64())
		}
	}
	return g
}

func (l law) gaussian(rng *rand.Rand, n int) rows {
	return l.draw(rng, n, func() float64 { return 1 })
}

func (l law) trace() float64  { return estimate.Sum(l.eigenvalues) }
func (l law) normSq() float64 { return l.mean * l.mean * float64(len(l.eigenvalues)) }
func (l law) rank() float64   { return participation(l.eigenvalues) }
