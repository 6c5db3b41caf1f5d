package probe

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// maxCheckpoints bounds the length of a schedule, so that a typing error is refused.
const maxCheckpoints = 100_000

// Schedule lists the steps at which a run of the given length records a checkpoint, ascending and without duplicates; the
// last step is always one. spec is
//
//	log:K      step 0 and K-1 steps spaced evenly on a log scale from 1 to the last; for K = 1 the last alone
//	every:K    0, K, 2K, ...
//	0,10,100   a list
func Schedule(spec string, steps int) ([]int, error) {
	kind, value, isRule := strings.Cut(spec, ":")
	var list []int
	var err error
	switch {
	case isRule && kind == "log":
		list, err = logSpaced(value, steps)
	case isRule && kind == "every":
		list, err = every(value, steps)
	case isRule:
		err = fmt.Errorf("unknown rule %q", kind)
	default:
		list, err = parseList(spec, steps)
	}
	if err != nil {
		return nil, fmt.Errorf("checkpoints %q: %w (log:K, every:K, or a list of steps)", spec, err)
	}
	list = append(list, steps)
	slices.Sort(list)
	if list = slices.Compact(list); len(list) > maxCheckpoints {
		return nil, fmt.Errorf("checkpoints %q: more than %d", spec, maxCheckpoints)
	}
	return list, nil
}

func logSpaced(value string, steps int) ([]int, error) {
	k, err := positive(value)
	if err != nil {
		return nil, err
	}
	if k > maxCheckpoints {
		return nil, fmt.Errorf("%d is more than %d", k, maxCheckpoints)
	}
	list := []int{0}
	for i := range k - 1 {
		exponent := 1.0
		if k > 2 {
			exponent = float64(i) / float64(k-2)
		}
		step := steps
		if at := math.Round(math.Pow(float64(steps), exponent)); at < float64(steps) { // else it may be beyond the largest integer
			step = int(at)
		}
		list = append(list, step)
	}
	if k == 1 {
		list = nil
	}
	return list, nil
}

func every(value string, steps int) ([]int, error) {
	k, err := positive(value)
	if err != nil {
		return nil, err
	}
	var list []int
	for i := range min(steps/k+1, maxCheckpoints+1) {
		list = append(list, i*k)
	}
	return list, nil
}

func parseList(spec string, steps int) ([]int, error) {
	var list []int
	for field := range strings.SplitSeq(spec, ",") {
		s, err := strconv.Atoi(strings.TrimSpace(field))
		if err != nil || s < 0 {
			return nil, fmt.Errorf("%q is not a step", field)
		}
		if s > steps {
			return nil, fmt.Errorf("step %d is after the last one, %d", s, steps)
		}
		list = append(list, s)
	}
	return list, nil
}

func positive(value string) (int, error) {
	k, err := strconv.Atoi(value)
	if err != nil || k < 1 {
		return 0, fmt.Errorf("%q is not a positive number", value)
	}
	return k, nil
}
