//go:build !amd64 && !arm64

package vector

func addFast(dst, x []float32) int                                                 { return 0 }
func addReLUFast(dst, x []float32) int                                             { return 0 }
func maskFast(dst, y, x []float32) int                                             { return 0 }
func addScaledFast(dst []float32, scale float32, x []float32) int                  { return 0 }
func addProductsFast(dst []float64, a, d []float32) int                            { return 0 }
func adamFast(w, g, m, v []float32, r AdamRates) int                               { return 0 }
func dotFast(x, y []float32, sums *[dotLanes]float64) int                          { return 0 }
func addWideFast(dst []float64, x []float32) int                                   { return 0 }
func centreFast(x []float32, mean, squares []float64, sums *[dotLanes]float64) int { return 0 }
func addDeviationProductsFast(dst []float64, x, y []float32, p, q []float64, c Coefficients) int {
	return 0
}
