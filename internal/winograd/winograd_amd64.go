package winograd

func inputFast(channels int, dst, src square) int { return fast(inputAVX2, channels, dst, src) }
func inputAdjointFast(channels int, dst, src square) int {
	return fast(inputAdjointAVX2, channels, dst, src)
}
func outputFast(channels int, dst, src square) int { return fast(outputAVX2, channels, dst, src) }
func outputAdjointFast(channels int, dst, src square) int {
	return fast(outputAdjointAVX2, channels, dst, src)
}
func kernelFast(channels int, dst, src square) int { return fast(kernelAVX2, channels, dst, src) }
func kernelAdjointFast(channels int, dst, src square) int {
	return fast(kernelAdjointAVX2, channels, dst, src)
}
