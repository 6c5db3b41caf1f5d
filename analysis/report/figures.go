package report

import (
	"fmt"
	"math"
	"slices"

	"github.com/noiseprobe/noiseprobe/analysis/estimate"
	"github.com/noiseprobe/noiseprobe/analysis/figure"
	"github.com/noiseprobe/noiseprobe/noise"
	"gonum.org/v1/gonum/stat/distuv"
)

// Loss draws training and test loss against the step.
func Loss(metrics []Metric) figure.Figure {
	return newFigure("loss",
		alongMetrics("training", metrics, func(m Metric) float64 { return m.TrainLoss }),
		alongMetrics("test", metrics, func(m Metric) float64 { return m.TestLoss }))
}

// Accuracy draws the test accuracy against the step.
func Accuracy(metrics []Metric) figure.Figure {
	return newFigure("accuracy", alongMetrics("test", metrics, func(m Metric) float64 { return m.TestAccuracy }))
}

// alongMetrics leaves out the rows where the value was not evaluated, which is no defect of the run.
func alongMetrics(name string, metrics []Metric, value func(Metric) float64) figure.Series {
	s := figure.Series{Name: name}
	for _, m := range metrics {
		if y := value(m); finite(y) {
			s.X, s.Y = append(s.X, float64(m.Step)), append(s.Y, y)
		}
	}
	return s
}

// NoiseAlongTraining draws tr Sigma ("trace") and the noise scale ("noise-scale") with their intervals against the step.
func NoiseAlongTraining(r *Report) (trace, scale figure.Figure) {
	t, s := figure.Series{Name: "tr Sigma"}, figure.Series{Name: "noise scale"}
	for _, c := range r.Checkpoints {
		if c.Covariance == nil {
			continue
		}
		t.Add(float64(c.Step), c.Covariance.TraceUnbiased, ciOf(c.Covariance.CI, "trace_unbiased"))
		s.Add(float64(c.Step), c.Covariance.NoiseScale, ciOf(c.Covariance.CI, "noise_scale"))
	}
	return newFigure("trace", t), newFigure("noise-scale", s)
}

// ciOf is the interval of a key, none where there is no such key.
func ciOf(intervals map[string]estimate.Interval, key string) estimate.Interval {
	if v, ok := intervals[key]; ok {
		return v
	}
	return estimate.None()
}

// Spectrum draws the eigenvalues (descending) of the first and the last of the given steps against their rank. Zeros and
// rounding below 1e-12 of the largest are left out: they have no place on a logarithmic axis.
func Spectrum(steps []int, eigenvalues [][]float64) figure.Figure {
	if len(steps) != len(eigenvalues) {
		panic(fmt.Sprintf("report: %d steps, %d spectra", len(steps), len(eigenvalues)))
	}
	var series []figure.Series
	for i, values := range eigenvalues {
		if i == 0 || i == len(steps)-1 {
			series = append(series, spectrum(fmt.Sprintf("step %d", steps[i]), values))
		}
	}
	return newFigure("spectrum", series...)
}

func spectrum(name string, eigenvalues []float64) figure.Series {
	s := figure.Series{Name: name}
	for i, v := range eigenvalues {
		if v > 0 && v > 1e-12*eigenvalues[0] {
			s.X, s.Y = append(s.X, float64(i+1)), append(s.Y, v)
		}
	}
	return s
}

// Enhancement draws the measured factors of the last checkpoint that has any against alpha^2 + (1 - alpha)^2, direct and
// resampled ones apart.
func Enhancement(r *Report) figure.Figure {
	c := lastWith(r, func(c Checkpoint) bool { return len(c.Enhancement) > 0 })
	if c == nil {
		return newFigure("enhancement")
	}
	var series []figure.Series
	lo, hi := 0.0, 1.0
	for _, row := range c.Enhancement {
		if row.Pairing == string(noise.Naive) {
			continue // it has another curve
		}
		at := slices.IndexFunc(series, func(s figure.Series) bool { return s.Name == row.Evidence })
		if at < 0 {
			at, series = len(series), append(series, figure.Series{Name: row.Evidence})
		}
		series[at].Add(row.Alpha, row.Measured, row.CI)
		lo, hi = min(lo, row.Alpha), max(hi, row.Alpha)
	}
	return newFigure("enhancement", append([]figure.Series{factorCurve(lo, hi)}, series...)...)
}

func factorCurve(lo, hi float64) figure.Series {
	const points = 101
	s := figure.Series{Name: seriesPredicted}
	for i := range points {
		alpha := lo + (hi-lo)*float64(i)/(points-1)
		s.X, s.Y = append(s.X, alpha), append(s.Y, noise.Factor(alpha))
	}
	return s
}

