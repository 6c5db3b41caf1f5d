package experiment

import (
	"github.com/noiseprobe/noiseprobe/analysis/covariance"
	"github.com/noiseprobe/noiseprobe/probe"
)

// trail remembers the checkpoint before: its second moments and leading directions, not its gradients.
type trail struct {
	step    int
	leading *covariance.Leading
}

// overlap compares a checkpoint with the one before, given a function that multiplies the gradients of that with its own; nil where there
// is none before, or where it returns nil since no gradients are known.
func (t *trail) overlap(step int, u *probe.Units, cross func(before int) ([]float64, error)) (*covariance.Overlap, error) {
	if u == nil {
		return nil, nil
	}
	before := *t
	t.step, t.leading = step, covariance.Lead(u)
	if before.leading == nil {
		return nil, nil
	}
	products, err := cross(before.step)
	if products == nil || err != nil {
		return nil, err
	}
	o := t.leading.Overlap(before.leading, products)
	o.PreviousStep = before.step
	return o, nil
}
