package noisescale

import (
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/noiseprobe/noiseprobe/internal/tfevents"
)

// event is the scalars of one step.
type event struct {
	step         int64
	small, big   float64
	loss, others bool
}

func writeEvents(t *testing.T, dir string, begun int64, events []event) {
	t.Helper()
	w, err := tfevents.Create(dir, time.Unix(begun, 0), events[0].step)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	for _, e := range events {
		scalars := []tfevents.Scalar{{Tag: "norm/micro", Value: e.small}, {Tag: "norm/batch", Value: e.big}}
		if e.loss {
			scalars = append(scalars, tfevents.Scalar{Tag: "train/loss", Value: 1})
		}
		if e.others {
			scalars = scalars[1:]
		}
		if err := w.Write(time.Unix(begun, 0), e.step, scalars...); err != nil {
			t.Fatal(err)
		}
	}
}

const eventColumns = "small_norm_sq=norm/micro^2,big_norm_sq=norm/batch,small_batch=8,big_batch=32"

// A directory of two sessions gives what the same rows give as CSV: of the steps that both have, the later ones count.
func TestEventsAreReadAsCSV(t *testing.T) {
	dir := t.TempDir()
	var first, second []event
	csv := "step,small_batch,small_norm_sq,big_batch,big_norm_sq\n"
	for i := range int64(14) {
		// Values that float32, as TensorBoard has it, holds exactly.
		e := event{step: 10 * i, small: 1.5 + float64(i*i%5)/4, big: 1 + float64(i*i%7)/8, loss: i%3 == 0}
		first = append(first, e)
	}
	for i := range int64(6) {
		second = append(second, event{step: 110 + 10*i, small: 1.75 + float64(i%3)/8, big: 1.25 + float64(i%2)/4})
	}
	for _, e := range append(append([]event{}, first...), second...) {
		csv += strings.Join([]string{strconv.FormatInt(e.step, 10), "8", strconv.FormatFloat(e.small*e.small, 'g', -1, 64), "32", strconv.FormatFloat(e.big, 'g', -1, 64)}, ",") + "\n"
	}
	writeEvents(t, dir, 1000, first)
	writeEvents(t, dir, 2000, second)
	c, err := ParseColumns(eventColumns)
	if err != nil {
		t.Fatal(err)
	}
	got, err := ReadEvents(dir, c, 1)
	if err != nil {
		t.Fatal(err)
	}
	want, err := Read(strings.NewReader(csv), "csv", nil, 1)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, want) || got.Superseded != 3 {
		t.Errorf("%+v\nwant %+v", got, want)
	}
}

func TestEventsRefuse(t *testing.T) {
	c, err := ParseColumns(eventColumns)
	if err != nil {
		t.Fatal(err)
	}
	partial := t.TempDir()
	writeEvents(t, partial, 1000, []event{{step: 1, small: 1, big: 1}, {step: 2, big: 1, others: true}, {step: 3, small: 1, big: 1}})
	damaged := filepath.Join(t.TempDir(), "events.out.tfevents.1.x")
	if err := os.WriteFile(damaged, []byte("step,small_batch and so on, which is none"), 0o666); err != nil {
		t.Fatal(err)
	}
	for _, k := range []struct {
		path    string
		columns Columns
		want    string
	}{
		{partial, c, "step 2: norm/micro is missing"}, {t.TempDir(), c, "has no event files"}, {damaged, c, "not an event file, or damaged"},
		{partial, nil, "no column small_batch; there are step, norm/batch, norm/micro"},
	} {
		_, err := ReadEvents(k.path, k.columns, 1)
		if err == nil || !strings.Contains(err.Error(), k.want) || !strings.HasPrefix(err.Error(), k.path) {
			t.Errorf("want %q, got %v", k.want, err)
		}
	}
}

// The last step of a file that is being written may have some of its tags yet.
func TestEventsThatAreBeingWritten(t *testing.T) {
	dir := t.TempDir()
	writeEvents(t, dir, 1000, []event{{step: 1, small: 1, big: 1}, {step: 2, small: 2, big: 1}, {step: 3, big: 1, others: true}})
	c, err := ParseColumns(eventColumns)
	if err != nil {
		t.Fatal(err)
	}
	if l, err := ReadEvents(dir, c, 1); err != nil || l.Steps() != 2 || l.Skipped != 1 {
		t.Errorf("%+v, %v", l, err)
	}
}
