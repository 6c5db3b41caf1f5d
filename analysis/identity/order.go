package identity

import (
	"slices"

	"github.com/noiseprobe/noiseprobe/internal/parallel"
	"github.com/noiseprobe/noiseprobe/internal/seed"
	"github.com/noiseprobe/noiseprobe/noise"
)

// blocks is the number of independent parts that the draws of a check are divided into. Their means are nearly normal, even those of fourth
// powers.
const blocks = 256

// The order of training is checked on 24 samples in minibatches of 6, with 4 steps an epoch, so that every moment clearly depends on N.
const (
	orderedSamples = 24
	orderedBatch   = 6
	orderedEpochs  = 1024 // a block
)

// ordered measures the second to fourth central moments of the gradients in the order of training, for every pairing. The steps of an epoch
// depend on each other, but epochs are independent, and a block consists of whole epochs.
func (v *verification) ordered() []Check {
	x := clumps(seed.New(v.root, "population/order"), orderedSamples)
	line := noise.NewPopulation(x)
	found := make([][]Check, len(schemes))
	parallel.Run(parallel.Workers(), len(schemes), func(k int) {
		s := schemes[k]
		got, want := v.orderMoments(x, s), v.want.moments(s.pairing, line, orderedBatch, s.alpha)
		c := v.want.covariance(s.pairing, orderedSamples, orderedBatch, s.alpha)
		found[k] = []Check{
			mean(s.name+": variance, order of training", c*line.C2, got[0]),
			mean(s.name+": third moment, order of training", want.Mu3, got[1]),
			mean(s.name+": fourth moment, order of training", want.Mu4, got[2]),
		}
	})
	return slices.Concat(found...)
}

// orderMoments are the means of the powers 2 to 4 of the noise in each block. They are about the mean of the population, which is known,
// and therefore unbiased.
func (v *verification) orderMoments(x []float64, s scheme) (moments [3][]float64) {
	for r := range moments {
		moments[r] = make([]float64, blocks)
	}
	full := means(x, [][]int{everyIndex(len(x))})[0]
	v.overSteps(s, len(x), func(block int, share float64, b, prime []int) {
		y := s.alpha * (meanAt(x, b) - full)
		if s.pairing != noise.Naive {
			y += float64((1 - s.alpha) * (meanAt(x, prime) - full))
		}
		for r, power := range [3]float64{y * y, y * y * y, y * y * y * y} {
			moments[r][block] += float64(share * power)
		}
	})
	return moments
}

// overSteps gives do every step of the order of training for a population of n, and the share that it is of its block.
func (v *verification) overSteps(s scheme, n int, do func(block int, share float64, b, prime []int)) {
	pairing := s.pairing
	if pairing == noise.Naive {
		pairing = noise.Independent // Eq. 5 has no B', and its B is drawn without replacement
	}
	parallel.For(blocks, 1, func(lo, hi int) {
		order, err := noise.NewOrder(pairing, n, orderedBatch, v.root)
		if err != nil {
			panic("identity: " + err.Error())
		}
		steps := v.draws(orderedEpochs, 16) * order.StepsPerEpoch()
		b, prime := make([]int, orderedBatch), make([]int, orderedBatch)
		for block := lo; block < hi; block++ {
			for step := block * steps; step < (block+1)*steps; step++ {
				order.At(step, b, prime)
				do(block, 1/float64(steps), b, prime)
			}
		}
	})
}

func meanAt(x []float64, index []int) float64 {
	sum := 0.0
	for _, i := range index {
		sum += x[i]
	}
	return sum / float64(len(index))
}
