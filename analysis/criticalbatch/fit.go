package criticalbatch

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/noiseprobe/noiseprobe/analysis/estimate"
)

// FewestBatches is the number of batch sizes below which nothing is fitted: the law has two parameters.
const FewestBatches = 3

// Verdicts on a critical batch size.
const (
	Measured    = "measured"      // with an interval of two ends, and within the tested range
	NoneInRange = "none-in-range" // Where says why
)

// Where a critical batch size is that was not measured.
const (
	Above     = "above"     // steps fall as 1/B up to the largest batch: it is larger
	Below     = "below"     // steps hardly fall: it is smaller than the smallest batch
	Undecided = "undecided" // the runs differ too much to say
	TooFew    = "too-few"   // fewer than FewestBatches batch sizes reached the loss
)

// Row is a run: the steps in which it reached the loss, undefined where it did not, and the samples of B that it read in them.
type Row struct {
	Alpha   float64         `json:"alpha"`
	Batch   int             `json:"batch"`
	Seed    uint64          `json:"seed"`
	Steps   estimate.Number `json:"steps"`
	Samples estimate.Number `json:"samples"`
}

// Fit is the law S = S_min + E_min / B of the runs at one alpha.
type Fit struct {
	Alpha float64 `json:"alpha"`
	// SMin and EMin are the fewest steps and samples, CriticalBatch is EMin / SMin in samples; undefined where the best fit has none.
	SMin          estimate.Number `json:"s_min"`
	EMin          estimate.Number `json:"e_min"`
	CriticalBatch estimate.Number `json:"critical_batch"`
	// CI is the 95% interval of CriticalBatch, SMinCI and EMinCI are those of the others.
	CI     estimate.Interval `json:"ci"`
	SMinCI estimate.Interval `json:"s_min_ci"`
	EMinCI estimate.Interval `json:"e_min_ci"`
	// Batches and Runs count what the fit rests on.
	Batches int `json:"batches"`
	Runs    int `json:"runs"`
	// Spread is the standard deviation of log S over seeds, all batch sizes together.
	Spread estimate.Number `json:"spread"`
	// LackOfFit is the p-value of the law, by the F test against the spread over seeds.
	LackOfFit estimate.Number `json:"lack_of_fit"`
	Verdict   string          `json:"verdict"`
	Where     string          `json:"where"`
}

// Of fits the runs of one alpha by weighted least squares of log S,
//
//	min over S_min, B_crit of  sum_ij w_i (log S_ij - log S_min - log(1 + B_crit / B_i))^2
//
// over batch sizes i and seeds j. The weights are reciprocal variances over seeds, see profile.weigh. Intervals are where the profile of the
// sum is within s^2 F of its minimum, s^2 = sum / d, F the quantile of (1, d) degrees of freedom, d = n - 2 less what the weights take of them.
// Where the batch sizes lie further from the law than the seeds of one from each other, s^2 and its degrees of freedom are those of these
// distances. Nothing is fitted where a run had the loss from its beginning.
func Of(rows []Row) Fit {
	none := estimate.None()
	f := Fit{
		SMin: estimate.Undefined(), EMin: estimate.Undefined(), CriticalBatch: estimate.Undefined(), Spread: estimate.Undefined(),
		LackOfFit: estimate.Undefined(), CI: none, SMinCI: none, EMinCI: none, Verdict: NoneInRange, Where: TooFew,
	}
	if len(rows) > 0 {
		f.Alpha = rows[0].Alpha
	}
	if slices.ContainsFunc(rows, func(r Row) bool { return r.Steps <= 0 }) {
		return f // the loss is none to train to
	}
	p := newProfile(rows)
	f.Batches, f.Runs = len(p.groups), len(p.y)
	if f.Batches < FewestBatches {
		return f
	}
	f.Spread = estimate.Number(p.spread())
	best := p.best()
	f.SMin, f.EMin, f.CriticalBatch = p.values(best)
	variance, degrees := p.variance(best, &f)
	if !(variance > 0) || degrees < 1 {
		f.Where = Undecided
		return f
	}
	quantile := distuv.F{D1: 1, D2: degrees}.Quantile(estimate.Level)
	p.intervals(&f, best, variance*quantile)
	f.judge(p)
	return f
}

// judge compares the estimate and its interval with the tested range.
func (f *Fit) judge(p *profile) {
	smallest, largest := p.ends()
	falls, ends := f.CI.Lo > 0, !math.IsInf(f.CI.Hi, 1)
	b := float64(f.CriticalBatch)
	switch {
	case falls && ends && b >= smallest && b <= largest:
		f.Verdict, f.Where = Measured, ""
	case falls && (!ends || b > largest):
		f.Where = Above
	case ends && (!falls || b < smallest):
		f.Where = Below
	default:
		f.Where = Undecided
	}
}

// At is what the law says of the steps at a batch size; NaN where it is not known.
func (f *Fit) At(batch float64) float64 {
	switch {
	case f.SMin.Defined() && f.EMin.Defined():
		return float64(f.SMin) + float64(f.EMin)/batch
	case f.EMin.Defined():
		return float64(f.EMin) / batch
	}
	return float64(f.SMin)
}
