package main

import (
	"math"
	"math/rand/v2"

	"github.com/noiseprobe/noiseprobe/analysis/estimate"
	"github.com/noiseprobe/noiseprobe/analysis/normality"
	"github.com/noiseprobe/noiseprobe/internal/parallel"
	"github.com/noiseprobe/noiseprobe/internal/seed"
)

// experiment draws a data set a replicate and reads some estimators of it.
type experiment struct {
	section string
	data    string  // what is drawn
	n       int     // how many
	share   float64 // of the replicates, but not fewer than fewest
	targets []target
	// read draws one data set and returns a reading for every target, in their order.
	read func(rng *rand.Rand) []reading
}

// fewest is the number of data sets below which neither a coverage nor a rate says anything.
const fewest = 100

// kind is what a target is about.
type kind int

const (
	covers  kind = iota // an interval that should hold the truth
	rejects             // a p-value whose null hypothesis is true
	says                // whether something is said
)

// target is what a reading is held against.
type target struct {
	name string
	kind kind
	// truth is what an interval should hold.
	truth float64
	// bar says that a coverage of 93 to 97% is required.
	bar bool
}

// interval is the target of an interval, barred that of one whose coverage has to be 93 to 97%, test that of a p-value, and statements those of
// things that a report may say.
func interval(name string, truth float64) target { return target{name: name, truth: truth} }
func barred(name string, truth float64) target   { return target{name: name, truth: truth, bar: true} }
func test(name string) target                    { return target{name: name, kind: rejects} }

// barredIf is barred where that is required, and else interval.
func barredIf(required bool) func(name string, truth float64) target {
	if required {
		return barred
	}
	return interval
}

func statements(names ...string) (all []target) {
	for _, name := range names {
		all = append(all, target{name: name, kind: says})
	}
	return all
}

// reading is an estimate with its interval, a p-value, or whether something is said.
type reading struct {
	value float64
	ci    estimate.Interval
	p     float64
	said  bool
}

func estimated(value estimate.Number, ci estimate.Interval) reading {
	return reading{value: float64(value), ci: ci}
}

// against is the reading of an estimate whose truth changes from one data set to the next: both are shifted by it, to 0.
func against(value estimate.Number, ci estimate.Interval, truth float64) reading {
	return reading{value: float64(value) - truth, ci: estimate.Interval{Lo: ci.Lo - truth, Hi: ci.Hi - truth}}
}

func tested(p estimate.Number) reading { return reading{p: float64(p)} }

func said(all ...bool) (readings []reading) {
	for _, yes := range all {
		readings = append(readings, reading{said: yes})
	}
	return readings
}

// run makes the replicates, each from a random stream of its own, and sums them up, one row a target.
func (e experiment) run(o options) []row {
	count := max(min(o.replicates, fewest), int(math.Round(e.share*float64(o.replicates))))
	all := make([][]reading, count)
	parallel.For(count, 1, func(lo, hi int) {
		for k := lo; k < hi; k++ {
			all[k] = e.read(seed.New(o.seed, "calibrate/"+e.section+"/"+e.data, uint64(e.n), uint64(k)))
		}
	})
	rows := make([]row, len(e.targets))
	for i, t := range e.targets {
		readings := make([]reading, count)
		for k := range all {
			readings[k] = all[k][i]
		}
		rows[i] = row{section: e.section, data: e.data, n: e.n, target: t, replicates: count}
		switch t.kind {
		case covers:
			rows[i].coverage = coverageOf(readings, t.truth)
		case rejects:
			rows[i].size = sizeOf(readings)
		case says:
			rows[i].rate = rateOf(readings)
		}
	}
	return rows
}

// row is what came out for one target: a coverage, a size or a rate.
type row struct {
	section, data string
	n             int
	target
	replicates int
	coverage
	size
	rate normality.Rejection
}
