package noise

// Weights are the weights that each sample of B and each sample of B' has in the NE gradient, as a sum over the 2B samples:
//
//	alpha / B  and  (1 - alpha) / B
func Weights(alpha float64, batch int) (b, bPrime float64) {
	return alpha / float64(batch), (1 - alpha) / float64(batch)
}

// CombineTo writes the NE gradient of Eq. 6 into dst, which may be g or gPrime. It panics if their lengths differ:
//
//	alpha g + (1 - alpha) gPrime
func CombineTo(dst []float32, alpha float64, g, gPrime []float32) {
	if len(g) != len(dst) || len(gPrime) != len(dst) {
		panic("noise: gradients of different lengths")
	}
	a, b := float32(alpha), float32(1-alpha)
	for i := range dst {
		dst[i] = float32(a*g[i]) + float32(b*gPrime[i])
	}
}
