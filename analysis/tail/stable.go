package tail

import (
	"fmt"
	"math"

	"github.com/noiseprobe/noiseprobe/analysis/estimate"
)

// StableEstimate is a fit of a stable law to a sample. Beta, Scale and Location are those of Nolan's S0 parameterisation,
//
//	log E exp(i t X) = i Location t - |Scale t|^Alpha (1 + i Beta tan(pi Alpha/2) sign(t) (|Scale t|^(1-Alpha) - 1))
//
// in which a Gaussian of standard deviation s has Scale s/sqrt 2, and Location is continuous in Alpha. The location of S1 is
//
//	Location - Beta Scale tan(pi Alpha/2)    (Alpha != 1)
//
// What a method does not estimate is NaN. CI is the 95% interval of Alpha.
type StableEstimate struct {
	Method    string            `json:"method"`
	Alpha     estimate.Number   `json:"alpha"`
	Beta      estimate.Number   `json:"beta"`
	Scale     estimate.Number   `json:"scale"`
	Location  estimate.Number   `json:"location"`
	CI        estimate.Interval `json:"ci"`
	BlockSize int               `json:"block_size,omitempty"` // K1 of the block sums
	Warnings  []string          `json:"warnings,omitempty"`
	// Reason says what a method does not estimate; what is undefined for this sample is among Warnings.
	Reason string `json:"reason,omitempty"`
}

// Stable fits a stable law to a sample by four methods, in this order: Mohammadi, LogMoment, McCulloch and Koutrouvelis. Every method has
// a row; what is undefined is NaN, with the reason. They give an alpha for any sample, stable or not; for Gaussian ones see
// ScaleArtefact.
//
// Fewer than 5 different values have no interval.
func Stable(x []float64, seed uint64) []StableEstimate {
	rows := []StableEstimate{Mohammadi(x), LogMoment(x), McCulloch(x, seed), Koutrouvelis(x)}
	for i := range rows {
		if rows[i].CI.Defined() && estimate.FewDistinct(x) {
			rows[i].CI = estimate.None()
			rows[i].Warnings = append(rows[i].Warnings, fmt.Sprintf("no interval from fewer than %d different values", estimate.MinDistinct))
		}
	}
	return rows
}

func noStable(method, why string) StableEstimate {
	u := estimate.Undefined()
	return StableEstimate{
		Method: method, Alpha: u, Beta: u, Scale: u, Location: u, CI: estimate.None(), Warnings: []string{why},
	}
}

// unfit says why all estimators are undefined for x; "" if they are not.
func unfit(x []float64) string {
	constant := true
	for _, v := range x {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return "a value is not finite"
		}
		constant = constant && v == x[0]
	}
	if constant {
		return "all values are equal"
	}
	return ""
}

// unfitLogs is unfit for methods that take logarithms.
func unfitLogs(x []float64) string {
	if why := unfit(x); why != "" {
		return why
	}
	if Zeros(x) > 0 {
		return "exact zeros have no logarithm"
	}
	return ""
}
