package enhancement

import (
	"math"

	"github.com/noiseprobe/noiseprobe/analysis/tail"
)

// tailGroups is the number of groups that the jackknife of a tail estimate leaves out in turn.
const tailGroups = 16

// Tails compares the tail indices of the two arms along one direction: gamma of NE minus gamma of SGD, of Hill and of the moment
// estimator at the same k = [tail.DefaultK] of |draws|. A positive difference is a heavier tail of NE. There is no prediction in
// closed form; the p-value is that of no difference, which holds for noise with regularly varying tails, whose index no sum changes.
//
// The standard error is that of a jackknife over 16 groups of draws, k falling with the sample. It is on the safe side: the
// interval of the difference covers 96 to 98% for Student t with 3 degrees of freedom and 98 to 99% for Gaussian draws, 4096 of each. The rows are undefined for fewer draws than 64.
func (m Matching) Tails(direction string, ne, sgd []float64) []Comparison {
	var rows []Comparison
	for _, e := range []struct {
		name   string
		method tail.Method
	}{{HillDifference, tail.Hill}, {MomentDifference, tail.Moment}} {
		q := difference(gammaOf(ne, e.method), gammaOf(sgd, e.method))
		row := m.row(e.name, direction, len(ne), math.NaN(), q.value)
		row.CI, row.PValue = q.interval(), q.pValue(0)
		rows = append(rows, row)
	}
	return rows
}

// gammaOf is a tail estimate with the standard error of the delete-a-group jackknife: group g is every draw whose index is g modulo
// the number of groups, so that it does not depend on workers.
func gammaOf(x []float64, method tail.Method) quantity {
	if len(x) < 4*tailGroups {
		return undefinedQuantity
	}
	k := tail.DefaultK(len(x))
	whole := float64(method(x, tail.Absolute, k).Gamma)
	kept := make([]float64, 0, len(x))
	values, mean := [tailGroups]float64{}, 0.0
	for g := range values {
		kept = kept[:0]
		for i, v := range x {
			if i%tailGroups != g {
				kept = append(kept, v)
			}
		}
		less := int(math.Round(float64(k) * float64(len(kept)) / float64(len(x))))
		values[g] = float64(method(kept, tail.Absolute, less).Gamma)
		mean += values[g] / tailGroups
	}
	squares := 0.0
	for _, v := range values {
		squares += (v - mean) * (v - mean)
	}
	return quantity{whole, math.Sqrt(squares * (tailGroups - 1) / tailGroups), tailGroups - 1}
}
