package noise

import (
	"math/bits"
	"math/rand/v2"

	"gonum.org/v1/gonum/stat/distuv"
)

// Counts fills dst with how often each of its n samples is drawn by batch independent draws with replacement: multinomial counts
// with sum B and equal probabilities, as of the b of [Draw] for [Replacement] without their order. It panics for no samples and
// for a negative batch.
//
// A draw is a number of k = ceil(log2 n) fair bits, and drawn again if it is n or more. Of the draws that share their leading
// bits, so many have the next bit set as there are ones among as many random bits, 64 draws a random word; where at most a few a
// sample are left for 2^j samples, all of them below n, each draws its own j bits. That is exact, and takes time O(B) for few draws
// and O(n + B log(n)/64) for many. More than 2^18 random bits are not drawn one by one: the number of ones among them is one
// binomial number, so that time stops growing with B.
func Counts(rng *rand.Rand, batch int, dst []float64) {
	if len(dst) == 0 || batch < 0 {
		panic("noise: counts of no samples or of a negative number of draws")
	}
	clear(dst)
	depth := bits.Len(uint(len(dst) - 1))
	c := counter{rng, dst}
	for left := batch; left > 0; {
		left -= c.spread(left, 0, depth)
	}
}

type counter struct {
	rng *rand.Rand
	dst []float64
}

// manyBits take longer than a binomial number by rejection.
const manyBits = 1 << 18

// fewDraws per sample are faster one by one.
const fewDraws = 4

// spread distributes draws over the 2^depth places from first on, and returns how many met a sample.
func (c counter) spread(draws, first, depth int) (met int) {
	switch {
	case draws == 0 || first >= len(c.dst):
		return 0
	case depth == 0:
		c.dst[first] += float64(draws)
		return draws
	case draws <= fewDraws<<depth && first+1<<depth <= len(c.dst):
		c.each(draws, first, depth)
		return draws
	}
	ones := c.ones(draws)
	return c.spread(draws-ones, first, depth-1) + c.spread(ones, first+1<<(depth-1), depth-1)
}

// each draws one by one, as many from a random word as it has bits for.
func (c counter) each(draws, first, depth int) {
	places := c.dst[first : first+1<<depth]
	perWord := 64 / depth
	for ; draws > 0; draws -= perWord {
		word := c.rng.Uint64()
		for range min(draws, perWord) {
			places[word&uint64(len(places)-1)]++
			word >>= depth
		}
	}
}

// ones is the number of ones among as many random bits: binomial with probability 1/2.
func (c counter) ones(of int) (count int) {
	if of > manyBits {
		return int(distuv.Binomial{N: float64(of), P: 0.5, Src: c.rng}.Rand())
	}
	for ; of >= 64; of -= 64 {
		count += bits.OnesCount64(c.rng.Uint64())
	}
	return count + bits.OnesCount64(c.rng.Uint64()>>(64-of))
}
