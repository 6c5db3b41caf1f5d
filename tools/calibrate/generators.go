package main

import (
	"math"
	"math/rand/v2"
)

// sample draws n values.
func sample(rng *rand.Rand, n int, draw func(*rand.Rand) float64) []float64 {
	x := make([]float64, n)
	for i := range x {
		x[i] = draw(rng)
	}
	return x
}

func normal(rng *rand.Rand) float64      { return rng.NormFloat64() }
func uniform(rng *rand.Rand) float64     { return rng.Float64() }
func exponential(rng *rand.Rand) float64 { return rng.ExpFloat64() }
func laplace(rng *rand.Rand) float64     { return rng.ExpFloat64() - rng.ExpFloat64() }

func student(degrees int) func(*rand.Rand) float64 {
	return func(rng *rand.Rand) float64 {
		return rng.NormFloat64() / math.Sqrt(chiSquared(rng, degrees)/float64(degrees))
	}
}

func chiSquared(rng *rand.Rand, degrees int) (sum float64) {
	for range degrees {
		v := rng.NormFloat64()
		sum += v * v
	}
	return sum
}

// pareto has P(X > x) = x^-2, exactly: gamma is 1/2.
func pareto(rng *rand.Rand) float64 { return math.Exp(rng.ExpFloat64() / 2) }

// burr has P(X > x) = 1/(1 + x^2): gamma is 1/2 in the limit, with the second-order exponent rho = -1.
func burr(rng *rand.Rand) float64 { return math.Sqrt(math.Expm1(rng.ExpFloat64())) }

// stable draws from the symmetric stable law of index s (Chambers, Mallows and Stuck, 1976).
func stable(s float64) func(*rand.Rand) float64 {
	return func(rng *rand.Rand) float64 {
		u, e := math.Pi*(rng.Float64()-0.5), rng.ExpFloat64()
		for e == 0 { // once in 2^32 draws
			e = rng.ExpFloat64()
		}
		return math.Sin(s*u) / math.Pow(math.Cos(u), 1/s) * math.Pow(math.Cos((1-s)*u)/e, (1-s)/s)
	}
}
