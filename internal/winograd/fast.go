//go:build amd64 || arm64

package winograd

import "github.com/noiseprobe/noiseprobe/internal/simd"

//go:generate go -C ../../tools run ./kernels -name winograd -pkg winograd -out ../internal/winograd/kernels_amd64.s -stubs ../internal/winograd/kernels_amd64.go
//go:generate go -C ../../tools run ./kernels -arch arm64 -name winograd -pkg winograd -out ../internal/winograd/kernels_arm64.s -stubs ../internal/winograd/kernels_arm64.go

var assembly = simd.Kernels() != simd.Generic

// coefficients is the table that the assembly reads, in its order.
var coefficients = [...]float32{a, b, aa, bb, aaa, bbb, minusSum, na0, nb0, na1, nb1, na2, nb2}

// fast transforms the first channels by a kernel and returns how many: those in whole vectors.
func fast(kernel simdKernel, channels int, dst, src square) int {
	if !assembly || channels < 8 {
		return 0
	}
	n := channels - channels%8
	kernel(n, &dst.data[0], 4*dst.row, 4*dst.col, &src.data[0], 4*src.row, 4*src.col, &coefficients[0])
	return n
}
