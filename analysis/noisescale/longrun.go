package noisescale

import (
	"math"
)

// Numbers of polynomials for the variance of a mean, which are its degrees of freedom: most of them where steps are nearly independent.
const (
	mostDegrees, fewestDegrees = 12, 4
	// mostColour is what the spectrum at frequency 0 may be of that at the frequencies that are used.
	mostColour = 1.15
)

// bands says how n values are divided: polynomials of degrees 1 to drift are left to what changes slowly along training, and the next
// ones serve for the variance of the mean. The slow part takes more of them the longer the series is, since n values show a drift of a given
// size the better the larger n is; where they are correlated fewer would be as good.
func bands(n int, auto float64) (drift, used int) {
	independent := float64(n) * (1 - auto) / (1 + auto)
	drift = 1 + int(math.Sqrt(independent)/4)
	used = min(mostDegrees, n-1-drift)
	for used > fewestDegrees && colour(auto, drift+used, n) > mostColour {
		used--
	}
	return drift, used
}

// meanCovariance is the covariance matrix of the means of two series x and y, with allowance for correlated steps and for slow drift.
//
//	v_xy = (1/n) (1/K) sum over d < k <= d + K of c_k X_k Y_k,      X_k = sum_t p_k(t) x_t
//
// with the discrete Legendre polynomials p_k, orthonormal on 1 ... n, of which those of degree up to d take what a slow drift does to the series. The
// X_k are nearly independent with the variance of sqrt n times the mean, so that t quantiles with K degrees of freedom hold (an
// orthonormal series estimator: Phillips 2005; Mueller 2007; Lazarus, Lewis, Stock and Watson 2018, with polynomials for their cosines).
// Correlated steps have more variance at low frequencies: c_k is the ratio of a first-order autoregression's spectrum at 0 to that at the frequency of p_k
// (prewhitening: Andrews and Monahan 1992), and 1 where no correlation of consecutive values is seen.
type meanCovariance struct {
	xx, xy, yy float64
	used       int // degrees of freedom
}

func covarianceOfMeans(x, y []float64, autoX, autoY float64) meanCovariance {
	n := len(x)
	drift, used := bands(n, max(autoX, autoY))
	v := meanCovariance{used: used}
	p := newPolynomials(n)
	for range drift {
		p.next()
	}
	for range used {
		p.next()
		a := dot(p.now, x) * math.Sqrt(colour(autoX, p.degree, n))
		b := dot(p.now, y) * math.Sqrt(colour(autoY, p.degree, n))
		v.xx, v.xy, v.yy = v.xx+float64(a*a), v.xy+float64(a*b), v.yy+float64(b*b)
	}
	by := 1 / (float64(used) * float64(n))
	v.xx, v.xy, v.yy = v.xx*by, v.xy*by, v.yy*by
	return v
}

// colour is the spectrum of an autoregression at frequency 0 over that at pi k / n, the frequency of the polynomial of degree k.
func colour(auto float64, k, n int) float64 {
	return 1 + 2*auto*(1-math.Cos(math.Pi*float64(k)/float64(n)))/((1-auto)*(1-auto))
}

// autocorrelation is the coefficient of a first-order autoregression of what is left of x without drift, less its bias (about that of
// Kendall 1954 for a mean, and (1 + phi)/n more for each polynomial). It is 0 where it is not told from 0, and at most what a series of
// this length can show.
func autocorrelation(x []float64) float64 {
	n := len(x)
	drift, _ := bands(n, 0)
	rest := append([]float64(nil), x...)
	for p := newPolynomials(n); p.degree <= drift; p.next() {
		a := dot(p.now, rest)
		for i, v := range p.now {
			rest[i] -= float64(a * v)
		}
	}
	total := dot(rest, rest)
	if !(total > 0) {
		return 0
	}
	size, lost := float64(n), float64(drift)
	phi := dot(rest[:n-1], rest[1:]) / total
	kept := 1 - (3+lost)/size
	phi = (phi + (1+lost)/size) / kept
	if !(phi >= 2/(math.Sqrt(size)*kept)) {
		return 0 // also where the squares overflow
	}
	return min(phi, 1-8/size, highestAuto)
}

// highestAuto bounds the coefficient of the autoregression.
const highestAuto = 0.98

// polynomials are the discrete Legendre (Gram) polynomials, orthonormal over n points, degree by degree.
type polynomials struct {
	before, now []float64
	degree      int
}

func newPolynomials(n int) *polynomials {
	p := &polynomials{before: make([]float64, n), now: make([]float64, n)}
	for i := range p.now {
		p.now[i] = 1 / math.Sqrt(float64(n))
	}
	return p
}

// next goes on to the next degree, by b_(k+1) p_(k+1) = t p_k - b_k p_(k-1) with b_k = (k/2) sqrt((n^2 - k^2) / (4 k^2 - 1)) and t from
// -(n-1)/2 to (n-1)/2, which is stable for degrees below 2 sqrt n.
func (p *polynomials) next() {
	n := float64(len(p.now))
	b := func(k int) float64 {
		square := float64(k * k)
		return math.Sqrt(square * (float64(n*n) - square) / (4 * (float64(4*square) - 1)))
	}
	last, after := 0.0, b(p.degree+1)
	if p.degree > 0 {
		last = b(p.degree)
	}
	for i, v := range p.now {
		t := float64(i) - (n-1)/2
		p.before[i] = (float64(t*v) - float64(last*p.before[i])) / after
	}
	p.before, p.now = p.now, p.before
	p.degree++
}

func dot(x, y []float64) float64 {
	total := 0.0
	for i, v := range x {
		total += float64(v * y[i])
	}
	return total
}
