package main

import (
	"math"

	"github.com/noiseprobe/noiseprobe/analysis/identity"
	"github.com/noiseprobe/noiseprobe/analysis/normality"
	"github.com/noiseprobe/noiseprobe/internal/seed"
)

// shrink divides the draws of verify, so that it can be run at many seeds.
const shrink = 64

// family is how often verify fails where every identity holds.
type family struct {
	checks      int                 // random ones
	alarms      normality.Rejection // at the rate that verify states
	five        normality.Rejection // at a family-wise rate of 5%
	pooledFive  float64             // share of p-values below 5%
	pooledOne   float64
	enumeration int // checks by enumeration that failed, in all
}

// familyWise verifies at o.seeds seeds. By Bonferroni the smallest p-value times the number of checks is the p-value of the
// whole.
func familyWise(o options) family {
	var f family
	var whole []float64
	all, five, one := 0.0, 0.0, 0.0
	for k := range o.seeds {
		r := identity.Verify(identity.Settings{Seed: seed.New(o.seed, "calibrate/verify", uint64(k)).Uint64(), Shrink: shrink})
		smallest := math.Inf(1)
		f.checks = 0
		for _, c := range r.Checks {
			if !c.PValue.Defined() {
				if !c.OK {
					f.enumeration++
				}
				continue
			}
			f.checks++
			p := float64(c.PValue)
			smallest, all = min(smallest, p), all+1
			if p <= 0.05 {
				five++
			}
			if p <= 0.01 {
				one++
			}
		}
		whole = append(whole, math.Log(smallest*float64(f.checks)))
	}
	f.alarms, f.five = normality.RejectionRate(whole, identity.FalseAlarmRate), normality.RejectionRate(whole, 0.05)
	f.pooledFive, f.pooledOne = five/all, one/all
	return f
}
