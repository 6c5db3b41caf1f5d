package normality

import "math"

// CramerVonMises tests normality with mean and variance estimated, z_i = (x_(i) - mean)/s in ascending order:
//
//	W^2  = 1/(12n) + sum (Phi(z_i) - (2i-1)/(2n))^2
//	W*^2 = (1 + 0.5/n) W^2
//
// Statistic is W^2; the p-value is Stephens' fit as a function of W*^2, for n >= 8. The fit ends at W*^2 = 1.1; beyond that p is its
// floor 7.37e-10, an upper bound.
func CramerVonMises(x []float64) Test {
	c := centre(x)
	if why := c.unfit(8); why != "" {
		return undefined(NameCramerVonMises, why)
	}
	z := c.zScores()
	n := float64(len(z))
	w2 := 1 / (12 * n)
	for i, v := range z {
		d := normCDF(v) - float64(2*i+1)/(2*n)
		w2 += float64(d * d)
	}
	return cramerVonMisesTable.test(NameCramerVonMises, w2, (1+0.5/n)*w2)
}

var cramerVonMisesTable = tabulated{
	pieces: []piece{
		{0.0275, true, -13.953, 775.5, -12542.61},
		{0.051, true, -5.903, 179.546, -1515.29},
		{0.092, false, 0.886, -31.62, 10.897},
		{1.1, false, 1.111, -34.242, 12.832},
	},
	floor: 7.37e-10,
}

func normCDF(z float64) float64 { return math.Erfc(-z/math.Sqrt2) / 2 }
