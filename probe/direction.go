package probe

import (
	"fmt"
	"math"

	"github.com/noiseprobe/noiseprobe/internal/parallel"
	"github.com/noiseprobe/noiseprobe/internal/seed"
	"github.com/noiseprobe/noiseprobe/internal/vector"
)

// Direction is a unit vector in parameter space.
type Direction struct {
	Name   string
	Vector []float32
}

// MeanGradient is the name of the direction of a mean gradient.
const MeanGradient = "mean-gradient"

// RandomDirections returns count directions drawn uniformly from the unit sphere in P dimensions. They depend on the root seed
// alone: they are fixed before any gradient is known and stay the same along training.
func RandomDirections(root uint64, parameters, count int) []Direction {
	directions := make([]Direction, count)
	for k := range directions {
		rng := seed.New(root, "random direction", uint64(k))
		v := make([]float32, parameters)
		for i := range v {
			v[i] = float32(rng.NormFloat64())
		}
		directions[k] = Direction{Name: fmt.Sprintf("random%d", k+1), Vector: v}
		normalise(v)
	}
	return directions
}

// MeanDirection is the direction of a mean gradient; its vector is nil where the gradient is 0.
func MeanDirection(gradient []float32) Direction {
	v := append([]float32(nil), gradient...)
	if !normalise(v) {
		v = nil
	}
	return Direction{Name: MeanGradient, Vector: v}
}

func normalise(v []float32) bool {
	norm := math.Sqrt(dot(v, v))
	if norm == 0 {
		return false
	}
	for i := range v {
		v[i] = float32(float64(v[i]) / norm)
	}
	return true
}

// dotPiece is the number of elements in each piece of a long dot product.
const dotPiece = 1 << 16

// dot returns the product of two vectors, summed in float64 over pieces that do not depend on the number of workers.
func dot(x, y []float32) float64 {
	sums := make([]float64, (len(x)+dotPiece-1)/dotPiece)
	parallel.For(len(sums), 1, func(lo, hi int) {
		for k := lo; k < hi; k++ {
			from, to := k*dotPiece, min((k+1)*dotPiece, len(x))
			sums[k] = vector.Dot(x[from:to], y[from:to])
		}
	})
	return sum(sums)
}

func sum(x []float64) float64 {
	total := 0.0
	for _, v := range x {
		total += v
	}
	return total
}
