package tail

import (
	"math"
	"math/cmplx"
	"slices"

	"github.com/noiseprobe/noiseprobe/analysis/estimate"
)

const (
	// rounds bounds the regressions; three to five are typical.
	rounds = 10
	// agreement is the change of alpha and of log scale at which the regressions end: a tenth of the standard error at n = 1e6.
	agreement = 1e-4
	// noiseLevel/n is the |phi|^2 below which phi cannot be told from 0: its mean is 1/n where that of the law is 0.
	noiseLevel = 5
)

// Koutrouvelis returns the estimate of all four parameters by regressions on the empirical characteristic function phi of the
// standardised values z = (x - location) / scale:
//
//	log(-log |phi(t)|^2) = log(2 c^alpha) + alpha log t              at t = pi k/25, k = 1..K
//	arg phi(u) = d u + beta tan(pi alpha/2) ((c u)^alpha - c u)      at u = pi l/50, l = 1..L
//
// by least squares, starting from McCulloch's estimates. They are repeated with the scale multiplied by c and d scale added to the location
// until alpha no longer changes (a warning says if it does not settle). K and L are interpolated from Koutrouvelis' tables by alpha and n,
// and fixed from the fourth round on; points from the first one with |phi|^2 < 5/n on are left out. The phase is that of S0 in place of his
// S1, so that nothing diverges at alpha = 1. Nothing is clipped: data with lighter tails than Gaussian have alpha > 2, for which beta is
// meaningless and undefined; a warning says if |beta| > 1. The estimate is undefined if the quartiles are equal or fewer than two points
// are left.
//
// The interval is asymptotic: alpha is a smooth function of the means of cos(t z) and sin(t z), whose linear part is the mean of one number
// for each value; to first order the standardisation does not change alpha if the law is stable. Measured coverage, 400 samples for each
// law with alpha 0.8, 1, 1.2, 1.5, 1.8, 2 and beta 0, 0.8, in %: 93 to 96 at n = 5000, 92 to 98 at n = 1000, 88 to 96 at n = 400, 74 to
// 95 at n = 100 (lowest at alpha = 1.8).
//
// Source: Koutrouvelis, Regression-type estimation of the parameters of stable laws, Journal of the American Statistical
// Association 75 (1980), sections 3 and 4, with the tables of K and L there.
func Koutrouvelis(x []float64) StableEstimate {
	if why := unfit(x); why != "" {
		return noStable(NameKoutrouvelis, why)
	}
	start := fitQuantiles(quantilesOf(slices.Sorted(slices.Values(x))))
	if math.IsNaN(start.alpha) {
		return noStable(NameKoutrouvelis, "the quartiles are equal")
	}
	l := law{alpha: start.alpha, scale: start.scale, location: start.zeta}
	var r modulus
	for round := 0; round < rounds && !r.settled; round++ {
		if round < 3 {
			r.choosePoints(l.alpha, len(x))
		}
		if l = r.improve(x, l); !(l.alpha > 0) {
			return noStable(NameKoutrouvelis, "no stable law has such a characteristic function")
		}
	}
	e := StableEstimate{
		Method: NameKoutrouvelis, Alpha: estimate.Number(l.alpha), Beta: estimate.Number(l.beta),
		Scale: estimate.Number(l.scale), Location: estimate.Number(l.location),
		CI: r.interval(x, l.alpha), Warnings: r.warnings(l, len(x)),
	}
	if !e.Beta.Defined() {
		e.Reason = "beta means nothing where alpha is not below 2"
	}
	return e
}

type law struct{ alpha, beta, scale, location float64 }

// modulus is the regression on |phi| with its data.
type modulus struct {
	points, phases int // K and L
	standard       law // whose scale and location standardise z
	phi            []complex128
	weights        []float64 // alpha = sum_k weights_k log(-log |phi_k|^2)
	settled        bool
}

func (r *modulus) choosePoints(alpha float64, n int) {
	r.points = int(math.Round(modulusPoints.at(alpha, float64(n))))
	r.phases = int(math.Round(phasePoints.at(alpha, float64(n))))
}

