package tail

// Koutrouvelis returns the regression estimate.
func Koutrouvelis(x []float64) StableEstimate {
	return noStable("koutrouvelis", "undefined")
}