// Kurtosis draws the excess kurtosis, measured and predicted, of the three arms for every direction of the last
// checkpoint that has them. Where there are resampled draws, direct ones are left to the tables: they are too few for
// intervals that a common axis could show.
func Kurtosis(r *Report) figure.Figure {
	var series []figure.Series
	_, directions := lastDirections(r)
	if resampled := resampledOnly(directions); len(resampled) > 0 {
		directions = resampled
	}
	for _, d := range directions {
		m, p := figure.Series{Name: d.name}, figure.Series{Name: d.name + predictedSuffix}
		for i, row := range d.arms {
			if row == nil {
				continue
			}
			m.Add(float64(i+1), row.ExcessKurtosisG2, row.CI)
			if row.ExcessKurtosisPredicted.Defined() {
				p.Add(float64(i+1), row.ExcessKurtosisPredicted, estimate.None())
			}
		}
		series = append(series, m, p)
	}
	return newFigure("kurtosis", series...)
}

// Shape draws standardised draws of the noise of the three arms, each at most 200 points with the extreme ones among
// them, against the quantiles of the normal distribution at (i - 1/2) / n. An arm without draws is nil. The inputs need
// no order and are not modified.
func Shape(ne, sgd, effective []float64) figure.Figure {
	var series []figure.Series
	lo, hi := math.Inf(1), math.Inf(-1)
	for i, draws := range [][]float64{ne, sgd, effective} {
		if len(draws) == 0 {
			continue
		}
		s := quantiles(arms()[i], draws)
		lo, hi = min(lo, s.X[0]), max(hi, s.X[len(s.X)-1])
		series = append(series, s)
	}
	if len(series) == 0 {
		return newFigure("shape")
	}
	ends := []float64{lo, hi}
	return newFigure("shape", append([]figure.Series{{Name: seriesGaussian, X: ends, Y: ends}}, series...)...)
}

// quantiles picks the points of a Q-Q plot: the 20 outermost ones of each side, and others evenly spaced between them.
func quantiles(name string, draws []float64) figure.Series {
	const most, outer = 200, 20
	sorted := slices.Sorted(slices.Values(draws))
	n := len(sorted)
	s := figure.Series{Name: name}
	take := func(i int) {
		s.X = append(s.X, distuv.UnitNormal.Quantile((float64(i)+0.5)/float64(n)))
		s.Y = append(s.Y, sorted[i])
	}
	if n <= most {
		for i := range n {
			take(i)
		}
		return s
	}
	for i := range most {
		switch {
		case i < outer:
			take(i)
		case i >= most-outer:
			take(n - most + i)
		default:
			inner := float64(i-outer+1) / float64(most-2*outer+1)
			take(outer - 1 + int(math.Round(inner*float64(n-2*outer+1))))
		}
	}
	return s
}

// HillCurve is gamma with the ends of its interval (or of its 95% range, for a surrogate), an element for each k.
type HillCurve struct{ Gamma, Lo, Hi []float64 }

// Hill draws the tail index 1/gamma of a sample, such as "gradient norms", and of its Gaussian surrogate against k. It is document.Undefined
// where gamma <= 0, and its interval is unbounded where that of gamma reaches 0.
func Hill(of string, k []int, sample, surrogate HillCurve) figure.Figure {
	series := []figure.Series{}
	if len(surrogate.Gamma) > 0 {
		series = append(series, tailIndexSeries(seriesSurrogate, k, surrogate))
	}
	if len(sample.Gamma) > 0 {
		series = append(series, tailIndexSeries(of, k, sample))
	}
	return newFigure("hill", series...)
}

func tailIndexSeries(name string, k []int, c HillCurve) figure.Series {
	s := figure.Series{Name: name}
	if len(c.Gamma) != len(k) || len(c.Lo) != len(k) || len(c.Hi) != len(k) {
		panic(fmt.Sprintf("report: %d values of k, %d of gamma (%d, %d ends)", len(k), len(c.Gamma), len(c.Lo), len(c.Hi)))
	}
	for i := range k {
		s.Add(float64(k[i]), estimate.Number(reciprocal(c.Gamma[i])),
			estimate.Interval{Lo: reciprocal(c.Hi[i]), Hi: reciprocal(c.Lo[i])})
	}
	return s
}

// reciprocal is 1/x, and NaN where x is not positive.
func reciprocal(x float64) float64 {
	if x > 0 {
		return 1 / x
	}
	return math.NaN()
}
