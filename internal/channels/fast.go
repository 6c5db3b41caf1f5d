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

// The functions below compute the first channels and return how many. Where they add up sums, dst holds zeros.

func sumsFast(dst, x []float32) int {
	channels := len(dst)
	n := whole(channels, len(x))
	if n > 0 {
		sumsSIMD(len(x)/channels, n, 4*channels, &x[0], &dst[0])
	}
	return n
}

func squaredDeviationsFast(dst, x, mean []float32) int {
	channels := len(mean)
	n := whole(channels, len(x))
	if n > 0 {
		squaredDeviationsSIMD(len(x)/channels, n, 4*channels, &x[0], &dst[0], &mean[0])
	}
	return n
}

func normaliseReLUFast(dst, x, mean, scale, shift []float32) int {
	channels := len(mean)
	n := whole(channels, len(x))
	if n > 0 {
		normaliseReLUSIMD(len(x)/channels, n, 4*channels, &dst[0], &x[0], &mean[0], &scale[0], &shift[0])
	}
	return n
}

func deltaSumsFast(sum, dot, x, dy, mean, scale, shift []float32) int {
	channels := len(mean)
	n := whole(channels, len(x))
	if n > 0 {
		deltaSumsSIMD(len(x)/channels, n, 4*channels, &x[0], &dy[0], &sum[0], &dot[0], &mean[0], &scale[0], &shift[0])
	}
	return n
}

func deltaFast(dst, x, dy, mean, scale, shift, first, second []float32) int {
	channels := len(mean)
	n := whole(channels, len(x))
	if n > 0 {
		deltaSIMD(len(x)/channels, n, 4*channels, &dst[0], &x[0], &dy[0], &mean[0], &scale[0], &shift[0], &first[0], &second[0])
	}
	return n
}

func maxPoolFast(dst, image []float32, width, channels int) int {
	n, row := whole(channels, len(image)), width*channels
	if n > 0 {
		for y := 0; 2*y*row < len(image); y++ {
			maxPoolSIMD(width/2, n, 4*channels, 4*row, &image[2*y*row], &dst[y*row/2])
		}
	}
	return n
}

func maxPoolAdjointFast(dst, image, dy []float32, width, channels int) int {
	n, row := whole(channels, len(image)), width*channels
	if n > 0 {
		for y := 0; 2*y*row < len(image); y++ {
			maxPoolAdjointSIMD(width/2, n, 4*channels, 4*row, &dst[2*y*row], &image[2*y*row], &dy[y*row/2])
		}
	}
	return n
}
