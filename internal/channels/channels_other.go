//go:build !amd64 && !arm64

package channels

func sumsFast(dst, x []float32) int                                         { return 0 }
func squaredDeviationsFast(dst, x, mean []float32) int                      { return 0 }
func normaliseReLUFast(dst, x, mean, scale, shift []float32) int            { return 0 }
func deltaSumsFast(sum, dot, x, dy, mean, scale, shift []float32) int       { return 0 }
func deltaFast(dst, x, dy, mean, scale, shift, first, second []float32) int { return 0 }
func maxPoolFast(dst, image []float32, width, channels int) int             { return 0 }
func maxPoolAdjointFast(dst, image, dy []float32, width, channels int) int  { return 0 }
