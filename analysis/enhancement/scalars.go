package enhancement

import (
	"github.com/noiseprobe/noiseprobe/analysis/covariance"
	"github.com/noiseprobe/noiseprobe/internal/gemm"
	"github.com/noiseprobe/noiseprobe/internal/seed"
	"github.com/noiseprobe/noiseprobe/noise"
	"github.com/noiseprobe/noiseprobe/probe"
)

// Scalars are the second moments of M draws of a pair of minibatches with noises x and x'.
type Scalars struct {
	Evidence string
	Pairing  noise.Pairing
	// Batch and Population count units of UnitSize samples; 0 means 1.
	Batch, Population, UnitSize int
	// NormSq is |x|^2, PrimeNormSq |x'|^2, Cross <x, x'>.
	NormSq, PrimeNormSq, Cross []float64

	all *covariance.Population // of the draws' training set; nil where it is not known
}

func (s Scalars) unitSize() int { return max(s.UnitSize, 1) }

// meanNormSq is (|x|^2 + |x'|^2) / 2 of every draw.
func (s Scalars) meanNormSq() []float64 {
	mean := make([]float64, len(s.NormSq))
	for i, v := range s.NormSq {
		mean[i] = (v + s.PrimeNormSq[i]) / 2
	}
	return mean
}

// OfDraws returns the scalars of direct draws.
func OfDraws(d *probe.Draws) Scalars {
	s := Scalars{
		Evidence: Direct, Pairing: d.Pairing, Batch: d.Batch, Population: d.Population, UnitSize: 1,
		NormSq: d.NormSq, PrimeNormSq: d.PrimeNormSq, Cross: d.Cross,
	}
	if d.Samples != nil {
		p := covariance.PopulationOf(d.Samples)
		s.all = &p
	}
	return s
}

// resampleBlock is the number of draws that [Resample] computes at a time, which bounds its memory to a few n×512 matrices.
const resampleBlock = 512

// Resample draws pairs of minibatches of batch units with replacement from the recorded ones. It needs no backward pass: the mean over a
// minibatch is a linear combination of the g_i with weights c, so that with G the centred Gram matrix
//
//	|x|^2 = c' G c,    <x, x'> = c' G c'
//
// and a block of draws takes two matrix products. The weights are counts over B, with one multinomial draw for each minibatch
// ([noise.Counts]), so that the time hardly depends on B.
func Resample(u *probe.Units, batch, draws int, root uint64) Scalars {
	rng := seed.New(root, "resample", uint64(u.Step))
	s := Scalars{Evidence: Resampled, Pairing: noise.Replacement, Batch: batch, Population: u.N, UnitSize: max(u.UnitSize, 1)}
	n := u.N
	c, cPrime := make([]float64, resampleBlock*n), make([]float64, resampleBlock*n)
	gc, gcPrime := make([]float64, resampleBlock*n), make([]float64, resampleBlock*n)
	square := float64(batch) * float64(batch)
	for left := draws; left > 0; left -= resampleBlock {
		rows := min(left, resampleBlock)
		for r := range rows {
			noise.Counts(rng, batch, c[r*n:(r+1)*n])
			noise.Counts(rng, batch, cPrime[r*n:(r+1)*n])
		}
		gemm.Dgemm(false, false, rows, n, n, 1, c, n, u.Centred, n, 0, gc, n)
		gemm.Dgemm(false, false, rows, n, n, 1, cPrime, n, u.Centred, n, 0, gcPrime, n)
		for r := range rows {
			lo, hi := r*n, (r+1)*n
			s.NormSq = append(s.NormSq, dot(c[lo:hi], gc[lo:hi])/square)
			s.Cross = append(s.Cross, dot(cPrime[lo:hi], gc[lo:hi])/square)
			s.PrimeNormSq = append(s.PrimeNormSq, dot(cPrime[lo:hi], gcPrime[lo:hi])/square)
		}
	}
	return s
}

func dot(x, y []float64) float64 {
	sum := 0.0
	for i, v := range x {
		sum += float64(v * y[i])
	}
	return sum
}
