package bench

import (
	"context"
	"errors"
	"testing"
	"time"
)

func TestSummarise(t *testing.T) {
	for _, c := range []struct {
		values []float64
		want   Timing
	}{
		{[]float64{3}, Timing{3, 3, 3, 1}},
		{[]float64{9, 1, 2}, Timing{2, 1, 9, 3}},
		{[]float64{9, 1, 2, 4}, Timing{3, 1, 9, 4}},
	} {
		if got := summarise(c.values); got != c.want {
			t.Errorf("%v: %+v, want %+v", c.values, got, c.want)
		}
	}
	values := []float64{2, 1}
	if summarise(values); values[0] != 2 {
		t.Error("the values were sorted in place")
	}
}

func TestRepeats(t *testing.T) {
	for _, c := range []struct {
		round, budget time.Duration
		want          int
	}{
		{time.Second, time.Second, minRepeats},
		{time.Second, 20 * time.Second, 20},
		{0, time.Second, maxRepeats},
		{time.Microsecond, time.Second, maxRepeats},
	} {
		if got := repeats(c.round, c.budget); got != c.want {
			t.Errorf("%v in %v: %d repeats, want %d", c.round, c.budget, got, c.want)
		}
	}
}

// TestLaps: every stage runs once more than it is timed, in turn with the others.
func TestLaps(t *testing.T) {
	calls := [2]int{}
	s := stopwatch{ctx: context.Background()}
	laps, err := s.laps("", func() error { calls[0]++; return nil }, func() error {
		if calls[1]++; calls[1] != calls[0] {
			t.Errorf("calls %v", calls)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	// Without a budget there is the least number.
	if len(laps) != 2 || len(laps[0]) != minRepeats || len(laps[1]) != minRepeats || calls[0] != minRepeats+1 {
		t.Errorf("%d stages, calls %v", len(laps), calls)
	}
	broken := errors.New("broken")
	if _, err := s.laps("", func() error { return broken }); !errors.Is(err, broken) {
		t.Errorf("err = %v", err)
	}
}
