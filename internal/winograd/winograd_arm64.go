package winograd

func inputFast(channels int, dst, src square) int { return fast(inputNEON, channels, dst, src) }
func inputAdjointFast(channels int, dst, src square) int {
	return fast(inputAdjointNEON, channels, dst, src)
}
func outputFast(channels int, dst, src square) int { return fast(outputNEON, channels, dst, src) }
func outputAdjointFast(channels int, dst, src square) int {
	return fast(outputAdjointNEON, channels, dst, src)
}
func kernelFast(channels int, dst, src square) int { return fast(kernelNEON, channels, dst, src) }
func kernelAdjointFast(channels int, dst, src square) int {
	return fast(kernelAdjointNEON, channels, dst, src)
}
