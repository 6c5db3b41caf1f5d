package criticalbatch

import "math"

// Trend is the losses of a run after so many steps, ascending.
type Trend struct{ Steps, Losses []float64 }

// Add appends a loss. Steps that do not go up panic.
func (t *Trend) Add(step int, loss float64) {
	if n := len(t.Steps); n > 0 && float64(step) <= t.Steps[n-1] {
		panic("criticalbatch: steps of a trend must go up")
	}
	t.Steps, t.Losses = append(t.Steps, float64(step)), append(t.Losses, loss)
}

// block is consecutive losses of one mean.
type block struct{ steps, loss, count float64 }

// blocks are the least squares fit that never rises (pool adjacent violators: Ayer et al. 1955), each with its mean step.
func (t *Trend) blocks() []block {
	var all []block
	for i, loss := range t.Losses {
		all = append(all, block{t.Steps[i], loss, 1})
		for n := len(all); n > 1 && all[n-1].loss >= all[n-2].loss; n = len(all) {
			all = append(all[:n-2], all[n-2].with(all[n-1]))
		}
	}
	return all
}

func (b block) with(c block) block {
	n := b.count + c.count
	return block{(b.steps*b.count + c.steps*c.count) / n, (b.loss*b.count + c.loss*c.count) / n, n}
}

// Crossing is the number of steps at which the trend of the loss, which never rises, reaches a target: between the means of its blocks it is
// linear. It is NaN where the trend does not reach it, or begins below.
func (t *Trend) Crossing(target float64) float64 {
	all := t.blocks()
	if len(all) == 0 || all[0].loss <= target {
		return math.NaN()
	}
	for i, b := range all[1:] {
		if b.loss <= target {
			a := all[i]
			return a.steps + (b.steps-a.steps)*(a.loss-target)/(a.loss-b.loss)
		}
	}
	return math.NaN()
}

// End is the loss that the trend comes to, NaN without any.
func (t *Trend) End() float64 {
	all := t.blocks()
	if len(all) == 0 {
		return math.NaN()
	}
	return all[len(all)-1].loss
}