// improve is one round. The alpha of the result is NaN if there are too few points.
func (r *modulus) improve(x []float64, l law) law {
	r.standard = l
	all := characteristic(x, l, max(2*r.points, r.phases))
	r.phi = r.phi[:0]
	for k := 1; k <= r.points && usable(all[2*k-1], len(x)); k++ {
		r.phi = append(r.phi, all[2*k-1])
	}
	alpha, c := r.regress()
	beta, d := regressPhase(all[:min(r.phases, 2*len(r.phi))], alpha, c)
	r.settled = math.Abs(alpha-l.alpha) < agreement && math.Abs(math.Log(c)) < agreement
	return law{alpha, beta, l.scale * c, l.location + float64(d*l.scale)}
}

func usable(phi complex128, n int) bool {
	sq := squared(phi)
	return sq*float64(n) >= noiseLevel && sq < 1
}

func squared(v complex128) float64 { return float64(real(v)*real(v)) + float64(imag(v)*imag(v)) }

// regress fits alpha and c.
func (r *modulus) regress() (alpha, c float64) {
	k := float64(len(r.phi))
	if k < 2 {
		return math.NaN(), math.NaN()
	}
	r.weights = r.weights[:0]
	mean, spread := 0.0, 0.0
	for i := range r.phi {
		mean += logPoint(i) / k
	}
	for i := range r.phi {
		d := logPoint(i) - mean
		r.weights = append(r.weights, d)
		spread += float64(d * d)
	}
	level := 0.0
	for i, v := range r.phi {
		r.weights[i] /= spread
		y := math.Log(-math.Log(squared(v)))
		alpha += float64(r.weights[i] * y)
		level += y / k
	}
	return alpha, math.Exp((level - float64(alpha*mean) - math.Ln2) / alpha)
}

// logPoint is log t of the i-th point, counted from 0.
func logPoint(i int) float64 { return math.Log(2 * step * float64(i+1)) }

// regressPhase fits beta and d to the phases at step, 2 step, ...
func regressPhase(phi []complex128, alpha, c float64) (beta, d float64) {
	var uu, uh, hh, uz, hz, phase float64
	previous := complex(1, 0)
	for i, v := range phi {
		u := step * float64(i+1)
		phase += cmplx.Phase(v * cmplx.Conj(previous))
		previous = v
		h := skewPhase(alpha, c*u)
		uu, uh, hh, uz, hz = uu+float64(u*u), uh+float64(u*h), hh+float64(h*h), uz+float64(u*phase), hz+float64(h*phase)
	}
	if alpha >= 2 {
		return math.NaN(), uz / uu
	}
	det := float64(uu*hh) - float64(uh*uh)
	return (float64(uu*hz) - float64(uh*uz)) / det, (float64(hh*uz) - float64(uh*hz)) / det
}

// skewPhase is tan(pi alpha/2) (u^alpha - u), and its limit -(2/pi) u log u at alpha = 1.
func skewPhase(alpha, u float64) float64 {
	if math.Abs(alpha-1) < 1e-9 {
		return -2 / math.Pi * u * math.Log(u)
	}
	return math.Tan(math.Pi*alpha/2) * u * math.Expm1((alpha-1)*math.Log(u))
}

// interval is the 95% interval of alpha: the derivative of log(-log |phi|^2) is 2 Re(conj(phi) dphi) / (|phi|^2 log |phi|^2).
func (r *modulus) interval(x []float64, alpha float64) estimate.Interval {
	q := make([]complex128, len(r.phi))
	centre := 0.0
	for i, v := range r.phi {
		sq := squared(v)
		w := r.weights[i] / math.Log(sq)
		q[i] = cmplx.Conj(v) * complex(2*w/sq, 0)
		centre += float64(2 * w)
	}
	variance := meanSquare(x, r.standard, q, centre)
	return estimate.Around(alpha, normalQuantile*math.Sqrt(variance/float64(len(x))))
}

func (r *modulus) warnings(l law, n int) (all []string) {
	if !r.settled {
		all = append(all, "the regressions did not settle")
	}
	if n < fewest {
		all = append(all, "fewer than 200 values, where Koutrouvelis' tables begin: the interval is too short")
	}
	if math.Abs(l.beta) > 1 {
		all = append(all, "beta is outside of -1 to 1: the sample does not determine it")
	}
	return all
}
