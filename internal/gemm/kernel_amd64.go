package gemm

import "github.com/noiseprobe/noiseprobe/internal/simd"

func singleKernel(set simd.Set) kernel[float32] {
	switch set {
	case simd.AVX512:
		return vectorKernel(48, 16, []assembly[float32]{sgemm8x16AVX512, sgemm8x32AVX512, sgemm8x48AVX512}, stripRows, transposeSingle)
	case simd.AVX2:
		// A panel for two tiles, as for float64, would take up more of the L1 cache.
		k := vectorKernel(24, 8, []assembly[float32]{sgemm4x8AVX2, sgemm4x16AVX2, sgemm4x24AVX2}, 4, transposeSingle)
		k.inPlace = inPlaceSingle
		return k
	}
	return genericKernel[float32](48)
}

func doubleKernel(set simd.Set) kernel[float64] {
	switch set {
	case simd.AVX512:
		return vectorKernel(24, 8, []assembly[float64]{dgemm8x8AVX512, dgemm8x16AVX512, dgemm8x24AVX512}, stripRows, transposeDouble)
	case simd.AVX2:
		return vectorKernel(24, 4, []assembly[float64]{dgemm4x4AVX2, dgemm4x8AVX2, dgemm4x12AVX2}, 4, transposeDouble)
	}
	return genericKernel[float64](24)
}

// inPlaceSingle uses tiles of 4 rows for three vectors or one, and of 6 rows for two where possible: with 4 rows and two vectors there
// are too few chains of additions to keep the processor busy.
func inPlaceSingle(k, height int, a []float32, lda int, panel, c []float32, ldc, width int, load bool) {
	tile, rows := sgemm4x24InPlaceAVX2, 4
	switch {
	case width <= 8:
		tile = sgemm4x8InPlaceAVX2
	case width <= 16 && height%6 == 0:
		tile, rows = sgemm6x16InPlaceAVX2, 6
	case width <= 16:
		tile = sgemm4x16InPlaceAVX2
	}
	tile(k, height/rows, &a[0], 4*lda, &panel[0], &c[0], 4*ldc, load)
}
