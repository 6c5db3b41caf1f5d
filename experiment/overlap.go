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

// overlap compares a checkpoint with the one before, from both files one layer at a time; nil where there is none before, or no
// gradients but second moments are stored.
func (t *trail) overlap(d Directory, step int, u *probe.Units) (*covariance.Overlap, error) {
	if u == nil {
		return nil, nil
	}
	before := *t
	t.step, t.leading = step, covariance.Lead(u)
	if before.leading == nil {
		return nil, nil
	}
	cross, err := probe.ReadCrossGram(d.checkpoint(before.step, gradientsFile), d.checkpoint(step, gradientsFile))
	if cross == nil || err != nil {
		return nil, err
	}
	o := t.leading.Overlap(before.leading, cross)
	o.PreviousStep = before.step
	return o, nil
}
