package report

import (
	"fmt"
	"math"
	"slices"

	"github.com/noiseprobe/noiseprobe/analysis/estimate"
	"github.com/noiseprobe/noiseprobe/analysis/tail"
	"github.com/noiseprobe/noiseprobe/noise"
	"gonum.org/v1/gonum/stat/distuv"
)

// Loss draws training and test loss against the step.
func Loss(metrics []Metric) Figure {
	return newFigure("loss",
		alongMetrics("training", metrics, func(m Metric) float64 { return m.TrainLoss }),
		alongMetrics("test", metrics, func(m Metric) float64 { return m.TestLoss }))
}

// Accuracy draws the test accuracy against the step.
func Accuracy(metrics []Metric) Figure {
	return newFigure("accuracy", alongMetrics("test", metrics, func(m Metric) float64 { return m.TestAccuracy }))
}

// alongMetrics leaves out the rows where the value was not evaluated, which is no defect of the run.
func alongMetrics(name string, metrics []Metric, value func(Metric) float64) Series {
	s := Series{Name: name}
	for _, m := range metrics {
		if y := value(m); finite(y) {
			s.X, s.Y = append(s.X, float64(m.Step)), append(s.Y, y)
		}
	}
	return s
}

// NoiseAlongTraining draws tr Sigma ("trace") and the noise scale ("noise-scale") with their intervals against the step.
func NoiseAlongTraining(r *Report) (trace, scale Figure) {
	t, s := Series{Name: "tr Sigma"}, Series{Name: "noise scale"}
	for _, c := range r.Checkpoints {
		if c.Covariance == nil {
			continue
		}
		t.add(float64(c.Step), c.Covariance.TraceUnbiased, ciOf(c.Covariance.CI, "trace_unbiased"))
		s.add(float64(c.Step), c.Covariance.NoiseScale, ciOf(c.Covariance.CI, "noise_scale"))
	}
	return newFigure("trace", t), newFigure("noise-scale", s)
}

