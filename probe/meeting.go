package probe

// Meeting is what the curvature F_k of K units sees of n gradients, summed over one or the other, and what the gradients are to each other. With c_i = g_i - gbar, and u the
// unit k itself:
type Meeting struct {
	// Of each of the K units: gbar' F_k gbar, sum_i c_i' F_k c_i, c_u' F_k c_u and gbar' F_k c_u.
	MeanSq, Spread, Self, SelfAlong []float64
	// Of each of the n gradients, summed over k: c_i' F_k c_i, gbar' F_k c_i and c_u' F_k c_i.
	Deviation, Along, Own []float64
	// |gbar|^2, and of each of the n gradients gbar . c_i and |c_i|^2.
	MeanNormSq        float64
	MeanAlong, Square []float64
}

// Meeting is that of the curvature with the recorded gradients, of which u has the second moments.
func (c *Curvature) Meeting(u *Units) Meeting {
	m := sight{c.MeanSq, c.Along, c.Deviation, c.Own}.meeting(c.Unit)
	m.MeanNormSq, m.MeanAlong, m.Square = u.MeanNormSq, make([]float64, u.N), make([]float64, u.N)
	for i := range u.N {
		m.MeanAlong[i] = u.MeanDot[i] - u.MeanNormSq
		m.Square[i] = u.Centred[i*u.N+i]
	}
	return m
}

// meeting sums up what these units see.
func (s sight) meeting(unit []int) Meeting {
	k, n := len(unit), len(s.deviation)/len(unit)
	m := Meeting{MeanSq: s.meanSq, Spread: make([]float64, k), Self: make([]float64, k), SelfAlong: make([]float64, k)}
	m.Deviation, m.Along, m.Own = make([]float64, n), make([]float64, n), make([]float64, n)
	for k, u := range unit {
		deviation, along, own := s.deviation[k*n:][:n], s.along[k*n:][:n], s.own[k*n:][:n]
		m.Spread[k], m.Self[k], m.SelfAlong[k] = sum(deviation), deviation[u], along[u]
		for i := range n {
			m.Deviation[i] += deviation[i]
			m.Along[i] += along[i]
			m.Own[i] += own[i]
		}
	}
	return m
}
