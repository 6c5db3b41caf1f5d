package paper

import (
	"context"
	"errors"
	"fmt"

	"github.com/noiseprobe/noiseprobe/experiment/sweep"
)

// Run carries out what is missing of a plan and collects and writes its result. The settings say how; the points are the plan's. Runs
// that failed are no reason to withhold the rest: the error is then an [*sweep.FailedRunsError], beside the result. Nor are runs that
// Slurm has: the summary counts them.
func (p *Plan) Run(ctx context.Context, s sweep.Settings, o sweep.Observer) (*Result, *sweep.Summary, error) {
	s.Points = p.Points()
	summary, err := sweep.Run(ctx, s, o)
	var failed *sweep.FailedRunsError
	if err != nil && !errors.As(err, &failed) {
		return nil, nil, err
	}
	r, collected := p.Collect(s.Dir)
	if collected != nil {
		return nil, nil, collected
	}
	if written := r.Write(); written != nil {
		return nil, nil, written
	}
	return r, summary, err
}

// Describe is the estimate in a line.
func (n Need) Describe(p *Plan) string {
	if n.Runs == 0 {
		return fmt.Sprintf("%s, %s, scale %s: all %d runs are there", p.Experiment, p.Model, p.Scale, p.Seeds*len(p.Cells))
	}
	return fmt.Sprintf("%s, %s, scale %s: %d of %d runs to do, about %s on this machine, the longest %s; good to a factor of two",
		p.Experiment, p.Model, p.Scale, n.Runs, p.Seeds*len(p.Cells), rough(n.Time), rough(n.Longest))
}
