package gemm

import "github.com/noiseprobe/noiseprobe/internal/simd"

func singleKernel(set simd.Set) kernel[float32] {
	if set == simd.NEON {
		return vectorKernel(24, 4, []assembly[float32]{sgemm8x4NEON, sgemm8x8NEON, sgemm8x12NEON}, stripRows, transposeSingle)
	}
	return genericKernel[float32](48)
}

func doubleKernel(set simd.Set) kernel[float64] {
	if set == simd.NEON {
		return vectorKernel(24, 2, []assembly[float64]{dgemm8x2NEON, dgemm8x4NEON, dgemm8x6NEON}, stripRows, transposeDouble)
	}
	return genericKernel[float64](24)
}
