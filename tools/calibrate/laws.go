package main

import (
	"fmt"
	"math"
	"math/rand/v2"
)

// law is how gradients are drawn: mean + r z. The coordinates of z are independent with the variances 1/k, k = 1 to p, and r is a length with
// E r^2 = 1, so that it leaves the covariance as it is.
type law struct {
	name string
	p    int
	mean float64
	// draw is that of a coordinate in units of its standard deviation, and skewness and excess its shape; nil is normal.
	draw             func(*rand.Rand) float64
	skewness, excess float64
	length           length
	// planted is the variance of a Student t3 that is added to the first coordinate; the fourth cumulant is infinite then.
	planted float64
}

// length draws r^2; its zero value is 1.
type length struct {
	square func(*rand.Rand) float64
	fourth float64 // E r^4
}

// The laws, with the parameters and the mean still to be set.
var (
	gaussian  = law{name: "Gaussian"}
	t5        = law{name: "Student t5", length: studentLength(5)}
	t3        = law{name: "Student t3", length: studentLength(3)}
	skewed    = law{name: "exponential coordinates", draw: func(rng *rand.Rand) float64 { return rng.ExpFloat64() - 1 }, skewness: 2, excess: 6}
	direction = law{name: "one heavy direction", planted: 12}
)

// studentLength makes the noise multivariate Student.
func studentLength(degrees int) length {
	d := float64(degrees)
	l := length{func(rng *rand.Rand) float64 { return (d - 2) / chiSquared(rng, degrees) }, math.Inf(1)}
	if degrees > 4 {
		l.fourth = (d - 2) / (d - 4)
	}
	return l
}

// logNormal has lengths whose logarithm has the standard deviation sigma.
func logNormal(sigma float64) law {
	return law{name: fmt.Sprintf("log-normal lengths, sigma %g", sigma), length: length{
		func(rng *rand.Rand) float64 { return math.Exp(2*sigma*rng.NormFloat64() - 2*sigma*sigma) }, math.Exp(4 * sigma * sigma),
	}}
}

// few has a share of the units that carries another share of the trace.
func few(share, carried float64) law {
	long, short := carried/share, (1-carried)/(1-share)
	square := func(rng *rand.Rand) float64 {
		if rng.Float64() < share {
			return long
		}
		return short
	}
	return law{name: fmt.Sprintf("%g%% of the units carry %g%%", 100*share, 100*carried),
		length: length{square, share*long*long + (1-share)*short*short}}
}

// of sets the number of parameters and the signal n |grad L|^2 / tr Sigma.
func (l law) of(p, n int, signal float64) law {
	l.p = p
	l.mean = math.Sqrt(signal * l.trace() / float64(n*p))
	return l
}

// variance is that of a coordinate.
func (l law) variance(k int) float64 {
	if k == 0 {
		return 1 + l.planted
	}
	return 1 / float64(k+1)
}

func (l law) trace() (sum float64) {
	for k := range l.p {
		sum += l.variance(k)
	}
	return sum
}

func (l law) normSq() float64 { return float64(l.p) * l.mean * l.mean }

// traceOfSquare is tr Sigma^2.
func (l law) traceOfSquare() (sum float64) {
	for k := range l.p {
		sum += l.variance(k) * l.variance(k)
	}
	return sum
}

func (l law) participation() float64 { return l.trace() * l.trace() / l.traceOfSquare() }

// kappa is E|x|^4 - (tr Sigma)^2 - 2 tr Sigma^2: for z alone it is the sum of the fourth cumulants of its coordinates.
func (l law) kappa() float64 {
	t1, t2, fourth := l.trace(), l.traceOfSquare(), 1.0
	if l.length.square != nil {
		fourth = l.length.fourth
	}
	if l.planted > 0 || math.IsInf(fourth, 1) {
		return math.Inf(1) // not Inf times an excess of 0
	}
	return (fourth-1)*(t1*t1+2*t2) + fourth*l.excess*t2
}

func (l law) gamma() float64      { return l.kappa() / (l.trace() * l.trace()) }
func (l law) normExcess() float64 { return l.kappa() / (2 * l.traceOfSquare()) }

func (l law) entropyRank() float64 {
	entropy := 0.0
	for k := range l.p {
		share := l.variance(k) / l.trace()
		entropy -= share * math.Log(share)
	}
	return math.Exp(entropy)
}

// rows draws n gradients, one after the other.
func (l law) rows(rng *rand.Rand, n int) []float64 {
	g := make([]float64, 0, n*l.p)
	draw := l.draw
	if draw == nil {
		draw = normal
	}
	for range n {
		r := 1.0
		if l.length.square != nil {
			r = math.Sqrt(l.length.square(rng))
		}
		first := len(g)
		for k := range l.p {
			g = append(g, l.mean+r*draw(rng)/math.Sqrt(float64(k+1)))
		}
		if l.planted > 0 {
			g[first] += math.Sqrt(l.planted/3) * student(3)(rng)
		}
	}
	return g
}
