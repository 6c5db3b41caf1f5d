package normality

import "gonum.org/v1/gonum/mat"

// leastSquares returns the coefficients of the least-squares fit of y, of mean 0, by the rows less their mean.
func leastSquares(r Rows, y []float64) []float64 {
	centred := make([]float64, len(r.X))
	for j := range r.D {
		mean := 0.0
		for i := range r.N {
			mean += r.X[i*r.D+j] / float64(r.N)
		}
		for i := range r.N {
			centred[i*r.D+j] = r.X[i*r.D+j] - mean
		}
	}
	var x mat.VecDense
	// Its error is a warning about the condition number, which whiten has checked.
	_ = x.SolveVec(mat.NewDense(r.N, r.D, centred), mat.NewVecDense(r.N, y))
	return x.RawVector().Data
}
