package tail

import (
	"math"

	"github.com/noiseprobe/noiseprobe/analysis/estimate"
)

// LikelihoodRatio compares the power law with another distribution, both fitted by maximum likelihood to the same tail and truncated at xmin.
// With d_i the difference of the log densities at x_i,
//
//	Ratio = sum d_i,    Z = Ratio / (sd(d) sqrt n_t),    PValue = P(|N(0,1)| > |Z|) = exp(LogP)
//
// (sd has divisor n_t). A positive Z is evidence for the power law; a large PValue means that the data do not decide. The power law is a
// limit of truncated log-normal distributions, so that Ratio <= 0 for these. It is 0, and Z undefined, if that limit fits best, which is
// the case for mean l^2 >= 2 (mean l)^2, l = log(x/xmin).
//
// Source: Vuong, Likelihood ratio tests for model selection and non-nested hypotheses, Econometrica 57 (1989).
type LikelihoodRatio struct {
	Name   string          `json:"name"` // "log-normal" or "exponential"
	Ratio  estimate.Number `json:"ratio"`
	Z      estimate.Number `json:"z"`
	PValue estimate.Number `json:"p_value"`
	LogP   estimate.Number `json:"log_p"`            // finite where PValue is below the smallest float64
	Reason string          `json:"reason,omitempty"` // why Z is undefined
}

// compare takes a tail in descending order, xmin the last.
func compare(y []float64) []LikelihoodRatio {
	l := make([]float64, len(y))
	var m1, m2, excess float64
	for i, v := range y {
		l[i] = logRatio(v, y[len(y)-1])
		m1 += l[i] / float64(len(y))
		m2 += l[i] * l[i] / float64(len(y))
		excess += math.Expm1(l[i]) / float64(len(y))
	}
	power := func(l float64) float64 { return -math.Log(m1) - l/m1 }
	logNormal := power
	if m2 < 2*m1*m1 {
		logNormal = truncatedNormal(m1, m2)
	}
	// The density of l = log(x/xmin) is e^l times that of x/xmin.
	exponential := func(l float64) float64 { return -math.Log(excess) - math.Expm1(l)/excess + l }
	return []LikelihoodRatio{vuong("log-normal", l, power, logNormal), vuong("exponential", l, power, exponential)}
}

func vuong(name string, l []float64, p, q func(float64) float64) LikelihoodRatio {
	d := make([]float64, len(l))
	ratio := 0.0
	for i, v := range l {
		d[i] = p(v) - q(v)
		ratio += d[i]
	}
	n := float64(len(l))
	variance := 0.0
	for _, v := range d {
		variance += (v - ratio/n) * (v - ratio/n) / n
	}
	r := LikelihoodRatio{name, estimate.Number(ratio), estimate.Undefined(), estimate.Undefined(), estimate.Undefined(), ""}
	switch z := ratio / math.Sqrt(variance*n); {
	case len(l) < 2:
		r.Ratio, r.Reason = estimate.Undefined(), "there is no power law to compare with"
	case variance == 0:
		r.Reason = "the best fit of this law does not differ from the power law"
	case math.IsNaN(z):
		r.Reason = "the likelihood is outside the range of float64"
	default:
		r.Z, r.LogP = estimate.Number(z), estimate.Number(logErfc(math.Abs(z)/math.Sqrt2))
		r.PValue = estimate.Number(math.Exp(float64(r.LogP)))
	}
	return r
}

// logErfc is log erfc(t) for t >= 0; from t = 20 on by its asymptotic series, which is accurate there to 1e-11.
func logErfc(t float64) float64 {
	if t < 20 {
		return math.Log(math.Erfc(t))
	}
	u := 1 / (2 * t * t)
	return float64(-t*t) - math.Log(t) - math.Log(math.Pi)/2 + math.Log1p(-u*(1-float64(3*u*(1-float64(5*u*(1-float64(7*u)))))))
}

// truncatedNormal returns the log density of the normal distribution, truncated to l > 0, that has mean m1 and mean square m2. It is that of
// maximum likelihood, since these two are sufficient. With a = -mu/sigma and h the hazard of the standard normal,
//
//	m1 = sigma (h(a) - a),    m2 = sigma^2 (1 - a (h(a) - a))
//
// so that m2/m1^2 is a function of a alone, from 1 at -infinity to 2 at infinity.
func truncatedNormal(m1, m2 float64) func(float64) float64 {
	target := m2 / (m1 * m1)
	t := root(func(t float64) float64 {
		d, second := hazardExcess(math.Sinh(t))
		return second/(d*d) - target
	}, -18, 18)
	a := math.Sinh(t)
	d, _ := hazardExcess(a)
	sigma := m1 / d
	logHazard := logHazard(a, d)
	return func(l float64) float64 {
		u := l / sigma
		return logHazard - math.Log(sigma) - float64(u*(a+u/2))
	}
}

// hazardExcess returns E(Z - a) = h(a) - a and E(Z - a)^2 of a standard normal Z > a.
func hazardExcess(a float64) (first, second float64) {
	if a < 3 {
		first = math.Exp(-a*a/2)/math.Sqrt(2*math.Pi)/(0.5*math.Erfc(a/math.Sqrt2)) - a
		return first, 1 - float64(a*first)
	}
	// The continued fraction of the Mills ratio, whose differences cancel for large a.
	c := 0.0
	for m := 200; m >= 2; m-- {
		c = float64(m) / (a + c)
	}
	first = 1 / (a + c)
	return first, c * first
}

// logHazard is the log of h(a) = first + a, which underflows for a far below 0.
func logHazard(a, first float64) float64 {
	if a < 3 {
		return -a*a/2 - math.Log(2*math.Pi)/2 - math.Log(0.5*math.Erfc(a/math.Sqrt2))
	}
	return math.Log(first + a)
}
