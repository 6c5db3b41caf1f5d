package main

import (
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/noiseprobe/noiseprobe/analysis/compare"
)

// comparisonVerdictCases read what `compare` says of a quantity at equal B_eff, cell by cell and of the curves of two alphas.
func comparisonVerdictCases() (all []experiment) {
	for _, spread := range []float64{0.03, 0.3} {
		for _, d := range []float64{0, 0.05, 0.5} {
			for _, seeds := range []int{3, 10} {
				s := sweep{seeds: seeds, d: d, spread: func(float64) float64 { return spread }, draw: normal}
				all = append(all, s.verdicts(fmt.Sprintf("d = %g, standard deviation %g", d, spread)))
			}
		}
	}
	return all
}

func (s sweep) verdicts(data string) experiment {
	return experiment{
		section: sectionComparisonVerdict, data: data, n: s.seeds, share: 1,
		targets: statements("a cell: different", "equal", "both undecided", "curves: different", "equal", "undecided"),
		read: func(rng *rand.Rand) []reading {
			r := s.compared(rng, s.run)
			cells, curves := atEqualB(r), curvesOf(r).Verdict
			one := func(v string) bool { return slices.Contains(cells, v) }
			return said(one(compare.Different), one(compare.Equal), !one(compare.Different) && !one(compare.Equal),
				curves == compare.Different, curves == compare.Equal, curves == compare.Undecided)
		},
	}
}

// atEqualB are the verdicts on the cells that have a partner of plain SGD at the same B_eff.
func atEqualB(r compare.Result) (verdicts []string) {
	for _, f := range r.Contrasts {
		if f.Quantity == traceKey && f.Reference == compare.SameEffective {
			for _, row := range f.Rows {
				verdicts = append(verdicts, row.Verdict)
			}
		}
	}
	return verdicts
}
