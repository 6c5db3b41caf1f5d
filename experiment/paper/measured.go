package paper

import (
	"math"

	"github.com/noiseprobe/noiseprobe/analysis/compare"
	"github.com/noiseprobe/noiseprobe/analysis/estimate"
)

// Measured is a quantity over the seeds of a cell, beside what was published.
type Measured struct {
	N    int             `json:"n"`
	Mean estimate.Number `json:"mean"`
	// SD has the divisor n - 1 and is null for one seed; CI is the 95% t-interval of the mean.
	SD         estimate.Number   `json:"sd"`
	CI         estimate.Interval `json:"ci"`
	Published  *published        `json:"published"`
	Difference *Difference       `json:"difference"`
}

// Difference is a mean of ours less a published one.
type Difference struct {
	Value estimate.Number   `json:"value"`
	CI    estimate.Interval `json:"ci"`
	// From says what the interval counts: the spread of both, or for one seed the published spread on both sides.
	From string `json:"from"`
}

// What the interval of a [Difference] is made from.
const (
	FromBoth      = "both spreads"
	FromPublished = "the published spread"
)

// measure gathers values, and compares them with what was published where something was.
func measure(values []float64, p *published) Measured {
	e := compare.MeanOf(values, compare.Linear)
	m := Measured{N: e.N, Mean: e.Mean, SD: e.SD, CI: e.CI, Published: p}
	if p != nil && e.N > 0 {
		m.Difference = p.differenceTo(e, theSettings.PublishedSeeds)
	}
	return m
}

// differenceTo is ours less the published mean of seeds values, by Welch's t from means and standard deviations,
//
//	se^2 = s^2/n + p.SD^2/seeds        df = se^4 / ((s^2/n)^2/(n-1) + (p.SD^2/seeds)^2/(seeds-1))
//
// One value of ours has no spread of its own. It is then taken to be that of the published ones, with seeds - 1 degrees of freedom:
//
//	se^2 = p.SD^2 (1 + 1/seeds)
func (p *published) differenceTo(e compare.Estimate, seeds int) *Difference {
	theirs := p.SD * p.SD / float64(seeds)
	ours := float64(e.SD) * float64(e.SD) / float64(e.N)
	from, df := FromBoth, math.Pow(ours+theirs, 2)/(ours*ours/float64(e.N-1)+theirs*theirs/float64(seeds-1))
	if e.N == 1 {
		ours, df, from = p.SD*p.SD, float64(seeds-1), FromPublished
	}
	d := float64(e.Mean) - p.Mean
	half := estimate.Student(df) * math.Sqrt(ours+theirs)
	return &Difference{Value: estimate.Number(d), CI: estimate.Around(d, half), From: from}
}
