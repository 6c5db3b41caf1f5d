package noise

import (
	"math/bits"
	"math/rand/v2"

	"gonum.org/v1/gonum/stat/distuv"
)

// Counts draws B = batch of n = len(dst) samples, with replacement and equal probabilities, and sets dst[i] to the number of
// times that sample i was drawn: multinomial counts of sum B, with the distribution of the counts in a minibatch that [Draw] makes
// for [Replacement]. It panics if n is 0 or batch is negative.
//
// The draws are exact. Each is a number of k = ceil(log2 n) fair bits, drawn again where it is n or more. The bits are not drawn
// number by number but for all draws together, from the highest bit down: of m draws with the same leading bits, the number whose
// next bit is 1 is the number of ones among m random bits, and 64 of these are one random word. Once at most 4 draws a sample
// share a range of 2^j samples, all below n, each of them takes its remaining j bits by itself. Time is O(B) for few draws and
// O(n + B log(n)/64) for many, and stops growing with B where m exceeds 2^13: the number of draws that fall on the upper half of the
// samples is then drawn as one binomial number.
func Counts(rng *rand.Rand, batch int, dst []float64) {
	if len(dst) == 0 || batch < 0 {
		panic("noise: counts of no samples or of a negative number of draws")
	}
	clear(dst)
	depth := bits.Len(uint(len(dst) - 1))
	counter{rng, dst}.fill(batch, 0, depth)
}

type counter struct {
	rng *rand.Rand
	dst []float64
}

// manyBits is the number of random bits from which drawing one binomial number, by rejection, is faster than counting ones.
const manyBits = 1 << 13

// fewDraws is the number of draws per sample up to which drawing one by one is faster.
const fewDraws = 4

// fill distributes draws over those of the 2^depth places from first on that are samples; the first one is.
func (c counter) fill(draws, first, depth int) {
	if draws <= manyBits || depth == 0 {
		for left := draws; left > 0; {
			left -= c.spread(left, first, depth)
		}
		return
	}
	half := 1 << (depth - 1)
	upper := min(len(c.dst)-first, 2*half) - half
	if upper <= 0 {
		c.fill(draws, first, depth-1)
		return
	}
	share := float64(upper) / float64(half+upper)
	high := int(distuv.Binomial{N: float64(draws), P: share, Src: c.rng}.Rand())
	c.fill(draws-high, first, depth-1)
	c.fill(high, first+half, depth-1)
}

// spread distributes draws over the 2^depth places from first on, and returns the number of those that fell on a sample.
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

// each draws one by one, taking from every random word as many draws as its bits suffice for.
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

// ones is the number of ones among so many random bits.
func (c counter) ones(of int) (count int) {
	for ; of >= 64; of -= 64 {
		count += bits.OnesCount64(c.rng.Uint64())
	}
	return count + bits.OnesCount64(c.rng.Uint64()>>(64-of))
}
