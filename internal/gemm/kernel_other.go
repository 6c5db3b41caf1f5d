//go:build !amd64 && !arm64

package gemm

import "github.com/noiseprobe/noiseprobe/internal/simd"

func singleKernel(simd.Set) kernel[float32] { return genericKernel[float32](48) }
func doubleKernel(simd.Set) kernel[float64] { return genericKernel[float64](24) }
