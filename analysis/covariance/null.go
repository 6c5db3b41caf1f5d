package covariance

import (
	"math"

	"github.com/noiseprobe/noiseprobe/analysis/estimate"
	"github.com/noiseprobe/noiseprobe/internal/parallel"
	"github.com/noiseprobe/noiseprobe/probe"
)

// null is noise without outstanding directions: gradients sqrt(t_i) sqrt(d_k) z_ik with independent z of mean 0 and variance 1. Every
// parameter has its own variance d_k and, unless all t_i are 1, every unit its own squared length t_i.
//
// For many units and parameters the spectrum of its covariance S ends at an edge. With t = 1 it follows the generalised law of
// Marchenko and Pastur (Silverstein and Choi, 1995), otherwise that of a separable covariance (Paul and Silverstein, 2009; Couillet
// and Hachem, 2014). The support ends at the smallest z(c) over 0 < c < 1/max d:
//
//	b(c) = (1/nu) sum_k d_k / (1 - c d_k),    (1/n) sum_i t_i / (z - t_i b) = c
//
// For t = 1 this is z = 1/c + b(c). Gradients are centred, so that nu = n-1. The d_k and S both have the divisor n: the variances of the
// law are n/nu times these d_k, and the eigenvalues of S are nu/n times those with divisor nu, so that the two factors cancel.
type null struct {
	diagonal []probe.Variances
	lengths  []float64 // of mean 1
	nu       float64
	largest  float64 // d
}

// equalLengths is for units that all have the same distribution.
var equalLengths = []float64{1}

// unitLengths are |g_i - gbar|^2 over their mean; nil if that is 0.
func unitLengths(u *probe.Units) []float64 {
	mean := u.Trace()
	if !(mean > 0) {
		return nil
	}
	lengths := make([]float64, u.N)
	for i := range lengths {
		lengths[i] = u.Centred[i*u.N+i] / mean
	}
	return lengths
}

// nullEdge is the 95% quantile of the largest eigenvalue of S under the null, in the limit of many units and parameters: the edge plus
// the fluctuation of the largest eigenvalue about it, which follows the law of Tracy and Widom (Lee and Schnelli, 2016). It is NaN
// where the variances are unknown or all 0.
//
// The variances are those of the sample. Their sampling errors widen their distribution and are correlated with the largest eigenvalue,
// so that the edge errs to the high side. For parameters with the standard deviations exp(s z), this is the share of Gaussian null
// samples that have an eigenvalue above the edge, and the 95% quantile of the largest eigenvalue over the edge; in brackets for the edge
// of units with their own lengths:
//
//	n = 64, P = 400, s = 0      0.7% (0.3%) of 1000    0.98 (0.97)
//	n = 256, P = 2000, s = 0                           1.00 (0.99)
//	n = 64, P = 400, s = 0.5                           0.85 (0.85)
//	n = 64, P = 400, s = 1      none of 1000           0.79 (0.76)
//	n = 128, P = 2000, s = 1                           0.89 (0.88)
func nullEdge(u *probe.Units, lengths []float64) float64 {
	l := null{diagonal: u.Diagonal, lengths: lengths, nu: float64(u.N - 1)}
	for _, v := range u.Diagonal {
		l.largest = max(l.largest, v.Variance)
	}
	if !(l.largest > 0) || lengths == nil {
		return math.NaN()
	}
	edge, width := l.edge()
	return edge + float64(tracyWidom*width)
}

// tracyWidom is the 95% quantile of the Tracy-Widom law of real matrices (Johnstone, 2001, Table 1: 0.98).
const tracyWidom = 0.9793

// edge returns the end of the support, and the scale of the largest eigenvalue's fluctuation there.
//
// With w_i = 1/(z - t_i b), the first and second derivative b1, b2 of b, and
//
//	S_1 = (1/n) sum t_i w_i^2,    S_2 = (1/n) sum t_i^2 w_i^2,    S_3 = (1/n) sum t_i^3 w_i^3
//
// the slope of z(c) is (b1 S_2 - 1)/S_1, where b1 S_2 grows with c from 0 to infinity: there is one minimum, and the second
// derivative there is (b2 S_2 + 2 b1^2 S_3)/S_1. The density ends as (kappa/pi) sqrt(edge - x), kappa = b1 S_1 sqrt(2 over that
// derivative), and the fluctuation has the scale (nu kappa)^(-2/3).
func (l null) edge() (edge, width float64) {
	lo, hi := 0.0, 1.0
	for range 60 {
		mid := (lo + hi) / 2
		if l.at(mid/l.largest).slope() < 0 {
			lo = mid
		} else {
			hi = mid
		}
	}
	p := l.at((lo + hi) / 2 / l.largest)
	curvature := (float64(p.b2*p.s2) + float64(2*p.b1*p.b1*p.s3)) / p.s1
	kappa := p.b1 * p.s1 * math.Sqrt(2/curvature)
	return p.z, math.Pow(l.nu*kappa, -2.0/3)
}

// place holds z(c) and what its derivatives are computed from.
type place struct {
	b, b1, b2 float64 // b and its derivatives with respect to c
	z         float64
	s1, s2    float64
	s3        float64
}

// slope has the sign of z'.
func (p place) slope() float64 { return float64(p.b1*p.s2) - 1 }

func (l null) at(c float64) (p place) {
	for _, v := range l.diagonal {
		count, q := float64(v.Parameters)/l.nu, v.Variance/(1-float64(c*v.Variance))
		p.b += float64(count * q)
		p.b1 += float64(count * q * q)
		p.b2 += float64(2 * count * q * q * q)
	}
	p.z = l.solve(c, p.b)
	n := float64(len(l.lengths))
	for _, t := range l.lengths {
		w := 1 / (p.z - float64(t*p.b))
		p.s1 += t * w * w / n
		p.s2 += t * t * w * w / n
		p.s3 += t * t * t * w * w * w / n
	}
	return p
}

// solve finds z > b max t with (1/n) sum t_i / (z - t_i b) = c. It is bracketed by replacing the sum by the term of the longest unit and
// by n times that term.
func (l null) solve(c, b float64) float64 {
	longest, n := 0.0, float64(len(l.lengths))
	for _, t := range l.lengths {
		longest = max(longest, t)
	}
	lo, hi := longest/(n*c), longest/c // bounds of z - b longest
	for range 60 {
		mid := (lo + hi) / 2
		sum := 0.0
		for _, t := range l.lengths {
			sum += t / (mid + float64((longest-t)*b)) / n
		}
		if sum > c {
			lo = mid
		} else {
			hi = mid
		}
	}
	return (lo+hi)/2 + float64(longest*b)
}

// addNull computes both edges and counts the eigenvalues above them.
func (c *Covariance) addNull(u *probe.Units, spectrum []float64) {
	var edges [2]float64
	lengths := [][]float64{equalLengths, unitLengths(u)}
	parallel.For(2, 1, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			edges[i] = nullEdge(u, lengths[i])
		}
	})
	c.NullEdge, c.NullEdgeUnitScales = estimate.Number(edges[0]), estimate.Number(edges[1])
	c.Outstanding, c.OutstandingUnitScales = above(spectrum, edges[0]), above(spectrum, edges[1])
}

// above counts the values of a descending spectrum above an edge; nil if the edge is undefined.
func above(spectrum []float64, edge float64) *int {
	if math.IsNaN(edge) {
		return nil
	}
	count := 0
	for count < len(spectrum) && spectrum[count] > edge {
		count++
	}
	return &count
}
