package vector

// The functions below compute the first elements and return how many.

func addFast(dst, x []float32) int {
	n := whole(len(dst), 8)
	if n > 0 {
		addNEON(n, &dst[0], &x[0])
	}
	return n
}

func addReLUFast(dst, x []float32) int {
	n := whole(len(dst), 8)
	if n > 0 {
		addReLUNEON(n, &dst[0], &x[0])
	}
	return n
}

func maskFast(dst, y, x []float32) int {
	n := whole(len(dst), 8)
	if n > 0 {
		maskNEON(n, &dst[0], &y[0], &x[0])
	}
	return n
}

func addScaledFast(dst []float32, scale float32, x []float32) int {
	n := whole(len(dst), 8)
	if n > 0 {
		addScaledNEON(n, &dst[0], &x[0], scale)
	}
	return n
}

func addProductsFast(dst []float64, a, d []float32) int {
	n := whole(len(dst), 4)
	if n > 0 {
		addProductsNEON(n, &dst[0], &a[0], &d[0])
	}
	return n
}

func adamFast(w, g, m, v []float32, r AdamRates) int {
	n := whole(len(w), 8)
	if n > 0 {
		adamNEON(n, &w[0], &g[0], &m[0], &v[0], r.Beta1, r.Rest1, r.Beta2, r.Rest2, r.Rate, r.Epsilon)
	}
	return n
}

func dotFast(x, y []float32, sums *[dotLanes]float64) int {
	n := whole(len(x), dotLanes)
	if n > 0 {
		dotNEON(n, &x[0], &y[0], &sums[0])
	}
	return n
}

func addWideFast(dst []float64, x []float32) int {
	n := whole(len(dst), 8)
	if n > 0 {
		addWideNEON(n, &dst[0], &x[0])
	}
	return n
}

func centreFast(x []float32, mean, squares []float64, sums *[dotLanes]float64) int {
	n := whole(len(x), dotLanes)
	if n > 0 {
		centreNEON(n, &x[0], &mean[0], &squares[0], &sums[0])
	}
	return n
}
