package bench

import (
	"context"
	"slices"
	"time"
)

// Timing sums up the repeats of one figure. The median stands for it: a machine that is also doing something else makes
// some repeats slower, none faster.
type Timing struct {
	Median  float64 `json:"median"`
	Lowest  float64 `json:"lowest"`
	Highest float64 `json:"highest"`
	Repeats int     `json:"repeats"`
}

// summarise needs at least one value; of an even number the median is the mean of the two in the middle.
func summarise(values []float64) Timing {
	sorted := slices.Sorted(slices.Values(values))
	n := len(sorted)
	return Timing{Median: (sorted[(n-1)/2] + sorted[n/2]) / 2, Lowest: sorted[0], Highest: sorted[n-1], Repeats: n}
}

const (
	minRepeats = 5
	maxRepeats = 300
)

// stopwatch repeats work until there has been enough of it.
type stopwatch struct {
	ctx      context.Context
	budget   time.Duration                       // of one stage
	progress func(phase string, done, total int) // may be nil
	between  func()                              // runs before every round, untimed; may be nil
}

// laps runs the stages one after another, again and again, and returns every stage's times in milliseconds, one a repeat. The
// first round warms up and is not counted. It looks at ctx between the rounds.
func (s stopwatch) laps(phase string, stages ...func() error) ([][]float64, error) {
	times := make([][]float64, len(stages))
	var started time.Time
	total := minRepeats
	for round := 0; round <= total; round++ {
		if s.ctx.Err() != nil {
			return nil, context.Cause(s.ctx)
		}
		if s.progress != nil {
			s.progress(phase, round, total+1)
		}
		if s.between != nil {
			s.between()
		}
		for i, stage := range stages {
			began := time.Now()
			if err := stage(); err != nil {
				return nil, err
			}
			if round > 0 {
				times[i] = append(times[i], milliseconds(time.Since(began)))
			}
		}
		if round == 0 {
			started = time.Now()
			continue
		}
		total = repeats(time.Since(started)/time.Duration(round), s.budget*time.Duration(len(stages)))
	}
	return times, nil
}

// repeats is how many rounds of this length fit into the budget, within the bounds.
func repeats(round, budget time.Duration) int {
	return min(max(int(budget/max(round, 1)), minRepeats), maxRepeats)
}

func milliseconds(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1e6 }
