package curvature

import (
	"cmp"
	"fmt"
	"math"

	"github.com/noiseprobe/noiseprobe/analysis/covariance"
	"github.com/noiseprobe/noiseprobe/analysis/estimate"
)

// jackknife has the sums without each unit, and what makes intervals of them.
type jackknife struct {
	without []sums
	// weight of a unit's deviation: 1 - K/N for those whose curvature is known, 1 - n/N for the others, as samples without replacement have it.
	weight []float64
	t      float64
}

func (m *meeting) jackknife(without []sums) *jackknife {
	j := &jackknife{without: without, t: estimate.Student(float64(m.K() - 1))}
	for _, p := range m.place {
		w := m.correction(float64(m.u.N))
		if p >= 0 {
			w = m.correction(float64(m.K()))
		}
		j.weight = append(j.weight, w)
	}
	return j
}

// covariance is (n-1)/n times the weighted sum of products of deviations from the mean.
func (j *jackknife) covariance(f, g func(sums) float64) float64 {
	n := float64(len(j.without))
	a, b := make([]float64, len(j.without)), make([]float64, len(j.without))
	for i, s := range j.without {
		a[i], b[i] = f(s), g(s)
	}
	meanA, meanB := estimate.Sum(a)/n, estimate.Sum(b)/n
	sum := 0.0
	for i := range a {
		sum += float64(j.weight[i] * (a[i] - meanA) * (b[i] - meanB))
	}
	return (n - 1) / n * sum
}

// around is the interval of an estimate of any sign.
func (j *jackknife) around(x float64, f func(sums) float64) estimate.Interval {
	return estimate.Around(x, j.t*math.Sqrt(j.covariance(f, f)))
}

// positive is the interval of a positive estimate, on the log scale, about the estimate without the jackknife's estimate of the bias of its logarithm (Quenouille 1956):
//
//	n log x - (n-1) mean log x(i)
func (j *jackknife) positive(x float64, f func(sums) float64) estimate.Interval {
	if !(x > 0) {
		return estimate.None()
	}
	n, mean := float64(len(j.without)), 0.0
	log := func(s sums) float64 { return math.Log(f(s)) }
	for _, s := range j.without {
		mean += log(s) / n
	}
	centre := math.Log(x) + float64((n-1)*(math.Log(x)-mean))
	h := j.t * math.Sqrt(j.covariance(log, log))
	return estimate.Interval{Lo: math.Exp(centre - h), Hi: math.Exp(centre + h)}
}

// ratio is Fieller's interval of x/y for x >= 0, where y may not be told from 0.
func (j *jackknife) ratio(all sums, x, y func(sums) float64) estimate.Interval {
	return estimate.Fieller(x(all), y(all), j.covariance(x, x), j.covariance(y, y), j.covariance(x, y), j.t)
}

// withheld says why there are no intervals: the covariance has none, or the curvature of too few units is known, or too few of them carry it, or too few
// recorded units carry the noise that it sees.
func (m *meeting) withheld() estimate.Reason {
	if reason := covariance.Withheld(m.u); reason.Why != "" {
		return reason
	}
	if m.correction(float64(m.K())) > 0 && m.K() < covariance.FewestEffective {
		return estimate.Reason{Why: fmt.Sprintf("the curvature of %d units is too few", m.K()), Remedy: fmt.Sprintf("%d would do", covariance.FewestEffective)}
	}
	if reason := cmp.Or(m.few("the curvature", m.Trace), m.few("the curvature that meets the noise", m.met.Spread)); reason.Why != "" {
		return reason
	}
	if m.correction(float64(m.u.N)) > 0 {
		return cmp.Or(tooFew("the noise that the curvature sees", m.met.Deviation, m.u.Population), tooFew("the noise in the metric D", m.met.Square, m.u.Population))
	}
	return estimate.Reason{}
}

// tooFew says that too few units carry what x adds up to, one number each, and how many would do, if the share that counts stays: at most all of the
// population, which is 0 if it is not known. It is empty if they are enough.
func tooFew(what string, x []float64, population int) estimate.Reason {
	switch e := covariance.Effective(x); {
	case e >= covariance.FewestEffective:
		return estimate.Reason{}
	case math.IsNaN(e):
		return estimate.Reason{Why: what + " is 0 or not finite"}
	default:
		why := fmt.Sprintf("few units carry %s (%d count as %.1f, of %d needed)", what, len(x), min(e, covariance.BelowFewest), covariance.FewestEffective)
		return covariance.MoreUnits(why, int(math.Ceil(covariance.FewestEffective*float64(len(x))/e)), population)
	}
}

// few says that too few units carry a sum over those whose curvature is known; it is empty if they are enough. How many recorded units would do is not
// known.
func (m *meeting) few(what string, x []float64) estimate.Reason {
	if m.correction(float64(m.K())) == 0 {
		return estimate.Reason{}
	}
	reason := tooFew(what, x, m.u.Population)
	reason.Needs = estimate.Needs{}
	return reason
}
