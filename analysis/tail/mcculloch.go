package tail

// McCulloch returns the quantile estimate.
func McCulloch(x []float64, seed uint64) StableEstimate {
	return noStable("mcculloch", "undefined")
}
