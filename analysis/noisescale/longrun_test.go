package noisescale

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/noiseprobe/noiseprobe/internal/numtest"
	"github.com/noiseprobe/noiseprobe/internal/seed"
)

// The polynomials that are used are orthonormal, and so are powers of t made orthonormal one after the other, but for the sign.
func TestPolynomials(t *testing.T) {
	for _, n := range []int{5, 10, 40, 1000} {
		drift, used := bands(n, 0)
		var all [][]float64
		for p := newPolynomials(n); p.degree <= drift+used; p.next() {
			all = append(all, append([]float64(nil), p.now...))
			if p.degree == n-1 {
				break
			}
		}
		for i, p := range all {
			for j, q := range all[:i+1] {
				want := 0.0
				if i == j {
					want = 1
				}
				if math.Abs(dot(p, q)-want) > 1e-12 {
					t.Errorf("n = %d: p_%d . p_%d = %g", n, i, j, dot(p, q))
				}
			}
		}
		for degree, slow := range gramSchmidt(n, 4) {
			if got := math.Abs(dot(slow, all[degree])); math.Abs(got-1) > 1e-10 {
				t.Errorf("n = %d: the polynomial of degree %d is another one: %g", n, degree, got)
			}
		}
	}
}

func gramSchmidt(n, degrees int) (all [][]float64) {
	for degree := range degrees {
		v := make([]float64, n)
		for i := range v {
			v[i] = math.Pow(float64(2*i+1)/float64(n)-1, float64(degree))
		}
		for _, p := range all {
			a := dot(p, v)
			for i := range v {
				v[i] -= a * p[i]
			}
		}
		length := math.Sqrt(dot(v, v))
		for i := range v {
			v[i] /= length
		}
		all = append(all, v)
	}
	return all
}

// autoregression has variance 1.
func autoregression(rng *rand.Rand, n int, phi float64) []float64 {
	x := make([]float64, n)
	last := rng.NormFloat64()
	for i := range x {
		x[i] = last
		last = phi*last + math.Sqrt(1-phi*phi)*rng.NormFloat64()
	}
	return x
}

// The variance of the mean of an autoregression is (1 + phi) / ((1 - phi) n) for large n. The mean of 100 estimates with at least 4 degrees of
// freedom has a standard error of 7%: another seed leaves five of them with probability 1e-6.
func TestVarianceOfMeans(t *testing.T) {
	const n, replicates = 2000, 100
	rng := seed.New(1, "variance of means")
	for _, phi := range []float64{0, 0.5, 0.9} {
		var v meanCovariance
		for range replicates {
			x := autoregression(rng, n, phi)
			y := make([]float64, n)
			for i := range y {
				y[i] = -2*x[i] + 1e3*math.Exp(float64(i)/n) // a drift far above the noise
			}
			one := covarianceOfMeans(x, y, autocorrelation(x), autocorrelation(y))
			v.xx, v.xy, v.yy = v.xx+one.xx/replicates, v.xy+one.xy/replicates, v.yy+one.yy/replicates
		}
		want := (1 + phi) / (1 - phi) / n
		if err := numtest.AllClose([]float64{v.xx, v.xy, v.yy}, []float64{want, -2 * want, 4 * want}, numtest.Tol{Rel: 0.35}); err != nil {
			t.Errorf("phi = %g: %v", phi, err)
		}
	}
}

// The coefficient is nearly unbiased where it is far from 0, also below a drift.
func TestAutocorrelation(t *testing.T) {
	rng := seed.New(1, "autocorrelation")
	for _, n := range []int{200, 1000} {
		for _, phi := range []float64{0, 0.6, 0.9} {
			const replicates = 200
			mean := 0.0
			for range replicates {
				x := autoregression(rng, n, phi)
				for i := range x {
					x[i] += 10 * float64(i) / float64(n)
				}
				mean += autocorrelation(x) / replicates
			}
			if math.Abs(mean-phi) > 0.03 {
				t.Errorf("n = %d, phi = %g: %g", n, phi, mean)
			}
		}
	}
	if got := autocorrelation(make([]float64, 30)); got != 0 {
		t.Errorf("a constant has %g", got)
	}
}
