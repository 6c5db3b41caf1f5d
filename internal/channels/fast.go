//go:build amd64 || arm64

package channels

import "github.com/noiseprobe/noiseprobe/internal/simd"

//go:generate go -C ../../tools run ./kernels -name channels -pkg channels -out ../internal/channels/kernels_amd64.s -stubs ../internal/channels/kernels_amd64.go
//go:generate go -C ../../tools run ./kernels -arch arm64 -name channels -pkg channels -out ../internal/channels/kernels_arm64.s -stubs ../internal/channels/kernels_arm64.go

var assembly = simd.Kernels() != simd.Generic

// whole is the number of channels in whole vectors, 0 if there are no elements.
func whole(channels, elements int) int {
	if !assembly || elements == 0 {
		return 0
	}
	return channels - channels%8
}
