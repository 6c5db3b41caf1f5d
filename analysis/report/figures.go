package report

import (
	"fmt"
	"math"
	"slices"

	"github.com/noiseprobe/noiseprobe/analysis/enhancement"
	"github.com/noiseprobe/noiseprobe/analysis/estimate"
	"github.com/noiseprobe/noiseprobe/analysis/figure"
	"github.com/noiseprobe/noiseprobe/analysis/shape"
	"github.com/noiseprobe/noiseprobe/noise"
	"gonum.org/v1/gonum/stat/distuv"
)

// Loss draws training and test loss against the step, and under them, where there are any, the losses of minibatches, which are steps and
// values.
func Loss(metrics []Metric, steps, losses []float64) figure.Figure {
	var minibatches []figure.Series
	if len(steps) > 0 {
		minibatches = append(minibatches, figure.Series{Name: "minibatches", Kind: figure.Faint, For: seriesTraining, X: steps, Y: losses})
	}
	return newFigure("loss", append(minibatches,
		alongMetrics(seriesTraining, metrics, func(m Metric) float64 { return m.TrainLoss }),
		alongMetrics(seriesTest, metrics, func(m Metric) float64 { return m.TestLoss }))...)
}

// Accuracy draws the test accuracy against the step.
func Accuracy(metrics []Metric) figure.Figure {
	return newFigure("accuracy", alongMetrics(seriesTest, metrics, func(m Metric) float64 { return m.TestAccuracy }))
}

// alongMetrics leaves out the rows where the value was not evaluated, which is no defect of the run.
func alongMetrics(name string, metrics []Metric, value func(Metric) float64) figure.Series {
	s := figure.Series{Name: name, Kind: figure.Line}
	for _, m := range metrics {
		if y := value(m); finite(y) {
			s.X, s.Y = append(s.X, float64(m.Step)), append(s.Y, y)
		}
	}
	return s
}

// NoiseAlongTraining draws tr Sigma ("trace") and the noise scale ("noise-scale") with their intervals against the step.
func NoiseAlongTraining(r *Report) (trace, scale figure.Figure) {
	t, s := figure.Series{Name: "tr Sigma", Kind: figure.Track}, figure.Series{Name: "noise scale", Kind: figure.Track}
	for _, c := range r.Checkpoints {
		if z := c.NoiseSize; z != nil {
			t.Add(float64(c.Step), z.Trace, z.TraceCI)
			s.Add(float64(c.Step), z.NoiseScale, z.NoiseScaleCI)
		}
	}
	return newFigure("trace", t), newFigure("noise-scale", s)
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
	s := figure.Series{Name: name, Kind: figure.Line}
	for i, v := range eigenvalues {
		if v > 0 && v > 1e-12*eigenvalues[0] {
			s.X, s.Y = append(s.X, float64(i+1)), append(s.Y, v)
		}
	}
	return s
}

// Enhancement draws the factors of the last checkpoint with direct draws against alpha^2 + (1 - alpha)^2.
func Enhancement(r *Report) figure.Figure {
	direct := figure.Series{Name: enhancement.Direct, Kind: figure.Points}
	lo, hi := 0.0, 1.0
	for _, row := range lastFactors(r) {
		direct.Add(row.Alpha, row.Measured, row.CI)
		lo, hi = min(lo, row.Alpha), max(hi, row.Alpha)
	}
	if len(direct.X) == 0 {
		return newFigure("enhancement")
	}
	return newFigure("enhancement", factorCurve(lo, hi), direct)
}

// lastFactors are the direct rows of the last checkpoint that has any, but for the naive one, which has another curve.
func lastFactors(r *Report) (rows []enhancement.Factor) {
	isDirect := func(f enhancement.Factor) bool {
		return f.Evidence == enhancement.Direct && f.Kind != enhancement.Theorem
	}
	c := lastWith(r, func(c Checkpoint) bool { return slices.ContainsFunc(c.Enhancement, isDirect) })
	if c == nil {
		return nil
	}
	for _, f := range c.Enhancement {
		if isDirect(f) {
			rows = append(rows, f)
		}
	}
	return rows
}

