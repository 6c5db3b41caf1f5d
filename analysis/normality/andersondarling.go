package normality

// AndersonDarling tests normality with mean and variance estimated, z_i = (x_(i) - mean)/s in ascending order:
//
//	A^2  = -n - (1/n) sum (2i-1) (log Phi(z_i) + log(1 - Phi(z_(n+1-i))))
//	A*^2 = (1 + 0.75/n + 2.25/n^2) A^2
//
// Statistic is A^2; the p-value is Stephens' fit as a function of A*^2, for n >= 8. The fit ends at A*^2 = 10; beyond that p is its
// floor 3.7e-24, an upper bound.
func AndersonDarling(x []float64) Test {
	c := centre(x)
	if why := c.unfit(8); why != "" {
		return undefined(NameAndersonDarling, why)
	}
	z := c.zScores()
	n := float64(len(z))
	sum := 0.0
	for i, v := range z {
		sum += float64(float64(2*i+1) * (logNormCDF(v) + logNormCDF(-z[len(z)-1-i])))
	}
	a2 := -n - sum/n
	return andersonDarlingTable.test(NameAndersonDarling, a2, (1+0.75/n+2.25/(n*n))*a2)
}

var andersonDarlingTable = tabulated{
	pieces: []piece{
		{0.2, true, -13.436, 101.14, -223.73},
		{0.34, true, -8.318, 42.796, -59.938},
		{0.6, false, 0.9177, -4.279, -1.38},
		{10, false, 1.2937, -5.709, 0.0186},
	},
	floor: 3.7e-24,
}
