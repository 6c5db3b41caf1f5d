package sweep

import (
	"math"
	"os"
	"slices"
	"time"
)

// left is the seconds that remain, at the median duration of the runs that are over; NaN where none is.
func (s *Summary) left(d directory, jobs int, now time.Time) float64 {
	var durations []float64
	for _, r := range s.Runs {
		begun, ended := written(d.run(r.Name).RecordPath()), written(d.run(r.Name).ReportPath())
		if r.Training != nil && !begun.IsZero() {
			durations = append(durations, ended.Sub(begun).Seconds())
		}
	}
	if len(durations) == 0 || jobs < 1 {
		return math.NaN()
	}
	// A run that was interrupted seems to have taken longer, hence the median.
	slices.Sort(durations)
	each, sum := durations[len(durations)/2], 0.0
	for _, r := range s.Runs {
		switch begun := written(d.run(r.Name).RecordPath()); {
		case r.State == Running && !begun.IsZero():
			sum += max(0, each-now.Sub(begun).Seconds())
		case r.State == Running || r.State == Waiting || r.State == Interrupted:
			sum += each
		}
	}
	return sum / float64(jobs)
}

// written is when a file was written: the first of a run, or the last. It is zero where there is none.
func written(path string) time.Time {
	info, err := os.Stat(path)
	if err != nil {
		return time.Time{}
	}
	return info.ModTime()
}
