//go:build amd64 || arm64

package vector

import "github.com/noiseprobe/noiseprobe/internal/simd"

//go:generate go -C ../../tools run ./kernels -name vector -pkg vector -out ../internal/vector/kernels_amd64.s -stubs ../internal/vector/kernels_amd64.go
//go:generate go -C ../../tools run ./kernels -arch arm64 -name vector -pkg vector -out ../internal/vector/kernels_arm64.s -stubs ../internal/vector/kernels_arm64.go

var assembly = simd.Kernels() != simd.Generic

// whole is the number of elements, of n, in whole vectors of lanes elements.
func whole(n, lanes int) int {
	if !assembly {
		return 0
	}
	return n - n%lanes
}

// The functions below compute the first elements and return how many.

func addFast(dst, x []float32) int {
	n := whole(len(dst), 8)
	if n > 0 {
		addSIMD(n, &dst[0], &x[0])
	}
	return n
}

func addReLUFast(dst, x []float32) int {
	n := whole(len(dst), 8)
	if n > 0 {
		addReLUSIMD(n, &dst[0], &x[0])
	}
	return n
}

func maskFast(dst, y, x []float32) int {
	n := whole(len(dst), 8)
	if n > 0 {
		maskSIMD(n, &dst[0], &y[0], &x[0])
	}
	return n
}

func addScaledFast(dst []float32, scale float32, x []float32) int {
	n := whole(len(dst), 8)
	if n > 0 {
		addScaledSIMD(n, &dst[0], &x[0], scale)
	}
	return n
}

func addProductsFast(dst []float64, a, d []float32) int {
	n := whole(len(dst), 4)
	if n > 0 {
		addProductsSIMD(n, &dst[0], &a[0], &d[0])
	}
	return n
}

func adamFast(w, g, m, v []float32, r AdamRates) int {
	n := whole(len(w), 8)
	if n > 0 {
		adamSIMD(n, &w[0], &g[0], &m[0], &v[0], r.Beta1, r.Rest1, r.Beta2, r.Rest2, r.Rate, r.Epsilon)
	}
	return n
}

func dotFast(x, y []float32, sums *[dotLanes]float64) int {
	n := whole(len(x), dotLanes)
	if n > 0 {
		dotSIMD(n, &x[0], &y[0], &sums[0])
	}
	return n
}

func addWideFast(dst []float64, x []float32) int {
	n := whole(len(dst), 8)
	if n > 0 {
		addWideSIMD(n, &dst[0], &x[0])
	}
	return n
}

func centreFast(x []float32, mean, squares []float64, sums *[dotLanes]float64) int {
	n := whole(len(x), dotLanes)
	if n > 0 {
		centreSIMD(n, &x[0], &mean[0], &squares[0], &sums[0])
	}
	return n
}

func addDeviationProductsFast(dst []float64, x, y []float32, p, q []float64, c Coefficients) int {
	n := whole(len(dst), 4)
	if n > 0 {
		var four [16]float64
		for i := range four {
			four[i] = [...]float64{c.A, c.D, c.P, c.Q}[i/4]
		}
		addDeviationProductsSIMD(n, &dst[0], &x[0], &y[0], &p[0], &q[0], &four[0])
	}
	return n
}
