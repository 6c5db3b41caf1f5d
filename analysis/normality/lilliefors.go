package normality

import "math"

// Lilliefors is the Kolmogorov-Smirnov test of normality with mean and variance estimated, for n >= 5, with
// z_i = (x_(i) - mean)/s in ascending order:
//
//	D = max over i of i/n - Phi(z_i) and Phi(z_i) - (i-1)/n
//
// p is the formula of Dallal & Wilkinson, An analytic approximation to the distribution of Lilliefors's test statistic,
// The American Statistician 40 (1986), which holds for p <= 0.1; above, Stephens' polynomials in the modified D.
func Lilliefors(x []float64) Test {
	c := centre(x)
	if why := c.unfit(5); why != "" {
		return undefined(NameLilliefors, why)
	}
	z := c.zScores()
	n, d := float64(len(z)), 0.0
	for i, v := range z {
		p := normCDF(v)
		d = max(d, float64(i+1)/n-p, p-float64(i)/n)
	}
	logP := dallalWilkinson(d, n)
	if logP > math.Log(0.1) {
		logP = math.Log(stephensD((math.Sqrt(n) - 0.01 + 0.85/math.Sqrt(n)) * d))
	}
	return newTest(NameLilliefors, d, logP)
}

// dallalWilkinson returns log p. For n > 100, D is converted to the equivalent value at n = 100.
func dallalWilkinson(d, n float64) float64 {
	if n > 100 {
		d *= math.Pow(n/100, 0.49)
		n = 100
	}
	return float64(-7.01256*d*d*(n+2.78019)) + float64(2.99587*d*math.Sqrt(n+2.78019)) - 0.122119 + 0.974598/math.Sqrt(n) + 1.67997/n
}

// stephensD returns the p-value of the modified D for p > 0.1, where D* stays below 0.9.
func stephensD(d float64) float64 {
	switch {
	case d <= 0.302:
		return 1
	case d <= 0.5:
		return 2.76773 + float64(d*(-19.828315+float64(d*(80.709644+float64(d*(-138.55152+float64(d*81.218052)))))))
	}
	return -4.901232 + float64(d*(40.662806+float64(d*(-97.490286+float64(d*(94.029866-float64(d*32.355711)))))))
}
