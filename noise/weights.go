package noise

// Weights are the weights that each sample of B and each sample of B' has in the NE gradient, as a sum over the 2B samples:
//
//	alpha / B  and  (1 - alpha) / B
func Weights(alpha float64, batch int) (b, bPrime float64) {
	return alpha / float64(batch), (1 - alpha) / float64(batch)
}
