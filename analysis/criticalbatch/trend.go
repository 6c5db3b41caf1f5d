package criticalbatch

import "math"

// Trend is the trend of a loss along training: the least-squares fit to its logarithm that never rises (isotonic regression by pooling
// adjacent violators: Ayer, Brunk, Ewing, Reid and Silverman, Annals of Mathematical Statistics 26 (1955)). The first loss below a given one
// would depend on how often the loss is evaluated, as a fluctuating loss is seen below earlier when it is evaluated more often.
type Trend struct{ levels []level }

// level is a stretch of a trend: its middle, in steps, and the geometric mean of the losses in it.
type level struct{ step, loss, count float64 }

func (l level) pooled(next level) level {
	count := l.count + next.count
	part := next.count / count
	return level{l.step + float64(part*(next.step-l.step)), l.loss * math.Pow(next.loss/l.loss, part), count}
}

// Add appends the loss after so many steps, which go up. One that has no finite logarithm is left out.
func (t *Trend) Add(step int, loss float64) {
	if !(loss > 0) || math.IsInf(loss, 0) {
		return
	}
	all := append(t.levels, level{float64(step), loss, 1})
	for n := len(all); n > 1 && all[n-2].loss <= all[n-1].loss; n-- {
		all = append(all[:n-2], all[n-2].pooled(all[n-1]))
	}
	t.levels = all
}

// Crossing is the number of steps after which the trend reaches a loss, by linear interpolation of the log loss between its levels: NaN if it
// never does, and the middle of the first level where that is below.
func (t *Trend) Crossing(loss float64) float64 {
	for i, l := range t.levels {
		if !(l.loss <= loss) {
			continue
		}
		if i == 0 {
			return l.step
		}
		before := t.levels[i-1]
		return before.step + float64(math.Log(before.loss/loss)/math.Log(before.loss/l.loss)*(l.step-before.step))
	}
	return math.NaN()
}

// End is the loss that the trend comes to, NaN without any.
func (t *Trend) End() float64 {
	if len(t.levels) == 0 {
		return math.NaN()
	}
	return t.levels[len(t.levels)-1].loss
}

// At is the loss of the trend after so many steps, with the log loss linear between the middles of its levels and constant beyond; NaN without
// any.
func (t *Trend) At(step float64) float64 {
	for i, l := range t.levels {
		switch {
		case l.step < step:
		case i == 0:
			return l.loss
		default:
			before := t.levels[i-1]
			return before.loss * math.Pow(l.loss/before.loss, (step-before.step)/(l.step-before.step))
		}
	}
	return t.End()
}
