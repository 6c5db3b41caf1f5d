package winograd

import "github.com/noiseprobe/noiseprobe/internal/simd"

//go:generate go -C ../../tools run ./kernels -name winograd -pkg winograd -out ../internal/winograd/kernels_amd64.s -stubs ../internal/winograd/kernels_amd64.go

var assembly = simd.Kernels() != simd.Generic

// coefficients is the table that the assembly reads, in its order.
var coefficients = [...]float32{a, b, aa, bb, aaa, bbb, minusSum, na0, nb0, na1, nb1, na2, nb2}

// whole is the number of channels in whole vectors.
func whole(channels int) int {
	if !assembly {
		return 0
	}
	return channels - channels%8
}

// The functions below compute the first channels and return how many.

func inputFast(channels int, dst, src square) int {
	n := whole(channels)
	if n > 0 {
		inputAVX2(n, &dst.data[0], 4*dst.row, 4*dst.col, &src.data[0], 4*src.row, 4*src.col, &coefficients[0])
	}
	return n
}

func inputAdjointFast(channels int, dst, src square) int {
	n := whole(channels)
	if n > 0 {
		inputAdjointAVX2(n, &dst.data[0], 4*dst.row, 4*dst.col, &src.data[0], 4*src.row, 4*src.col, &coefficients[0])
	}
	return n
}

func outputFast(channels int, dst, src square) int {
	n := whole(channels)
	if n > 0 {
		outputAVX2(n, &dst.data[0], 4*dst.row, 4*dst.col, &src.data[0], 4*src.row, 4*src.col, &coefficients[0])
	}
	return n
}

func outputAdjointFast(channels int, dst, src square) int {
	n := whole(channels)
	if n > 0 {
		outputAdjointAVX2(n, &dst.data[0], 4*dst.row, 4*dst.col, &src.data[0], 4*src.row, 4*src.col, &coefficients[0])
	}
	return n
}

func kernelFast(channels int, dst, src square) int {
	n := whole(channels)
	if n > 0 {
		kernelAVX2(n, &dst.data[0], 4*dst.row, 4*dst.col, &src.data[0], 4*src.row, 4*src.col, &coefficients[0])
	}
	return n
}

func kernelAdjointFast(channels int, dst, src square) int {
	n := whole(channels)
	if n > 0 {
		kernelAdjointAVX2(n, &dst.data[0], 4*dst.row, 4*dst.col, &src.data[0], 4*src.row, 4*src.col, &coefficients[0])
	}
	return n
}
