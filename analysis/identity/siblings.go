package identity

import (
	"fmt"

	"github.com/noiseprobe/noiseprobe/noise"
)

// siblings checks the other methods that enhance the noise: the cumulants of large noise over all triples of minibatches, and positive-negative momentum by
// what one gradient does to all later updates, since it is linear.
func (v *verification) siblings() []Check {
	g := v.population("enumeration", fewSamples, 2)
	single := everyMinibatch(noise.Independent, fewSamples, fewBatch)
	means := make([]float64, len(single))
	for i, b := range single {
		means[i] = g.mean(b)[0]
	}
	w := noise.LargeNoise.MinibatchWeights(alpha)
	var all []float64
	for _, x := range means {
		for _, y := range means {
			for _, z := range means {
				all = append(all, float64(w[0]*x)+float64(w[1]*y)+float64(w[2]*z))
			}
		}
	}
	got, one := cumulantsOf(all), cumulantsOf(means)
	var checks []Check
	for r := 2; r <= 4; r++ {
		checks = append(checks, exact(fmt.Sprintf("large noise: cumulant of order %d, enumeration", r), v.want.mixture(w, r)*one[r-2], got[r-2], rounding))
	}
	return append(checks, v.momentum()...)
}

// cumulantsOf are those of order 2 to 4 of equally likely outcomes.
func cumulantsOf(x []float64) [3]float64 {
	m := momentsOf(x)
	return [3]float64{m.Mu2, m.Mu3, m.Mu4 - float64(3*m.Mu2*m.Mu2)}
}

// momentum is about positive-negative momentum. Its response to one gradient, h_j after j steps, has everything: with independent gradients a
// cumulant of order r is sum h^r times theirs, and the covariance of successive updates sum h_j h_(j+1).
func (v *verification) momentum() []Check {
	p := noise.PNMUpdate{Beta: 0.9, Alpha: alpha}
	h := response(p, 600)
	sums, lag := [5]float64{}, 0.0
	for j, x := range h {
		power := 1.0
		for r := 1; r < len(sums); r++ {
			power *= x
			sums[r] += power
		}
		if j > 0 {
			lag += float64(x * h[j-1])
		}
	}
	want := v.want.momentum(p)
	name := func(what string) string { return "positive-negative momentum: " + what + ", impulse response" }
	return []Check{
		exact(name("mean of an update"), want.mean, sums[1], rounding),
		exact(name("variance of an update"), want.cumulants[0], sums[2], rounding),
		exact(name("cumulant of order 3"), want.cumulants[1], sums[3], rounding),
		exact(name("cumulant of order 4"), want.cumulants[2], sums[4], rounding),
		exact(name("covariance of successive updates"), want.lag, lag, rounding),
		exact(name("noise summed over many steps"), want.longRun, sums[1]*sums[1], rounding),
	}
}

// response carries the recursion out for a gradient of 1 and then 0.
func response(p noise.PNMUpdate, steps int) []float64 {
	h, m := make([]float64, steps), [2]float64{}
	q, gradient := p.Beta*p.Beta, 1.0
	for t := range h {
		now, before := &m[t%2], m[1-t%2]
		*now = float64(q**now) + float64((1-q)*gradient)
		h[t] = (float64(p.Alpha**now) + float64((1-p.Alpha)*before)) * p.Mean()
		gradient = 0
	}
	return h
}

// momentumTheory are the predictions of [verification.momentum].
type momentumTheory struct {
	mean, lag, longRun float64
	cumulants          [3]float64
}

func momentumOf(p noise.PNMUpdate) momentumTheory {
	return momentumTheory{p.Mean(), p.Lag(1), p.LongRun(), [3]float64{p.Cumulant(2), p.Cumulant(3), p.Cumulant(4)}}
}
