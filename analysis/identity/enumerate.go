package identity

import (
	"math"
	"slices"

	"github.com/noiseprobe/noiseprobe/noise"
)

// pair is one of the equally likely outcomes of drawing B and B'.
type pair struct{ b, prime []int }

// everyPair lists the outcomes of drawing minibatches of size batch out of n samples.
func everyPair(p noise.Pairing, n, batch int) (pairs []pair) {
	minibatches := everyMinibatch(p, n, batch)
	for _, b := range minibatches {
		for _, prime := range minibatches {
			if p != noise.Disjoint || !overlap(b, prime) {
				pairs = append(pairs, pair{b, prime})
			}
		}
	}
	return pairs
}

// everyMinibatch lists the outcomes of drawing one minibatch: all sequences with replacement, else all subsets.
func everyMinibatch(p noise.Pairing, n, batch int) [][]int {
	list := [][]int{nil}
	for range batch {
		var longer [][]int
		for _, head := range list {
			first := 0
			if p != noise.Replacement && len(head) > 0 {
				first = head[len(head)-1] + 1
			}
			for i := first; i < n; i++ {
				longer = append(longer, append(slices.Clone(head), i))
			}
		}
		list = longer
	}
	return list
}

func overlap(a, b []int) bool {
	return slices.ContainsFunc(a, func(i int) bool { return slices.Contains(b, i) })
}

// outcomes are the gradients of a step for every pair: Eq. 6, or Eq. 5 where the pairing is naive.
func (g population) outcomes(p noise.Pairing, pairs []pair, alpha float64) population {
	full := g.mean(nil)
	all := make(population, len(pairs))
	for k, q := range pairs {
		other := full
		if p != noise.Naive {
			other = g.mean(q.prime)
		}
		for j, x := range g.mean(q.b) {
			all[k] = append(all[k], float64(alpha*x)+float64((1-alpha)*other[j]))
		}
	}
	return all
}

// momentsOf are the central moments of equally likely outcomes.
func momentsOf(x []float64) noise.CentralMoments {
	p := noise.NewPopulation(x)
	return noise.CentralMoments{Mu2: p.C2, Mu3: p.C3, Mu4: p.C4}
}

// farthest is the entry of got - c want with the largest absolute value, with its sign, relative to the largest of want.
func farthest(got, want [][]float64, c float64) float64 {
	worst, largest := 0.0, 0.0
	for j := range got {
		for k := range got[j] {
			largest = max(largest, math.Abs(want[j][k]))
			if d := got[j][k] - float64(c*want[j][k]); math.Abs(d) >= math.Abs(worst) {
				worst = d
			}
		}
	}
	return worst / largest
}
