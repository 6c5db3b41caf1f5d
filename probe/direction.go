package probe

import (
	"fmt"
	"math"
	"slices"

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
	v := slices.Clone(gradient)
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

// piece is the number of elements of a long vector that one worker takes at a time.
const piece = 1 << 16

// dot returns the product of two vectors in float64.
func dot(x, y []float32) float64 {
	return sumOfPieces(len(x), func(lo, hi int) float64 { return vector.Dot(x[lo:hi], y[lo:hi]) })
}

// sumOfPieces adds what of returns for the elements lo to hi-1 of vectors of n elements. The pieces do not depend on the number of workers.
func sumOfPieces(n int, of func(lo, hi int) float64) float64 {
	return sumOver((n+piece-1)/piece, func(k int) float64 { return of(k*piece, min((k+1)*piece, n)) })
}

// sumOver adds of(0) to of(n-1), in this order, once all are computed side by side.
func sumOver(n int, of func(i int) float64) float64 {
	values := make([]float64, n)
	parallel.For(n, 1, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			values[i] = of(i)
		}
	})
	return sum(values)
}

func sum(x []float64) float64 {
	total := 0.0
	for _, v := range x {
		total += v
	}
	return total
}
