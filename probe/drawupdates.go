package probe

// UpdateSource is a [Source] that can say what the optimizer would do with a gradient. [Measure] then measures the noise of the updates as
// well as that of the gradients.
type UpdateSource interface {
	Source
	// UpdateTo writes the update that the optimizer would make for this gradient, with its moments as a step changes them, and leaves the
	// optimizer as it was. It returns false if it cannot say.
	UpdateTo(dst, gradient []float32) bool
}

// DrawUpdates are half the squared differences |u_k - u_(k-1)|^2 / 2 of the updates for successive draws, M/2 values (M under ghost batch
// normalisation) for plain SGD at B, NE at B and plain SGD at B_eff; Effective is empty where B_eff rounds to no sample. Their mean is the
// trace of the covariance of the update. A difference needs no mean update, which is not the update for the mean gradient.
type DrawUpdates struct{ SGD, NE, Effective []float64 }

// updates keeps the updates of the draw before.
type updates struct {
	src        UpdateSource
	now, other drawn
	draws      int
}

// newUpdates is nil where the source cannot say what an update would be.
func newUpdates(src Source) *updates {
	s, ok := src.(UpdateSource)
	if !ok || !s.UpdateTo(make([]float32, src.Parameters()), make([]float32, src.Parameters())) {
		return nil
	}
	return &updates{src: s, now: newUpdate(src.Parameters()), other: newUpdate(src.Parameters())}
}

// newUpdate has no update for B', which is one for a minibatch like B.
func newUpdate(parameters int) drawn {
	return drawn{x: make([]float32, parameters), enhanced: make([]float32, parameters), effective: make([]float32, parameters)}
}

// add takes the gradients of the next draw and appends the difference to the draw before to every second one.
func (u *updates) add(to *DrawUpdates, g drawn, effective bool) {
	u.now, u.other = u.other, u.now
	u.src.UpdateTo(u.now.x, g.x)
	u.src.UpdateTo(u.now.enhanced, g.enhanced)
	if effective {
		u.src.UpdateTo(u.now.effective, g.effective)
	}
	if u.draws++; u.draws%2 == 1 {
		return
	}
	to.SGD = append(to.SGD, halfSquare(u.now.x, u.other.x))
	to.NE = append(to.NE, halfSquare(u.now.enhanced, u.other.enhanced))
	if effective {
		to.Effective = append(to.Effective, halfSquare(u.now.effective, u.other.effective))
	}
}

func halfSquare(x, y []float32) float64 {
	return sumOfPieces(len(x), func(lo, hi int) (sum float64) {
		for i, v := range y[lo:hi] {
			d := float64(x[lo+i]) - float64(v)
			sum += float64(d * d)
		}
		return sum
	}) / 2
}
