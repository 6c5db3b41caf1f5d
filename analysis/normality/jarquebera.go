package normality

// JarqueBera tests g1 = g2 = 0:
//
//	JB = n/6 (g1^2 + g2^2/4),    p = P(chi^2_2 > JB) = exp(-JB/2),    n >= 2
//
// The chi-squared limit is poor for small n: at nominal 5%, 1% and 0.1% it rejects 4.0%, 1.8% and 0.8% of normal samples of
// 64, and 5.0%, 1.3% and 0.3% of 1000 (10,000 samples each). A very small p of a small sample is therefore too small.
//
// Source: Jarque & Bera, Efficient tests for normality, homoscedasticity and serial independence of regression
// residuals, Economics Letters 6 (1980).
func JarqueBera(x []float64) Test {
	c := centre(x)
	if why := c.unfit(2); why != "" {
		return undefined(NameJarqueBera, why)
	}
	g1, g2 := c.shape()
	jb := float64(c.n) / 6 * (float64(g1*g1) + g2*g2/4)
	return newTest(NameJarqueBera, jb, -jb/2)
}
