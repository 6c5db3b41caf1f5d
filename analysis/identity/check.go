package identity

import (
	"math"

	"github.com/noiseprobe/noiseprobe/analysis/estimate"
)

// exact is a check by enumeration: it holds if the two values differ by at most tolerance.
func exact(name string, predicted, measured, tolerance float64) Check {
	c := newCheck(name, predicted, measured)
	c.Tolerance = estimate.Number(tolerance)
	return c
}

func newCheck(name string, predicted, measured float64) Check {
	return Check{
		Name: name, Predicted: estimate.Number(predicted), Measured: estimate.Number(measured),
		CI: estimate.None(), Z: estimate.Undefined(), PValue: estimate.Undefined(), Tolerance: estimate.Undefined(),
	}
}

func (c Check) within() bool {
	return math.Abs(float64(c.Measured-c.Predicted)) <= float64(c.Tolerance)
}

// mean compares the mean of independent values with the same distribution with the prediction, by Student's t.
func mean(name string, predicted float64, values []float64) Check {
	m, se := meanError(values)
	c := newCheck(name, predicted, m)
	c.CI = estimate.Around(m, se*estimate.Student(float64(len(values)-1)))
	return c.judgedBy(m-predicted, se, len(values))
}

// ratio compares mean(x)/mean(y), for pairs of unbiased values, with the prediction r. The mean of x - r y is exactly 0 if r is right, so
// that z is unbiased; the interval is that of the linearised ratio.
func ratio(name string, r float64, x, y []float64) Check {
	meanX, _ := meanError(x)
	meanY, _ := meanError(y)
	c := newCheck(name, r, meanX/meanY)
	_, se := meanError(differences(x, y, meanX/meanY))
	c.CI = estimate.Around(meanX/meanY, se/math.Abs(meanY)*estimate.Student(float64(len(x)-1)))
	difference, se := meanError(differences(x, y, r))
	return c.judgedBy(difference, se, len(x))
}

func differences(x, y []float64, r float64) []float64 {
	d := make([]float64, len(x))
	for i := range x {
		d[i] = x[i] - float64(r*y[i])
	}
	return d
}

// logMean compares exp(mean) of the logarithms with the prediction.
func logMean(name string, predicted float64, logs []float64) Check {
	c := mean(name, math.Log(predicted), logs)
	c.Predicted, c.Measured = estimate.Number(predicted), estimate.Number(math.Exp(float64(c.Measured)))
	c.CI = estimate.Interval{Lo: math.Exp(c.CI.Lo), Hi: math.Exp(c.CI.Hi)}
	return c
}

// estimated compares an estimate of another package with the prediction. Its standard error follows from its 95% interval, on the scale on
// which that is symmetric; degrees is the number of values that it was computed from.
func estimated(name string, predicted float64, measured estimate.Number, ci estimate.Interval, scale func(float64) float64, degrees int) Check {
	c := newCheck(name, predicted, float64(measured))
	c.CI = ci
	half := math.Abs(scale(ci.Hi)-scale(ci.Lo)) / 2
	return c.judgedBy(scale(float64(measured))-scale(predicted), half/estimate.Student(float64(degrees-1)), degrees)
}

func plain(x float64) float64 { return x }

func (c Check) judgedBy(difference, se float64, n int) Check {
	z := difference / se
	c.Z = estimate.Number(z)
	c.PValue = estimate.Number(estimate.TwoSided(z, float64(n-1)))
	return c
}

// meanError is the mean and its standard error, divisor n-1.
func meanError(values []float64) (mean, se float64) {
	n, squares := float64(len(values)), 0.0
	mean = estimate.Mean(values)
	for _, v := range values {
		squares += float64((v - mean) * (v - mean))
	}
	return mean, math.Sqrt(squares / (n - 1) / n)
}
