package noise

import (
	"math/rand/v2"

	"github.com/noiseprobe/noiseprobe/internal/seed"
)

// Draw fills b and bPrime with the indices of a pair of minibatches out of n samples. An empty bPrime asks for a single
// minibatch. Successive draws are independent, unlike the steps of an epoch (see [Order]).
func Draw(rng *rand.Rand, p Pairing, n int, b, bPrime []int) {
	mustCheckBatch(p, n, max(len(b), len(bPrime)))
	switch p {
	case Replacement:
		withReplacement(rng, n, b)
		withReplacement(rng, n, bPrime)
	case Disjoint:
		both := make([]int, len(b)+len(bPrime))
		Subset(rng, n, both)
		copy(b, both)
		copy(bPrime, both[len(b):])
	default:
		Subset(rng, n, b)
		Subset(rng, n, bPrime)
	}
}

// Subset fills dst with a uniformly random subset of the indices 0 to n-1, in random order.
func Subset(rng *rand.Rand, n int, dst []int) {
	if len(dst) > n {
		panic("noise: subset is larger than the population")
	}
	// A Fisher-Yates shuffle of 0 to n-1, of which moved holds only the places that do not contain their own index.
	moved := make(map[int]int, 2*len(dst))
	at := func(i int) int {
		if v, ok := moved[i]; ok {
			return v
		}
		return i
	}
	for i := range dst {
		j := i + rng.IntN(n-i)
		dst[i] = at(j)
		moved[j] = at(i)
	}
}

func withReplacement(rng *rand.Rand, n int, dst []int) {
	for i := range dst {
		dst[i] = rng.IntN(n)
	}
}

// Order says which samples each training step reads. Minibatches are consecutive pieces of a random permutation of the
// training set, a new one every epoch; a remainder that does not fill a minibatch is left out. For [Independent] pairs B and B'
// have a permutation each, for [Disjoint] pairs they share one, and [Replacement] draws anew at every step.
//
// A step's indices depend on nothing but the seed, the settings and the step. Steps can therefore be asked for in any order, and a
// resumed run has no sampler state to restore. An Order caches the current permutations and is not safe for concurrent use.
type Order struct {
	n, batch int
	pairing  Pairing
	root     uint64
	b, prime permutation
	third    permutation
}

type permutation struct {
	epoch int
	index []int
}

// NewOrder returns the order for a training set of n samples.
func NewOrder(pairing Pairing, n, batch int, root uint64) (*Order, error) {
	if err := CheckBatch(pairing, n, batch); err != nil {
		return nil, err
	}
	return &Order{n: n, batch: batch, pairing: pairing, root: root}, nil
}

// StepsPerEpoch is the number of steps in which the minibatches B go through the training set once: floor(N/B), at least 1. For
// [Disjoint] pairs, where B and B' share one permutation, it is floor(N/(2B)).
func (o *Order) StepsPerEpoch() int {
	if o.pairing == Disjoint {
		return o.n / (2 * o.batch)
	}
	return max(1, o.n/o.batch)
}

// Third fills b with the indices of one more minibatch of a step, for [LargeNoise]. It panics for [Disjoint] pairs, whose epoch has no room for it.
func (o *Order) Third(step int, b []int) {
	if len(b) != o.batch || o.pairing == Disjoint {
		panic("noise: no third minibatch of this size or pairing")
	}
	if o.pairing == Replacement {
		withReplacement(seed.New(o.root, "replacement of B''", uint64(step)), o.n, b)
		return
	}
	epoch, within := step/o.StepsPerEpoch(), step%o.StepsPerEpoch()
	copy(b, o.third.of(epoch, o.n, o.root, "order of B''")[within*o.batch:])
}

// At fills b and bPrime with the indices of a step, counted from 0. An empty bPrime asks for B alone; B is the same with and
// without it.
func (o *Order) At(step int, b, bPrime []int) {
	if len(b) != o.batch || len(bPrime) != 0 && len(bPrime) != o.batch {
		panic("noise: index slices must have the batch size")
	}
	epoch, within := step/o.StepsPerEpoch(), step%o.StepsPerEpoch()
	switch o.pairing {
	case Replacement:
		withReplacement(seed.New(o.root, "replacement of B", uint64(step)), o.n, b)
		withReplacement(seed.New(o.root, "replacement of B'", uint64(step)), o.n, bPrime)
	case Disjoint:
		index := o.b.of(epoch, o.n, o.root, "order of B")[2*within*o.batch:]
		copy(b, index)
		copy(bPrime, index[o.batch:])
	default:
		copy(b, o.b.of(epoch, o.n, o.root, "order of B")[within*o.batch:])
		if len(bPrime) > 0 {
			copy(bPrime, o.prime.of(epoch, o.n, o.root, "order of B'")[within*o.batch:])
		}
	}
}

func (p *permutation) of(epoch, n int, root uint64, label string) []int {
	if p.index == nil || p.epoch != epoch {
		p.epoch, p.index = epoch, seed.New(root, label, uint64(epoch)).Perm(n)
	}
	return p.index
}
