package noise_test

import (
	"math/rand/v2"
	"slices"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/noiseprobe/noiseprobe/internal/numtest"
	"github.com/noiseprobe/noiseprobe/internal/seed"
	"github.com/noiseprobe/noiseprobe/noise"
)

// falseAlarm is the probability with which each chi-square check of this file would reject a correct sampler if the seed were random.
const falseAlarm = 1e-6

// pairsOfTwo is the number of equally likely ordered outcomes (b, b') for N = 4 and B = 2.
var pairsOfTwo = map[noise.Pairing]int{
	noise.Independent: 12 * 12,
	noise.Naive:       12 * 12,
	noise.Disjoint:    4 * 3 * 2 * 1,
	noise.Replacement: 4 * 4 * 4 * 4,
}

// TestDrawIsUniform counts outcomes as a whole, so that it covers at once that every sample is equally likely at every place,
// whatever the other samples are; an outcome that must not happen shows as one cell too many.
func TestDrawIsUniform(t *testing.T) {
	for p, cells := range pairsOfTwo {
		rng := seed.New(3, "uniform draws")
		pValue := uniformity(cells, func(_ int, b, prime []int) { noise.Draw(rng, p, 4, b, prime) })
		if pValue < falseAlarm {
			t.Errorf("%s: p = %.2g", p, pValue)
		}
	}
}

// TestOrderIsUniform does the same for one step in the middle of a run over many seeds.
func TestOrderIsUniform(t *testing.T) {
	for _, p := range noise.Pairings {
		pValue := uniformity(pairsOfTwo[p], func(k int, b, prime []int) { newOrder(t, p, 4, 2, uint64(k)).At(3, b, prime) })
		if pValue < falseAlarm {
			t.Errorf("%s: p = %.2g", p, pValue)
		}
	}
}

func TestBiasedDrawIsRejected(t *testing.T) {
	rng := seed.New(3, "biased draws")
	pValue := uniformity(24, func(_ int, b, prime []int) {
		// The classic mistake: a shuffle that swaps with any place instead of one of those that are left.
		order := []int{0, 1, 2, 3}
		for i := range order {
			j := rng.IntN(len(order))
			order[i], order[j] = order[j], order[i]
		}
		copy(b, order)
		copy(prime, order[2:])
	})
	if pValue > falseAlarm {
		t.Errorf("accepted: p = %.2g", pValue)
	}
}

// uniformity is Pearson's chi-square p-value for all cells being equally likely, 0 where there are more than that.
func uniformity(cells int, draw func(k int, b, prime []int)) float64 {
	const each = 100
	count := map[[4]int]int{}
	var outcome [4]int
	for k := range each * cells {
		draw(k, outcome[:2], outcome[2:])
		count[outcome]++
	}
	if len(count) > cells {
		return 0
	}
	statistic := float64(each * (cells - len(count)))
	for _, c := range count {
		statistic += float64((c-each)*(c-each)) / each
	}
	return distuv.ChiSquared{K: float64(cells - 1)}.Survival(statistic)
}

func TestDrawsRespectThePairing(t *testing.T) {
	rng := seed.New(4, "draws")
	const n, batch = 50, 25
	b, prime := make([]int, batch), make([]int, batch)
	overlaps, repeats := map[noise.Pairing]bool{}, map[noise.Pairing]bool{}
	for _, p := range allPairings {
		for range 100 {
			noise.Draw(rng, p, n, b, prime)
			overlaps[p] = overlaps[p] || overlap(b, prime)
			repeats[p] = repeats[p] || distinct(b) < batch || distinct(prime) < batch
			if i := slices.Min(append(b, prime...)); i < 0 {
				t.Errorf("%s: index %d", p, i)
			}
			if i := slices.Max(append(b, prime...)); i >= n {
				t.Errorf("%s: index %d of %d", p, i, n)
			}
		}
		if want := p != noise.Disjoint; overlaps[p] != want {
			t.Errorf("%s: B and B' overlap: %v, want %v", p, overlaps[p], want)
		}
		if want := p == noise.Replacement; repeats[p] != want {
			t.Errorf("%s: samples repeat: %v, want %v", p, repeats[p], want)
		}
	}
}

func TestDrawOfASingleMinibatch(t *testing.T) {
	for _, p := range allPairings {
		b := make([]int, 5)
		noise.Draw(seed.New(5, "single"), p, 10, b, nil)
		if p != noise.Replacement && distinct(b) != 5 {
			t.Errorf("%s: %v", p, b)
		}
	}
}

func TestSubsetOfEverythingIsAPermutation(t *testing.T) {
	index := make([]int, 100)
	noise.Subset(seed.New(6, "subset"), 100, index)
	if slices.IsSorted(index) || distinct(index) != 100 {
		t.Errorf("not a shuffled permutation: %v", index)
	}
	noise.Subset(seed.New(6, "subset"), 100, nil)
}

func TestImpossibleDrawsPanic(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	panics(t, "more than there are", func() { noise.Draw(rng, noise.Independent, 3, make([]int, 4), nil) })
	panics(t, "more B' than there are", func() { noise.Draw(rng, noise.Naive, 3, make([]int, 1), make([]int, 4)) })
	panics(t, "disjoint halves of too few", func() { noise.Draw(rng, noise.Disjoint, 7, make([]int, 4), make([]int, 4)) })
	panics(t, "nothing", func() { noise.Draw(rng, noise.Replacement, 3, nil, nil) })
	panics(t, "subset", func() { noise.Subset(rng, 3, make([]int, 4)) })
}

func distinct(index []int) int {
	return len(slices.Compact(slices.Sorted(slices.Values(index))))
}

func panics(t *testing.T, what string, do func()) {
	t.Helper()
	numtest.Panics(t, what, "noise: ", do)
}
