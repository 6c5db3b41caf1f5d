package probe_test

import (
	"math"
	"slices"
	"testing"

	"github.com/noiseprobe/noiseprobe/probe"
)

func TestSchedule(t *testing.T) {
	cases := []struct {
		spec  string
		steps int
		want  []int
	}{
		// 600^(1/4) = 4.95, 600^(1/2) = 24.49, 600^(3/4) = 121.2
		{"log:6", 600, []int{0, 1, 5, 24, 121, 600}},
		{"log:1", 600, []int{600}},
		{"log:2", 600, []int{0, 600}},
		{"log:3", 600, []int{0, 1, 600}},
		{"log:6", 2, []int{0, 1, 2}},
		{"log:6", 1, []int{0, 1}},
		{"log:6", 0, []int{0}},
		{"log:1", 1, []int{1}},
		{"every:250", 600, []int{0, 250, 500, 600}},
		{"every:200", 600, []int{0, 200, 400, 600}},
		{"every:1", 2, []int{0, 1, 2}},
		{"every:1000", 600, []int{0, 600}},
		{"every:1", 0, []int{0}},
		{"0,10,100", 600, []int{0, 10, 100, 600}},
		{"100, 10,10,0", 600, []int{0, 10, 100, 600}},
		{"600", 600, []int{600}},
		{"1,1", 1, []int{1}},
	}
	for _, c := range cases {
		got, err := probe.Schedule(c.spec, c.steps)
		if err != nil || !slices.Equal(got, c.want) {
			t.Errorf("Schedule(%q, %d) = %v, %v; want %v", c.spec, c.steps, got, err, c.want)
		}
	}
}

func TestScheduleRefuses(t *testing.T) {
	const hint = " (log:K, every:K, or a list of steps)"
	for spec, reason := range map[string]string{
		"":          `"" is not a step`,
		"1,,2":      `"" is not a step`,
		"ten":       `"ten" is not a step`,
		"1.5":       `"1.5" is not a step`,
		"-1":        `"-1" is not a step`,
		"0,601":     `step 601 is after the last one, 600`,
		"log:0":     `"0" is not a positive number`,
		"log:":      `"" is not a positive number`,
		"log:six":   `"six" is not a positive number`,
		"every:0":   `"0" is not a positive number`,
		"every:-5":  `"-5" is not a positive number`,
		"weekly:2":  `unknown rule "weekly"`,
		"log:6,600": `"6,600" is not a positive number`,
	} {
		want := `checkpoints "` + spec + `": ` + reason + hint
		if got, err := probe.Schedule(spec, 600); got != nil || err == nil || err.Error() != want {
			t.Errorf("Schedule(%q) = %v, %v; want %q", spec, got, err, want)
		}
	}
}

// FuzzSchedule: a schedule is refused, or ascends from 0 or later to the last step, with a bounded number of steps.
func FuzzSchedule(f *testing.F) {
	for _, spec := range []string{"log:6", "log:1", "log:2", "every:1", "every:100", "0,10,100", "100,10,10", "log:", "every:0", "-1", "log:99999", "1e3"} {
		f.Add(spec, 600)
	}
	f.Add("log:100000", math.MaxInt)
	f.Add("every:1", math.MaxInt)
	f.Fuzz(func(t *testing.T, spec string, steps int) {
		if steps < 1 {
			return
		}
		list, err := probe.Schedule(spec, steps)
		if err != nil {
			return
		}
		if len(list) == 0 || len(list) > 100_000 || list[0] < 0 || list[len(list)-1] != steps {
			t.Fatalf("%q of %d: %d steps from %d to %d", spec, steps, len(list), list[0], list[len(list)-1])
		}
		for i := 1; i < len(list); i++ {
			if list[i] <= list[i-1] {
				t.Fatalf("%q of %d: step %d after %d", spec, steps, list[i], list[i-1])
			}
		}
	})
}
