package compare

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/noiseprobe/noiseprobe/analysis/estimate"
)

// The tests of a difference.
const (
	MethodPaired = "paired t"
	MethodWelch  = "Welch t"
)

// Difference compares a quantity in a and in b: by the difference of the means on the scale [Linear], by the ratio of the geometric means on [Log].
type Difference struct {
	Scale  Scale  `json:"scale"`
	Method string `json:"method"`
	// N and NReference are the numbers of values; for pairs both are the number of pairs.
	N          int `json:"n"`
	NReference int `json:"n_reference"`
	// Value is mean a - mean b, or geometric mean of a over that of b.
	Value estimate.Number   `json:"value"`
	CI    estimate.Interval `json:"ci"`
	// DF are the degrees of freedom, and PValue is the two-sided p-value of Value = 0 (Linear) or 1 (Log).
	DF     estimate.Number `json:"df"`
	PValue estimate.Number `json:"p_value"`

	value, se float64 // on the scale
}

// Paired compares values that belong together one by one, such as those of the same seed: a one-sample t-test of a[i] - b[i], with n - 1
// degrees of freedom (Student, The probable error of a mean, Biometrika 6 (1908)). Pairs with a value that is undefined on the scale are left
// out. For fewer than two pairs, and where all differences are equal, there is no interval and no p-value. It panics for slices of different
// lengths.
func Paired(a, b []float64, scale Scale) Difference {
	if len(a) != len(b) {
		panic("compare: paired slices must have the same length")
	}
	var d []float64
	for i := range a {
		d = append(d, scale.to(a[i])-scale.to(b[i]))
	}
	m := momentsOf(onScale(d, Linear))
	out := differenceOf(scale, m.mean, m.standardError(), float64(m.n-1))
	out.Method, out.N, out.NReference = MethodPaired, m.n, m.n
	return out
}

// FewestPairs is the number of pairs from which values are compared pair by pair. With two pairs a paired t has one degree of freedom, and its
// interval of 12.7 standard errors on either side is wider than that of [Welch], which has about two.
const FewestPairs = 3

// Matched is [Paired], or [Welch] for fewer than [FewestPairs] pairs.
func Matched(a, b []float64, scale Scale) Difference {
	if len(a) < FewestPairs {
		return Welch(a, b, scale)
	}
	return Paired(a, b, scale)
}

// Welch compares the means of two samples whose variances may differ (Welch, The generalization of Student's problem, Biometrika 34
// (1947)):
//
//	t = (mean a - mean b) / sqrt(s_a^2/n_a + s_b^2/n_b)
//	df = (s_a^2/n_a + s_b^2/n_b)^2 / ((s_a^2/n_a)^2/(n_a-1) + (s_b^2/n_b)^2/(n_b-1))
//
// With one value on a side, or without spread on both, there is no interval and no p-value.
func Welch(a, b []float64, scale Scale) Difference {
	x, y := momentsOf(onScale(a, scale)), momentsOf(onScale(b, scale))
	value, se, df := combine([]term{{1, x}, {-1, y}})
	out := differenceOf(scale, value, se, df)
	out.Method, out.N, out.NReference = MethodWelch, x.n, y.n
	return out
}

// MeanDifference is the mean of differences on one scale from independent data, one for each of k conditions. It is about these conditions only,
// not about a population of conditions. Its standard error and degrees of freedom are Satterthwaite's:
//
//	se^2 = sum se_j^2 / k^2        df = (sum se_j^2)^2 / sum (se_j^4 / df_j)
//
// If any of the differences has no interval, the mean has none; those without a value are left out.
func MeanDifference(all []Difference) Difference {
	scale, k, n, reference := Linear, 0.0, 0, 0
	value, variance, spread := 0.0, 0.0, 0.0
	for _, d := range all {
		scale = d.Scale
		if math.IsNaN(d.value) {
			continue
		}
		k, n, reference = k+1, n+d.N, reference+d.NReference
		value, variance, spread = value+d.value, variance+float64(d.se*d.se), spread+math.Pow(d.se, 4)/float64(d.DF)
	}
	mean := differenceOf(scale, value/k, math.Sqrt(variance)/k, variance*variance/spread)
	mean.Method, mean.N, mean.NReference = MethodCombination, n, reference
	return mean
}

// differenceOf makes the interval and the p-value from an estimate on the scale and its standard error.
func differenceOf(scale Scale, value, se, df float64) Difference {
	d := Difference{
		Scale: scale, Value: estimate.Number(scale.from(value)), CI: estimate.None(), DF: estimate.Undefined(), PValue: estimate.Undefined(),
		value: value, se: math.NaN(),
	}
	if !(se > 0) || !(df > 0) {
		return d
	}
	d.se, d.DF = se, estimate.Number(df)
	d.CI = scale.interval(estimate.Around(value, estimate.Student(df)*se))
	d.PValue = estimate.Number(estimate.TwoSided(value/se, df))
	return d
}

// upperTail is P(T > t) of Student's t, without the cancellation of 1 - CDF.
func upperTail(t, df float64) float64 { return distuv.StudentsT{Mu: 0, Sigma: 1, Nu: df}.CDF(-t) }

// term is a sample with its weight in a combination of means.
type term struct {
	weight float64
	sample moments
}

// combine gives sum w_j mean_j of independent samples of unequal variances, its standard error and, by Satterthwaite (An approximate
// distribution of estimates of variance components, Biometrics Bulletin 2 (1946)), the degrees of freedom:
//
//	se^2 = sum v_j,  v_j = w_j^2 s_j^2 / n_j        df = (sum v_j)^2 / sum v_j^2 / (n_j - 1)
//
// Welch's test is the case of two means. If a sample with a nonzero weight has one value, se is undefined.
func combine(terms []term) (value, se, df float64) {
	variance, spread := 0.0, 0.0
	for _, t := range terms {
		if t.weight == 0 {
			continue
		}
		v := t.weight * t.weight * t.sample.variance / float64(t.sample.n)
		value += float64(t.weight * t.sample.mean)
		variance += v
		spread += v * v / float64(t.sample.n-1)
	}
	return value, math.Sqrt(variance), variance * variance / spread
}
