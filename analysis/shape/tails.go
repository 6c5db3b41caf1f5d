package analysis

import (
	"sync"

	"github.com/noiseprobe/noiseprobe/analysis/enhancement"
	"github.com/noiseprobe/noiseprobe/analysis/estimate"
	"github.com/noiseprobe/noiseprobe/analysis/normality"
	"github.com/noiseprobe/noiseprobe/analysis/report"
	"github.com/noiseprobe/noiseprobe/analysis/tail"
	"github.com/noiseprobe/noiseprobe/internal/seed"
	"github.com/noiseprobe/noiseprobe/probe"
	"gonum.org/v1/gonum/stat/distuv"
)

// recorded is the evidence of rows about the recorded units themselves: one number a unit, nothing drawn.
const recorded = "recorded"

// surrogateSeed fixes the Gaussian surrogates: they are a reference, the same for every run.
const surrogateSeed = 1

// addPerUnit describes the losses and gradient norms of the recorded units.
func addPerUnit(c *report.Checkpoint, u *probe.Units, s Settings) {
	add := func(of string, x []float64) {
		if len(x) == 0 {
			return
		}
		c.Summaries = append(c.Summaries, report.Summary{Of: of, Summary: normality.Summarise(x)})
		c.Normality = append(c.Normality, describe(of, report.AxisUnits, x, s.effort()))
		c.Tails = append(c.Tails, unitTail(of, x, s))
	}
	add("loss", u.Loss)
	add("gradient norm", u.Norm())
}

var methods = []struct {
	name     string
	estimate tail.Method
}{{"hill", tail.Hill}, {"moment", tail.Moment}}

func unitTail(of string, x []float64, s Settings) report.Tail {
	row := report.Tail{Of: of, Axis: report.AxisUnits, Evidence: recorded, Zeros: tail.Zeros(x), N: len(x)}
	k := tail.DefaultK(len(x))
	for _, m := range methods {
		row.Estimates = append(row.Estimates, m.estimate(x, tail.Absolute, k))
		rng := seed.New(s.Seed, "surrogate of "+of+" for "+m.name)
		row.Surrogate = append(row.Surrogate, tail.GaussianBand(x, tail.Absolute, k, m.estimate, s.effort().replicates(tail.Replicates), rng))
	}
	return row
}

// addTails estimates the tails of the noise along the leading and the first random direction.
func (sh shape) addTails(c *report.Checkpoint) {
	for _, ax := range sh.axes {
		if !hasTails(ax.name) {
			continue
		}
		for k, a := range sh.arms {
			x := ax.draws[k]
			row := report.Tail{
				Of: ax.name, Axis: report.AxisDraws, Evidence: enhancement.Resampled, Standardised: true,
				Zeros: tail.Zeros(x), Alpha: &a.alpha, Batch: &a.batch, N: len(x), Surrogate: standardBands(len(x), sh.effort.replicates(tail.Replicates)),
			}
			for _, m := range methods {
				row.Estimates = append(row.Estimates, m.estimate(x, tail.Absolute, tail.DefaultK(len(x))))
			}
			// Quantiles would need a bootstrap, and losses and norms, which are not symmetric, are no stable noise.
			row.Stable = []tail.StableEstimate{tail.Mohammadi(x), tail.LogMoment(x), tail.Koutrouvelis(x)}
			c.Tails = append(c.Tails, row)
		}
	}
}

func hasTails(axis string) bool { return axis == leadingAxis || axis == randomAxis }

// addDirectShape describes the noise of the direct draws along their fixed directions: few draws, but of real minibatches.
func addDirectShape(c *report.Checkpoint, d *probe.Draws, e effort) {
	add := func(of string, alpha float64, batch int, x []float64) {
		if len(x) < 2 {
			return
		}
		row := describe(of, report.AxisDraws, x, e)
		row.Evidence, row.Standardised, row.Alpha, row.Batch = enhancement.Direct, true, &alpha, &batch
		c.Normality = append(c.Normality, row)
	}
	for _, p := range d.Projections {
		of := "noise " + p.Name
		if d.Alpha != 1 {
			add(of, d.Alpha, d.Batch, p.NE)
		}
		add(of, 1, d.Batch, p.X)
		if d.Effective != d.Batch {
			add(of, 1, d.Effective, p.Effective)
		}
	}
}

// HillPlot is Hill's estimate of gamma against k for a sample, and for Gaussian quantiles of the same mean and scale.
type HillPlot struct {
	K         []int
	Sample    report.HillCurve
	Surrogate report.HillCurve
}

func hillPlot(x []float64) HillPlot {
	maxK := len(x) / 4
	k, gamma, lo, hi := tail.HillCurve(x, tail.Absolute, maxK)
	_, g, l, h := tail.HillCurve(gaussianQuantiles(x), tail.Absolute, maxK)
	return HillPlot{K: k, Sample: report.HillCurve{Gamma: gamma, Lo: lo, Hi: hi}, Surrogate: report.HillCurve{Gamma: g, Lo: l, Hi: h}}
}

// gaussianQuantiles are the quantiles at (i - 1/2)/n of the Gaussian with the mean and standard deviation of x.
func gaussianQuantiles(x []float64) []float64 {
	m := normality.Describe(x)
	return quantiles(len(x), distuv.Normal{Mu: float64(m.Mean), Sigma: sqrt(m.Variance)})
}

func quantiles(n int, law distuv.Normal) []float64 {
	q := make([]float64, n)
	for i := range q {
		q[i] = law.Quantile((float64(i) + 0.5) / float64(n))
	}
	return q
}

// reference is a number of Gaussian samples of one size.
type reference struct{ n, replicates int }

// The references depend on that alone, so that they are made once a process.
var references struct {
	sync.Mutex
	bands    map[reference][]tail.SurrogateBand
	kurtosis map[reference]estimate.Interval
}

// standardBands are the tail indices of standard Gaussian samples of size n.
func standardBands(n, replicates int) []tail.SurrogateBand {
	references.Lock()
	defer references.Unlock()
	key := reference{n, replicates}
	if b, ok := references.bands[key]; ok {
		return b
	}
	if references.bands == nil {
		references.bands = map[reference][]tail.SurrogateBand{}
	}
	x := quantiles(n, distuv.UnitNormal)
	for _, m := range methods {
		rng := seed.New(surrogateSeed, "standard bands of "+m.name, uint64(n))
		references.bands[key] = append(references.bands[key],
			tail.GaussianBand(x, tail.Absolute, tail.DefaultK(n), m.estimate, replicates, rng))
	}
	return references.bands[key]
}
