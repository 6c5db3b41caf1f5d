package report

import (
	"fmt"
	"math"
	"slices"

	"github.com/noiseprobe/noiseprobe/analysis/enhancement"
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
		arm := armOf(run, c.UnitSize, *row)
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
func armOf(run Run, unitSize int, row Normality) int {
	b := drawnBatch(run.Batch, unitSize, row.Evidence)
	switch {
	case row.Alpha == nil || row.Batch == nil:
		return -1
	case *row.Alpha == 1 && *row.Batch == b:
		return 1
	case *row.Alpha == 1:
		return 2
	case *row.Alpha == run.Alpha && *row.Batch == b:
		return 0
	}
	return -1
}

// drawnBatch is the number of samples in a minibatch that stands for one of B: resampled ones have whole units, at least one.
func drawnBatch(batch, unitSize int, evidence string) int {
	if evidence != enhancement.Resampled || unitSize <= 1 {
		return batch
	}
	return unitSize * max(1, int(math.Round(float64(batch)/float64(unitSize))))
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

// The three arms whose shapes are compared, in the order of the figures and tables.
func arms() []string { return []string{"NE at B", "SGD at B", "SGD at B_eff"} }
