package sweep

import (
	"os"
	"slices"
	"testing"

	"github.com/noiseprobe/noiseprobe/internal/jsonfile"
)

// FuzzSweepRecord: a sweep.json is refused, or has runs with names of their own and settings that a run can begin with.
func FuzzSweepRecord(f *testing.F) {
	d := directory(f.TempDir())
	r, err := planned(f, tinySweep+"seed=1,2")
	if err == nil {
		err = d.write(r)
	}
	text, readErr := os.ReadFile(d.recordPath())
	if err != nil || readErr != nil {
		f.Fatal(err, readErr)
	}
	f.Add(text)
	f.Add([]byte(`{"schema": "noiseprobe/sweep/1", "version": "0.1.0", "grid": [{"flag": "seed", "values": []}], "runs": [{"name": "a", "config": {}}]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		var r, again sweepRecord
		if _, err := jsonfile.Parse(text, sweepSchema, &r); err != nil || r.check(d) != nil {
			return
		}
		r.Checksummed = true
		written, err := jsonfile.Text(r)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := jsonfile.Parse(written, sweepSchema, &again); err != nil || !slices.Equal(again.Runs, r.Runs) {
			t.Errorf("%+v became %+v, %v", r, again, err)
		}
	})
}

// FuzzGrid: the values of a flag are refused, or are distinct and not too many, and mean the same when they are read again.
func FuzzGrid(f *testing.F) {
	for _, text := range []string{"1", "1,1.50, -2", "1:2:0.1", "-1:1:1,0.5", "1e-3:3e-3:1e-3", "18446744073709551614:18446744073709551615:1"} {
		f.Add("alpha", text)
	}
	f.Add("model", "f1;[64],[32]")
	f.Add("checkpoints", "0,10;log:6")
	f.Add("seed", "1:99999999:1")
	f.Fuzz(func(t *testing.T, flag, text string) {
		if !slices.Contains(fewFlags{}.Names(), flag) {
			return
		}
		g, err := ParseGrid(fewFlags{}, map[string]string{flag: text})
		if err != nil {
			return
		}
		values := g.values(flag)
		if len(values) == 0 || len(values) > MostRuns {
			t.Errorf("%d values", len(values))
		}
		if distinct := slices.Compact(slices.Sorted(slices.Values(values))); len(distinct) != len(values) {
			t.Errorf("%q: values twice", values)
		}
	})
}
