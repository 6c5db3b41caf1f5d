package probe

// Subset returns the second moments of the units with these indices, as if no others had been recorded. The result has no layers,
// variances of parameters, projections and coordinates.
func (u *Units) Subset(index []int) *Units {
	n := len(index)
	s := &Units{Meta: u.Meta, N: n, Parameters: u.Parameters, Centred: make([]float64, n*n), NormSq: make([]float64, n), MeanDot: make([]float64, n)}
	s.Index, s.Loss = nil, nil
	for a, i := range index {
		row := u.Centred[i*u.N : (i+1)*u.N]
		for b, j := range index {
			s.Centred[a*n+b] = row[j]
		}
		s.NormSq[a] = u.NormSq[i]
	}
	// The subset's mean is gbar + h: the mean of row i is h . (g_i - gbar), and the mean of these means is |h|^2.
	means := rowMeans(s.Centred, n)
	hh, hGbar := sum(means)/float64(n), 0.0
	for _, i := range index {
		hGbar += (u.MeanDot[i] - u.MeanNormSq) / float64(n)
	}
	s.MeanNormSq = u.MeanNormSq + float64(2*hGbar) + hh
	for a, i := range index {
		s.MeanDot[a] = u.MeanDot[i] + means[a] + hGbar
	}
	centreGram(s.Centred, means)
	return s
}
