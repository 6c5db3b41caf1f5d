package analysis

import (
	"github.com/noiseprobe/noiseprobe/internal/gemm"
	"github.com/noiseprobe/noiseprobe/internal/parallel"
	"github.com/noiseprobe/noiseprobe/internal/seed"
	"github.com/noiseprobe/noiseprobe/noise"
)

const (
	// shapeBlock draws share one random stream, so that blocks can be drawn by any number of workers.
	shapeBlock = 64
	// shapeRows draws at a time bound the memory to two n×512 matrices.
	shapeRows = 512
)

// draw fills the draws of one arm, the same minibatches along every direction. A draw is linear in how often each unit is in
// its minibatches, so that a block of draws is one matrix product a minibatch of the pair: with X the units, one direction a row,
// and C, C' the counts, one draw a row,
//
//	w X C^T + w' X C'^T
func (sh *shape) draw(k, n int, root uint64, step int) {
	axes, draws := len(sh.axes), int(sh.effort)
	units, all := make([]float64, 0, axes*n), make([]float64, axes*draws)
	for i := range sh.axes {
		units = append(units, sh.axes[i].units...)
		sh.axes[i].draws[k] = all[i*draws : (i+1)*draws]
	}
	a := sh.arms[k]
	w, wPrime := noise.Weights(a.alpha, a.batch)
	counts := [][]float64{make([]float64, shapeRows*n)}
	if a.alpha != 1 {
		counts = append(counts, make([]float64, shapeRows*n))
	}
	for first := 0; first < draws; first += shapeRows {
		rows := min(shapeRows, draws-first)
		parallel.For((rows+shapeBlock-1)/shapeBlock, 1, func(lo, hi int) {
			for block := lo; block < hi; block++ {
				rng := seed.New(root, "shape", uint64(step), uint64(k), uint64(first/shapeBlock+block))
				for m := block * shapeBlock; m < min((block+1)*shapeBlock, rows); m++ {
					for _, c := range counts {
						noise.Counts(rng, a.batch, c[m*n:(m+1)*n])
					}
				}
			}
		})
		gemm.Dgemm(false, true, axes, rows, n, w, units, n, counts[0], n, 0, all[first:], draws)
		if a.alpha != 1 {
			gemm.Dgemm(false, true, axes, rows, n, wPrime, units, n, counts[1], n, 1, all[first:], draws)
		}
	}
}
