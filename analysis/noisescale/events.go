package noisescale

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"

	"github.com/noiseprobe/noiseprobe/internal/tfevents"
)

// IsEvents reports whether a path is what [ReadEvents] reads: a directory, or a file that is called as TensorBoard's event files are.
func IsEvents(path string) bool {
	about, err := os.Stat(path)
	return err == nil && (about.IsDir() || tfevents.IsName(path))
}

// ReadEvents reads a log from an event file of TensorBoard, or from all of a directory: its columns are tags, whose values belong together by
// their step, which is the column step unless another is named. A file that is being written may end anywhere.
func ReadEvents(path string, c Columns, alpha float64) (*Log, error) {
	scalars, err := eventsOf(path)
	if err != nil {
		return nil, err
	}
	l, err := logOf(scalars, c, alpha)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return l, nil
}

func eventsOf(path string) ([]tfevents.Scalar, error) {
	about, err := os.Stat(path)
	if err == nil && about.IsDir() {
		return tfevents.ReadDir(path)
	}
	scalars, err := tfevents.ReadFile(path)
	if errors.Is(err, tfevents.ErrTruncated) {
		err = nil
	}
	return scalars, err
}

// logOf joins the tags by their steps.
func logOf(scalars []tfevents.Scalar, c Columns, alpha float64) (*Log, error) {
	series := map[string]*eventSeries{}
	for _, s := range scalars {
		if series[s.Tag] == nil {
			series[s.Tag] = &eventSeries{}
		}
		series[s.Tag].add(s)
	}
	if len(series) == 0 {
		return nil, errors.New("has no scalars")
	}
	delete(series, columnStep)
	t, err := newTable(c, append([]string{columnStep}, slices.Sorted(maps.Keys(series))...), alpha)
	if err != nil {
		return nil, err
	}
	if err := t.join(series); err != nil {
		return nil, err
	}
	for i, s := range t.sources { // all norms of a step are written together
		if i >= 3 && series[s.name] != nil {
			t.log.Superseded = max(t.log.Superseded, series[s.name].superseded)
		}
	}
	return t.log, nil
}

// eventSeries is the values of one tag, steps ascending.
type eventSeries struct {
	steps      []int64
	values     []float64
	superseded int
}

// add appends a value; where steps go back, as after training was resumed, those from its step on do not count.
func (e *eventSeries) add(s tfevents.Scalar) {
	n, _ := slices.BinarySearch(e.steps, s.Step)
	e.superseded += len(e.steps) - n
	e.steps, e.values = append(e.steps[:n], s.Step), append(e.values[:n], s.Value)
}

// at is the value at a step, if there is one.
func (e *eventSeries) at(step int64) (value float64, given bool) {
	if i, found := slices.BinarySearch(e.steps, step); found {
		return e.values[i], true
	}
	return 0, false
}

// join adds a row for each step that one of the tags has. The last one may lack some.
func (t *table) join(series map[string]*eventSeries) error {
	steps := map[int64]bool{}
	for _, s := range t.sources {
		if e := series[s.name]; e != nil {
			for _, step := range e.steps {
				steps[step] = true
			}
		}
	}
	all := slices.Sorted(maps.Keys(steps))
	for k, step := range all {
		for i, s := range t.sources {
			switch e := series[s.name]; {
			case s.fixed:
			case e != nil:
				t.values[i], t.given[i] = e.at(step)
			default:
				t.values[i], t.given[i] = float64(step), true
			}
		}
		if err := t.take(); err != nil {
			if k == len(all)-1 && slices.Contains(t.given, false) {
				t.log.Skipped++ // it is being written
				return nil
			}
			return fmt.Errorf("step %d: %w", step, err)
		}
	}
	return nil
}
