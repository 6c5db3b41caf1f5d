package identity

import (
	"slices"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/noiseprobe/noiseprobe/analysis/estimate"
	"github.com/noiseprobe/noiseprobe/internal/parallel"
)

// FalseAlarmRate bounds the probability that a check fails although every identity holds: the family-wise error rate.
const FalseAlarmRate = 0.001

// Settings say what to draw.
type Settings struct {
	// Seed is the root seed of all data and draws.
	Seed uint64
	// Shrink divides the number of random draws, but keeps enough that z is nearly normal far into its tails. It is for calibration: the
	// checks keep their false-alarm rate and lose power. 0 means 1.
	Shrink int
}

// Result is the result of a verification.
type Result struct {
	Seed           uint64          `json:"seed"`
	FalseAlarmRate float64         `json:"false_alarm_rate"`
	PThreshold     estimate.Number `json:"p_threshold"` // a random check holds if its p-value is not below this
	OK             bool            `json:"ok"`          // all checks hold
	Checks         []Check         `json:"checks"`
}

// Check is one identity, predicted and measured. A random check has an interval, a z and a p-value; a check by enumeration has only a
// tolerance. What it does not have is undefined.
type Check struct {
	Name      string          `json:"name"`
	Predicted estimate.Number `json:"predicted"`
	Measured  estimate.Number `json:"measured"`
	// CI is the 95% interval of the measured value. For one correct check in twenty it does not contain the prediction.
	CI estimate.Interval `json:"ci"`
	// Z is the difference from the prediction in standard errors, on the scale where the measured value is nearly normal.
	Z estimate.Number `json:"z"`
	// PValue is two-sided.
	PValue estimate.Number `json:"p_value"`
	// Tolerance is the largest difference that rounding explains.
	Tolerance estimate.Number `json:"tolerance"`
	OK        bool            `json:"ok"`
}

// Verify checks every identity of package noise. The result depends only on the settings, not on the number of workers.
func Verify(s Settings) *Result { return verify(s, closedForms) }

func verify(s Settings, want theory) *Result {
	v := &verification{root: s.Seed, shrink: max(s.Shrink, 1), want: want}
	parts := []func() []Check{
		v.enumerated, v.effectiveEnumerated, v.independentEnumerated,
		v.engine,
		v.direct, v.resampled, v.ordered,
		v.cumulants,
		v.normsEnumerated, v.norms,
		v.stable,
		v.siblings,
	}
	found := make([][]Check, len(parts))
	parallel.Run(parallel.Workers(), len(parts), func(k int) { found[k] = parts[k]() })
	r := &Result{Seed: s.Seed, FalseAlarmRate: FalseAlarmRate, Checks: slices.Concat(found...)}
	r.judge()
	return r
}

// verification is one run of the checks: its source of randomness, and the theory that it compares with.
type verification struct {
	root   uint64
	shrink int
	want   theory
}

// draws is the number of draws of a full verification divided by shrink, but at least enough.
func (v *verification) draws(full, enough int) int { return max(min(full, enough), full/v.shrink) }

// judge sets the verdicts. A random check fails if its p-value is below the false-alarm rate divided by the number of random checks
// (Bonferroni), which keeps the rate for any dependence between checks that share draws.
func (r *Result) judge() {
	random := 0
	for _, c := range r.Checks {
		if !c.Tolerance.Defined() {
			random++
		}
	}
	r.PThreshold = estimate.Number(r.FalseAlarmRate / float64(random))
	r.OK = true
	for i := range r.Checks {
		c := &r.Checks[i]
		c.OK = c.PValue >= r.PThreshold || c.within()
		r.OK = r.OK && c.OK
	}
}

// CriticalZ is the absolute value of z at the threshold of the p-values for a normal distribution; for Student's t it is a few per cent
// larger.
func (r *Result) CriticalZ() float64 { return -distuv.UnitNormal.Quantile(float64(r.PThreshold) / 2) }
