package probe

import (
	"math"
	"slices"
)

// Variances are those of the parameters whose variances share a bin.
type Variances struct {
	// Parameters is how many there are, and Variance their mean variance, divisor n.
	Parameters int
	Variance   float64
}

const (
	// binBits of the fraction select the bin within an octave.
	binBits = 5
	// binOctaves below the largest variance are told apart.
	binOctaves = 64
)

// diagonal is the distribution of the diagonal of Sigma, ascending: 32 bins an octave, equally wide within one, down to 2^-64 of
// the largest variance, and one for all below it. Count and total of every bin are exact, so the trace is. It is nil where a
// variance is not finite.
func (g *Gradients) diagonal() []Variances {
	const bins = 1 << (11 + binBits)
	count, total := make([]int, bins), make([]float64, bins)
	largest, memory := 0.0, []float64(nil)
	for _, l := range g.Layers {
		memory = slices.Grow(memory[:0], l.Parameters())
		variance := memory[:l.Parameters()]
		l.VarianceTo(variance)
		for _, v := range variance {
			if math.IsNaN(v) || math.IsInf(v, 0) {
				return nil
			}
			bin := math.Float64bits(v) >> (52 - binBits)
			count[bin]++
			total[bin] += v
			largest = max(largest, v)
		}
	}
	smallest := int(math.Float64bits(math.Ldexp(largest, -binOctaves)) >> (52 - binBits))
	for bin := range smallest {
		count[smallest] += count[bin]
		total[smallest] += total[bin]
		count[bin] = 0
	}
	var all []Variances
	for bin, n := range count {
		if n > 0 {
			all = append(all, Variances{Parameters: n, Variance: total[bin] / float64(n)})
		}
	}
	return all
}
