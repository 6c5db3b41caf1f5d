package probe

import (
	"math"
	"slices"
)

// Variances describes the parameters whose variances fall into the same bin.
type Variances struct {
	// Parameters is their number, and Variance the mean of their variances, divisor n.
	Parameters int
	Variance   float64
}

const (
	// binBits is the number of leading bits of a number's fraction that select its bin within an octave.
	binBits = 5
	// binOctaves is the number of octaves below the largest variance that have bins of their own.
	binOctaves = 64
)

// diagonal is the distribution of the diagonal of Sigma, ascending: 32 bins of equal width in every octave, down to 2^-64 of the
// largest variance, the last of which takes all smaller ones too. Count and sum of every bin are exact, and so is the trace. It is
// nil where a variance is not finite or not known.
func (g *Gradients) diagonal() []Variances {
	if !g.Explicit() {
		return nil
	}
	const bins = 1 << (11 + binBits)
	count, total := make([]int, bins), make([]float64, bins)
	largest, memory := 0.0, []float64(nil)
	for _, l := range g.Layers {
		memory = slices.Grow(memory[:0], l.Parameters())
		variance := memory[:l.Parameters()]
		l.VarianceTo(variance)
		for _, v := range variance {
			if !finite(v) {
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
