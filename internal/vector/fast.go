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
