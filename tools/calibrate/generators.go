package main

import (
	"math"
	"math/rand/v2"

	"github.com/noiseprobe/noiseprobe/noise"
	"github.com/noiseprobe/noiseprobe/probe"
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

// law is how gradients are drawn: independent coordinates with the variances 1/k, k = 1 to p, and one mean for all.
type law struct {
	p    int
	mean float64
	// heavy multiplies the noise of each gradient by a length that makes it Student t with 5 degrees of freedom, scaled to
	// leave the covariance as it is.
	heavy bool
}

func (l law) trace() (sum float64) {
	for k := range l.p {
		sum += 1 / float64(k+1)
	}
	return sum
}

func (l law) normSq() float64 { return float64(l.p) * l.mean * l.mean }

func (l law) participation() float64 {
	squares := 0.0
	for k := range l.p {
		squares += 1 / float64((k+1)*(k+1))
	}
	return l.trace() * l.trace() / squares
}

func (l law) entropyRank() float64 {
	entropy := 0.0
	for k := range l.p {
		share := 1 / float64(k+1) / l.trace()
		entropy -= share * math.Log(share)
	}
	return math.Exp(entropy)
}

// rows draws n gradients, one after the other.
func (l law) rows(rng *rand.Rand, n int) []float64 {
	g := make([]float64, 0, n*l.p)
	for range n {
		length := 1.0
		if l.heavy {
			length = math.Sqrt(3 / chiSquared(rng, 5))
		}
		for k := range l.p {
			g = append(g, l.mean+length*rng.NormFloat64()/math.Sqrt(float64(k+1)))
		}
	}
	return g
}

func units(n, p int, rows []float64) *probe.Units {
	g := &probe.Gradients{Layers: []probe.Layer{probe.NewDense("all", n, p, rows)}}
	return g.Reduce(nil)
}

// trainingSet is a [probe.Source] of p parameters.
type trainingSet struct {
	p    int
	rows []float64
}

func (s trainingSet) Parameters() int { return s.p }
func (s trainingSet) Population() int { return len(s.rows) / s.p }

func (s trainingSet) MeanGradientTo(dst []float32, index []int) error {
	s.sumTo(dst, 1/float64(len(index)), index, 0, nil)
	return nil
}

func (s trainingSet) EnhancedGradientTo(dst []float32, alpha float64, b, bPrime []int) error {
	w, wPrime := noise.Weights(alpha, len(b))
	s.sumTo(dst, w, b, wPrime, bPrime)
	return nil
}

func (s trainingSet) sumTo(dst []float32, w float64, b []int, wPrime float64, bPrime []int) {
	sum := make([]float64, s.p)
	add := func(w float64, index []int) {
		for _, i := range index {
			for k, v := range s.rows[i*s.p : (i+1)*s.p] {
				sum[k] += w * v
			}
		}
	}
	add(w, b)
	add(wPrime, bPrime)
	for k, v := range sum {
		dst[k] = float32(v)
	}
}

// recorded are the gradients of n samples of the set, drawn without replacement.
func (s trainingSet) recorded(rng *rand.Rand, n int) *probe.Units {
	index := make([]int, n)
	noise.Subset(rng, s.Population(), index)
	var rows []float64
	for _, i := range index {
		rows = append(rows, s.rows[i*s.p:(i+1)*s.p]...)
	}
	u := units(n, s.p, rows)
	u.Population = s.Population()
	return u
}