func factorCurve(lo, hi float64) figure.Series {
	const points = 101
	s := figure.Series{Name: seriesPredicted, Kind: figure.Reference}
	for i := range points {
		alpha := lo + (hi-lo)*float64(i)/(points-1)
		s.X, s.Y = append(s.X, alpha), append(s.Y, noise.Factor(alpha))
	}
	return s
}

// Kurtosis draws the excess of the noise over a Gaussian for each arm at the last checkpoint that has it: from the recorded gradients, and over
// real minibatches.
func Kurtosis(r *Report) figure.Figure {
	c := lastWith(r, func(c Checkpoint) bool { return c.Shape != nil && len(c.Shape.Rows) > 0 })
	if c == nil {
		return newFigure("kurtosis")
	}
	units, direct := figure.Series{Name: "from recorded gradients", Kind: figure.Points}, figure.Series{Name: "over real minibatches", Kind: figure.Points}
	for i, arm := range enhancement.Arms() {
		if row := excessRow(c.Shape, arm, shape.Exact); row != nil {
			excess, ci := row.FromGradients()
			units.Add(float64(i+1), excess, ci)
		}
		if row := excessRow(c.Shape, arm, enhancement.Direct); row != nil {
			direct.Add(float64(i+1), row.NormExcess, row.CI)
		}
	}
	series := []figure.Series{units}
	if len(direct.X) > 0 {
		series = append(series, direct)
	}
	return newFigure("kurtosis", series...)
}

// Shape draws standardised noise along one direction, arm by arm, each at most 200 points, against the quantiles of
// the normal distribution at (i - 1/2) / n. The samples need no order and are not modified.
func Shape(samples []shape.Sample) figure.Figure {
	var series []figure.Series
	lo, hi := math.Inf(1), math.Inf(-1)
	for _, sample := range samples {
		if len(sample.Values) == 0 {
			continue
		}
		s := quantiles(sample.Arm.String(), sample.Values)
		lo, hi = min(lo, s.X[0]), max(hi, s.X[len(s.X)-1])
		series = append(series, s)
	}
	if len(series) == 0 {
		return newFigure("shape")
	}
	ends := []float64{lo, hi}
	return newFigure("shape", append([]figure.Series{{Name: seriesGaussian, Kind: figure.Reference, X: ends, Y: ends}}, series...)...)
}

// quantiles picks at most 200 points of a Q-Q plot, evenly spaced along the quantiles of the normal distribution, where the outermost values
// are all among them.
func quantiles(name string, draws []float64) figure.Series {
	const most = 200
	sorted := slices.Sorted(slices.Values(draws))
	n := len(sorted)
	s := figure.Series{Name: name, Kind: figure.Points}
	quantile := func(i int) float64 { return distuv.UnitNormal.Quantile((float64(i) + 0.5) / float64(n)) }
	end := quantile(n - 1)
	for k, last := 0, -1; k < most; k++ {
		at := k
		if n > most {
			z := end * (2*float64(k)/(most-1) - 1)
			at = int(math.Round(float64(n)*distuv.UnitNormal.CDF(z) - 0.5))
		}
		if at > last && at < n {
			s.X, s.Y, last = append(s.X, quantile(at)), append(s.Y, sorted[at]), at
		}
	}
	return s
}

// Hill draws the tail index 1/gamma of the gradient norms, and of their Gaussian surrogate, against k. It is undefined where gamma <= 0, and its
// interval is unbounded where that of gamma reaches 0.
func Hill(p shape.HillPlot) figure.Figure {
	var series []figure.Series
	if len(p.Surrogate.Gamma) > 0 {
		gaussian := tailIndexSeries(seriesSurrogate, p.K, p.Surrogate)
		gaussian.Soft = true
		series = append(series, gaussian)
	}
	if len(p.Sample.Gamma) > 0 {
		series = append(series, tailIndexSeries(shape.GradientNorm, p.K, p.Sample))
	}
	return newFigure("hill", series...)
}

func tailIndexSeries(name string, k []int, c shape.HillCurve) figure.Series {
	s := figure.Series{Name: name, Kind: figure.Band}
	for i := range k {
		s.Add(float64(k[i]), estimate.Reciprocal(c.Gamma[i]), estimate.Interval{Lo: c.Lo[i], Hi: c.Hi[i]}.Reciprocal())
	}
	return s
}
