package report

import (
	"fmt"
	"math"
	"slices"

	"github.com/noiseprobe/noiseprobe/analysis/enhancement"
	"github.com/noiseprobe/noiseprobe/noise"
)

// direction gathers the shape of the noise along one direction: NE at B, SGD at B, SGD at B_eff, nil where not drawn.
type direction struct {
	name string
	arms [3]*Normality
}

// lastWith is the last checkpoint that has something, or nil.
func lastWith(r *Report, has func(Checkpoint) bool) *Checkpoint {
	for i := len(r.Checkpoints) - 1; i >= 0; i-- {
		if has(r.Checkpoints[i]) {
			return &r.Checkpoints[i]
		}
	}
	return nil
}

// lastDirections is the last checkpoint with shapes of the noise over draws, and these.
func lastDirections(r *Report) (*Checkpoint, []direction) {
	c := lastWith(r, func(c Checkpoint) bool { return len(directionsOf(r.Run, c)) > 0 })
	if c == nil {
		return nil, nil
	}
	return c, directionsOf(r.Run, *c)
}

// directionsOf groups the rows over draws by what they are of and by evidence, which is named where both kinds occur.
func directionsOf(run Run, c Checkpoint) []direction {
	both := bothEvidences(c.Normality)
	var all []direction
	for i := range c.Normality {
		row := &c.Normality[i]
		arm := armOf(run, *row)
		if row.Axis != AxisDraws || arm < 0 {
			continue
		}
		name := row.Of
		if both {
			name = fmt.Sprintf("%s (%s)", row.Of, row.Evidence)
		}
		at := slices.IndexFunc(all, func(d direction) bool { return d.name == name })
		if at < 0 {
			at, all = len(all), append(all, direction{name: name})
		}
		all[at].arms[arm] = row
	}
	return all
}

func bothEvidences(rows []Normality) bool {
	has := func(evidence string) bool {
		return slices.ContainsFunc(rows, func(n Normality) bool { return n.Axis == AxisDraws && n.Evidence == evidence })
	}
	return has(enhancement.Direct) && has(enhancement.Resampled)
}

// armOf is the index of a row in arms, or -1 for other values of alpha and for samples without minibatches. In a run of
// plain SGD there is no NE arm.
func armOf(run Run, row Normality) int {
	switch {
	case row.Alpha == nil || row.Batch == nil:
		return -1
	case *row.Alpha == 1 && nearerB(run, *row.Batch):
		return 1
	case *row.Alpha == 1:
		return 2
	case *row.Alpha == run.Alpha && nearerB(run, *row.Batch):
		return 0
	}
	return -1
}

// nearerB tells minibatches of B, which resampled ones of whole ghost batches need not have exactly, from those of B_eff.
func nearerB(run Run, batch int) bool {
	b := float64(run.Batch)
	effective := b / noise.Factor(run.Alpha)
	return batch == run.Batch || math.Abs(float64(batch)-b) < math.Abs(float64(batch)-effective)
}

// resampledOnly are the directions whose rows are of resampled draws.
func resampledOnly(directions []direction) []direction {
	return slices.DeleteFunc(slices.Clone(directions), func(d direction) bool {
		for _, row := range d.arms {
			if row != nil {
				return row.Evidence != enhancement.Resampled
			}
		}
		return true
	})
}
