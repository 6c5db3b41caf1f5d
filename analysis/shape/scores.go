package analysis

import (
	"math"

	"github.com/noiseprobe/noiseprobe/analysis/normality"
	"github.com/noiseprobe/noiseprobe/internal/eigen"
	"github.com/noiseprobe/noiseprobe/probe"
)

// scores are projections onto the leading eigenvectors of the chosen units' covariance, a slice an eigenvector.
type scores struct {
	chosen, judged [][]float64
}

// leadingScores projects both halves. With V, lambda an eigenpair of the centred Gram matrix of the chosen units the direction is
// sum_i V_i (g_i - mean) / sqrt(lambda), and V is orthogonal to 1, so that the projection of a chosen unit is sqrt(lambda) V_i, and
// that of another one, j, is sum_i V_i G_ij / sqrt(lambda).
func leadingScores(u *probe.Units, chosen, judged []int) (s scores) {
	n := len(chosen)
	if n < 2 {
		return s
	}
	gram := make([]float64, 0, n*n)
	for _, i := range chosen {
		row := u.Centred[i*u.N : (i+1)*u.N]
		for _, j := range chosen {
			gram = append(gram, row[j])
		}
	}
	doubleCentre(n, gram)
	values, vectors, ok := eigen.Vectors(n, min(pursuitDirections, n), gram)
	if !ok {
		return s
	}
	for k, value := range values {
		if !(value > 1e-9*values[0]) {
			break
		}
		own, p := make([]float64, n), make([]float64, len(judged))
		for a, i := range chosen {
			own[a] = vectors[k*n+a] * math.Sqrt(value)
			c, row := vectors[k*n+a]/math.Sqrt(value), u.Centred[i*u.N:(i+1)*u.N]
			for b, j := range judged {
				p[b] += c * row[j]
			}
		}
		s.chosen, s.judged = append(s.chosen, own), append(s.judged, p)
	}
	return s
}

// pursue seeks the least Gaussian direction among the combinations of the eigenvectors on the chosen half; nil where there are
// fewer than two eigenvectors, or too few units.
func (s scores) pursue(root uint64) *normality.Pursuit {
	if len(s.chosen) < 2 {
		return nil
	}
	p := normality.PursueApart(rowsOf(s.chosen), rowsOf(s.judged), root)
	if p.Reason != "" {
		return nil
	}
	return &p
}

// rowsOf has a row a unit.
func rowsOf(columns [][]float64) normality.Rows {
	n, d := len(columns[0]), len(columns)
	r := normality.Rows{N: n, D: d, X: make([]float64, n*d)}
	for k, column := range columns {
		for i, v := range column {
			r.X[i*d+k] = v
		}
	}
	return r
}

// along is the judged half along a combination of the eigenvectors.
func (s scores) along(direction []float64) []float64 {
	out := make([]float64, len(s.judged[0]))
	for k, column := range s.judged {
		for j, v := range column {
			out[j] += direction[k] * v
		}
	}
	return out
}
