// Package vector holds the loops over float32 in which training spends its time besides matrix products; they are as fast as memory.
// Every loop exists in plain Go and, for AVX2 and NEON, in assembly (from tools/kernels); both round after every operation and
// give the same bits.
//
// All vectors of a call have the length of the first one; the functions panic if one is shorter.
package vector

import "math"

// Add sets dst[i] += x[i].
func Add(dst, x []float32) {
	x = x[:len(dst)]
	for i := addFast(dst, x); i < len(dst); i++ {
		dst[i] += x[i]
	}
}

// AddReLU sets dst[i] = max(dst[i] + x[i], 0); a NaN remains NaN.
func AddReLU(dst, x []float32) {
	x = x[:len(dst)]
	for i := addReLUFast(dst, x); i < len(dst); i++ {
		dst[i] = max(dst[i]+x[i], 0)
	}
}

// MaskTo sets dst[i] = x[i] where y[i] > 0, and 0 elsewhere. dst may be x.
func MaskTo(dst, y, x []float32) {
	y, x = y[:len(dst)], x[:len(dst)]
	for i := maskFast(dst, y, x); i < len(dst); i++ {
		if y[i] > 0 {
			dst[i] = x[i]
		} else {
			dst[i] = 0
		}
	}
}

// AddScaled sets dst[i] += scale x[i].
func AddScaled(dst []float32, scale float32, x []float32) {
	x = x[:len(dst)]
	for i := addScaledFast(dst, scale, x); i < len(dst); i++ {
		dst[i] += float32(scale * x[i])
	}
}

// AddProducts sets dst[i] += (a[i] + 1) d[i], in float64.
func AddProducts(dst []float64, a, d []float32) {
	a, d = a[:len(dst)], d[:len(dst)]
	for i := addProductsFast(dst, a, d); i < len(dst); i++ {
		dst[i] += float64((float64(a[i]) + 1) * float64(d[i]))
	}
}

// Coefficients are those of one gradient in [AddDeviationProducts].
type Coefficients struct{ A, D, P, Q float64 }

// AddDeviationProducts adds the products of one gradient of a dense layer with others, given those x and y of the deviations of their factors
// and p and q of the deviations with the means, in float64:
//
//	dst[j] += x[j] (D + q[j] + y[j]) + y[j] (A + p[j]) + P q[j] + Q p[j]
func AddDeviationProducts(dst []float64, x, y []float32, p, q []float64, c Coefficients) {
	x, y, p, q = x[:len(dst)], y[:len(dst)], p[:len(dst)], q[:len(dst)]
	for j := addDeviationProductsFast(dst, x, y, p, q, c); j < len(dst); j++ {
		x, y := float64(x[j]), float64(y[j])
		dst[j] += float64(x*(c.D+q[j]+y)) + float64(y*(c.A+p[j])) + float64(c.P*q[j]) + float64(c.Q*p[j])
	}
}

// dotLanes is the number of partial sums of a dot product.
const dotLanes = 16

// Dot returns the sum of x[i] y[i] in float64: 16 partial sums, over the i of equal remainder modulo 16, added up in order.
func Dot(x, y []float32) float64 {
	y = y[:len(x)]
	var sums [dotLanes]float64
	for i := dotFast(x, y, &sums); i < len(x); i++ {
		sums[i%dotLanes] += float64(float64(x[i]) * float64(y[i]))
	}
	return total(&sums)
}

// AddWide sets dst[i] += x[i], in float64.
func AddWide(dst []float64, x []float32) {
	x = x[:len(dst)]
	for i := addWideFast(dst, x); i < len(dst); i++ {
		dst[i] += float64(x[i])
	}
}

// Centre subtracts mean from x and adds the squares of the deviations to squares. It returns the sum of (x[i] - mean[i]) mean[i], in the partial sums
// of [Dot]. Both are those of the deviations in float64, before they are rounded.
func Centre(x []float32, mean, squares []float64) float64 {
	mean, squares = mean[:len(x)], squares[:len(x)]
	var sums [dotLanes]float64
	for i := centreFast(x, mean, squares, &sums); i < len(x); i++ {
		d := float64(x[i]) - mean[i]
		squares[i] += float64(d * d)
		sums[i%dotLanes] += float64(d * mean[i])
		x[i] = float32(d)
	}
	return total(&sums)
}

func total(sums *[dotLanes]float64) float64 {
	total := 0.0
	for _, s := range sums {
		total += s
	}
	return total
}

// AdamRates are the constants of one update of Adam.
type AdamRates struct {
	// Beta1 and Beta2 are the decay rates; Rest1 is 1 - Beta1 and Rest2 is 1 - Beta2.
	Beta1, Rest1, Beta2, Rest2 float32
	// Rate is the learning rate and Epsilon the constant in the denominator; both include the bias corrections.
	Rate, Epsilon float32
}

// Adam makes one update of weights w with gradients g and moments m and v:
//
//	m = beta1 m + rest1 g,    v = beta2 v + (rest2 g) g,    w -= rate m / (sqrt(v) + epsilon)
func Adam(w, g, m, v []float32, r AdamRates) {
	g, m, v = g[:len(w)], m[:len(w)], v[:len(w)]
	// The conversions keep compilers from fusing operations.
	for i := adamFast(w, g, m, v, r); i < len(w); i++ {
		m[i] = float32(r.Beta1*m[i]) + float32(r.Rest1*g[i])
		v[i] = float32(r.Beta2*v[i]) + float32(float32(r.Rest2*g[i])*g[i])
		w[i] -= float32(float32(r.Rate*m[i]) / (float32(math.Sqrt(float64(v[i]))) + r.Epsilon))
	}
}