func (s *Series) add(x float64, y estimate.Number, ci estimate.Interval) {
	s.X, s.Y = append(s.X, x), append(s.Y, float64(y))
	s.Lo, s.Hi = append(s.Lo, ci.Lo), append(s.Hi, ci.Hi)
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
func Spectrum(steps []int, eigenvalues [][]float64) Figure {
	if len(steps) != len(eigenvalues) {
		panic(fmt.Sprintf("report: %d steps, %d spectra", len(steps), len(eigenvalues)))
	}
	var series []Series
	for i, values := range eigenvalues {
		if i == 0 || i == len(steps)-1 {
			series = append(series, spectrum(fmt.Sprintf("step %d", steps[i]), values))
		}
	}
	return newFigure("spectrum", series...)
}

func spectrum(name string, eigenvalues []float64) Series {
	s := Series{Name: name}
	for i, v := range eigenvalues {
		if v > 0 && v > 1e-12*eigenvalues[0] {
			s.X, s.Y = append(s.X, float64(i+1)), append(s.Y, v)
		}
	}
	return s
}

// Enhancement draws the measured factors of the last checkpoint that has any against alpha^2 + (1 - alpha)^2, direct and
// resampled ones apart.
func Enhancement(r *Report) Figure {
	c := lastWith(r, func(c Checkpoint) bool { return len(c.Enhancement) > 0 })
	if c == nil {
		return newFigure("enhancement")
	}
	var series []Series
	reach := span{0, 1}
	for _, row := range c.Enhancement {
		if row.Pairing == string(noise.Naive) {
			continue // it has another curve
		}
		at := slices.IndexFunc(series, func(s Series) bool { return s.Name == row.Evidence })
		if at < 0 {
			at, series = len(series), append(series, Series{Name: row.Evidence})
		}
		series[at].add(row.Alpha, row.Measured, row.CI)
		reach.add(row.Alpha)
	}
	return newFigure("enhancement", append([]Series{factorCurve(reach)}, series...)...)
}

func factorCurve(reach span) Series {
	const points = 101
	s := Series{Name: seriesPredicted}
	for i := range points {
		alpha := reach.lo + (reach.hi-reach.lo)*float64(i)/(points-1)
		s.X, s.Y = append(s.X, alpha), append(s.Y, noise.Factor(alpha))
	}
	return s
}

// Kurtosis draws the excess kurtosis, measured and predicted, of the three arms for every direction of the last
// checkpoint that has them. Where there are resampled draws, direct ones are left to the tables: they are too few for
// intervals that a common axis could show.
func Kurtosis(r *Report) Figure {
	var series []Series
	_, directions := lastDirections(r)
	if resampled := resampledOnly(directions); len(resampled) > 0 {
		directions = resampled
	}
	for _, d := range directions {
		m, p := Series{Name: d.name}, Series{Name: d.name + predictedSuffix}
		for i, row := range d.arms {
			if row == nil {
				continue
			}
			m.add(float64(i+1), row.ExcessKurtosisG2, row.CI)
			if row.ExcessKurtosisPredicted.Defined() {
				p.add(float64(i+1), row.ExcessKurtosisPredicted, estimate.None())
			}
		}
		series = append(series, m, p)
	}
	return newFigure("kurtosis", series...)
}

// Shape draws standardised draws of the noise of the three arms, each at most 200 points with the extreme ones among
// them, against the quantiles of the normal distribution at (i - 1/2) / n. An arm without draws is nil. The inputs need
// no order and are not modified.
func Shape(ne, sgd, effective []float64) Figure {
	var series []Series
	reach := emptySpan()
	for i, draws := range [][]float64{ne, sgd, effective} {
		if len(draws) == 0 {
			continue
		}
		s := quantiles(arms()[i], draws)
		reach.add(s.X[0])
		reach.add(s.X[len(s.X)-1])
		series = append(series, s)
	}
	if len(series) == 0 {
		return newFigure("shape")
	}
	ends := []float64{reach.lo, reach.hi}
	return newFigure("shape", append([]Series{{Name: seriesGaussian, X: ends, Y: ends}}, series...)...)
}

// quantiles picks the points of a Q-Q plot: the 20 outermost ones of each side, and others evenly spaced between them.
func quantiles(name string, draws []float64) Series {
	const most, outer = 200, 20
	sorted := slices.Sorted(slices.Values(draws))
	n := len(sorted)
	s := Series{Name: name}
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

// Hill draws the tail index 1/gamma of a sample, such as "gradient norms", and of its Gaussian surrogate against k. It is undefined
// where gamma <= 0, and its interval is unbounded where that of gamma reaches 0.
func Hill(of string, k []int, sample, surrogate HillCurve) Figure {
	series := []Series{}
	if len(surrogate.Gamma) > 0 {
		series = append(series, tailIndexSeries(seriesSurrogate, k, surrogate))
	}
	if len(sample.Gamma) > 0 {
		series = append(series, tailIndexSeries(of, k, sample))
	}
	return newFigure("hill", series...)
}

func tailIndexSeries(name string, k []int, c HillCurve) Series {
	s := Series{Name: name}
	if len(c.Gamma) != len(k) || len(c.Lo) != len(k) || len(c.Hi) != len(k) {
		panic(fmt.Sprintf("report: %d values of k, %d of gamma (%d, %d ends)", len(k), len(c.Gamma), len(c.Lo), len(c.Hi)))
	}
	for i := range k {
		s.add(float64(k[i]), estimate.Number(reciprocal(c.Gamma[i])),
			estimate.Interval{Lo: reciprocal(c.Hi[i]), Hi: reciprocal(c.Lo[i])})
	}
	return s
}

// reciprocal is 1/x, and NaN where x is not positive.
func reciprocal(x float64) float64 {
	if x > 0 {
		return 1 / x
	}
	return nan
}

// thresholdMethods are those whose curves are smooth enough to be read; pickands jumps, power-law is hill with another count.
var thresholdMethods = []string{"hill", "moment", "kernel", "gpd"}

// Thresholds draws gamma against k method by method, and the k that each chose: the threshold-stability plot. It is no figure of
// a run, so that it is drawn from a result of package tail and cannot be read back.
func Thresholds(curves []tail.Curve, chosen []tail.Estimate) Figure {
	var series []Series
	mark := Series{Name: seriesChosen}
	for _, method := range thresholdMethods {
		s := Series{Name: method}
		for _, c := range curves {
			if c.Method != method {
				continue
			}
			for _, e := range c.Points {
				s.X, s.Y = append(s.X, float64(e.K)), append(s.Y, float64(e.Gamma))
			}
		}
		series = append(series, s)
		for _, e := range chosen {
			if e.Method == method && e.K > 0 {
				mark.X, mark.Y = append(mark.X, float64(e.K)), append(mark.Y, float64(e.Gamma))
			}
		}
	}
	return newFigure("thresholds", append([]Series{mark}, series...)...)
}
