package probe

import (
	"fmt"
	"math"

	"github.com/noiseprobe/noiseprobe/internal/seed"
)

// Direction is a unit vector in parameter space.
type Direction struct {
	Name   string
	Vector []float32
}

// RandomDirections returns count directions drawn uniformly from the unit sphere in P dimensions, the same ones for the
// same root seed: they are fixed before any gradient is seen and stay the same along training.
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

// MeanDirection is the direction of a gradient; its vector is nil where the gradient is 0.
func MeanDirection(gradient []float32) Direction {
	v := append([]float32(nil), gradient...)
	if !normalise(v) {
		v = nil
	}
	return Direction{Name: "mean-gradient", Vector: v}
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

func dot(x, y []float32) float64 {
	sum := 0.0
	for i, v := range x {
		sum += float64(v) * float64(y[i])
	}
	return sum
}
