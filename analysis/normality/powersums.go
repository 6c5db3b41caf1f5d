package normality

import "math"

// sumPowers returns the sums of the powers 0 to 4 of d.
func sumPowers(d []float64) (sum [5]float64) {
	sum[0] = float64(len(d))
	for _, v := range d {
		sq := float64(v * v)
		sum[1] += v
		sum[2] += sq
		sum[3] += float64(sq * v)
		sum[4] += float64(sq * sq)
	}
	return sum
}

// shapeOfSums returns g1 and g2 of values whose mean is small against their spread, from their power sums.
func shapeOfSums(sum [5]float64) (g1, g2 float64) {
	n := sum[0]
	mean, r2, r3, r4 := sum[1]/n, sum[2]/n, sum[3]/n, sum[4]/n
	m2 := r2 - float64(mean*mean)
	m3 := r3 - float64(3*mean*r2) + float64(2*mean*mean*mean)
	m4 := r4 - float64(4*mean*r3) + float64(6*mean*mean*r2) - float64(3*mean*mean*mean*mean)
	return m3 / (m2 * math.Sqrt(m2)), m4/(m2*m2) - 3
}
