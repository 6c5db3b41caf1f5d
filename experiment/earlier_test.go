package experiment

import (
	"context"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/noiseprobe/noiseprobe/analysis/report"
	"github.com/noiseprobe/noiseprobe/internal/jsonfile"
)

// earlier is a copy of a run that version 0.1.0 recorded before there were checksums in text files: model [2], synthetic data, interrupted
// by Ctrl-C between step 1000 and 2000 of 3000.
func earlier(t *testing.T) Directory {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "run")
	if err := os.CopyFS(dir, os.DirFS("testdata/earlier")); err != nil {
		t.Fatal(err)
	}
	return Directory(dir)
}

// edit replaces a part of a file, which must be there.
func edit(t *testing.T, path, from, to string) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil || !strings.Contains(string(text), from) {
		t.Fatalf("%s has no %q: %v", path, from, err)
	}
	if err := os.WriteFile(path, []byte(strings.Replace(string(text), from, to, 1)), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestEarlierVersionIsRead(t *testing.T) {
	d := earlier(t)
	rep, _, err := Analyse(string(d), Observer{})
	if err != nil || len(rep.Checkpoints) != 2 {
		t.Fatalf("%d checkpoints, %v", len(rep.Checkpoints), err)
	}
	rep, err = Resume(context.Background(), string(d), 1, Observer{})
	if err != nil {
		t.Fatal(err)
	}
	// The same program went on from there to this loss.
	if got, want := float64(rep.Training.TrainLoss), 2.3021937259658634; math.Abs(got-want) > 1e-5 || len(rep.Checkpoints) != 3 {
		t.Errorf("training loss %v, want %v; %d checkpoints", got, want, len(rep.Checkpoints))
	}
	if _, _, err := Analyse(string(d), Observer{}); err != nil {
		t.Error(err)
	}
}

// TestEarlierVersionIsChecked: without checksums there are still names of keys, settings that no run can have, and what the report says.
func TestEarlierVersionIsChecked(t *testing.T) {
	for want, damage := range map[string]func(d Directory){
		`run.json: unknown key "alphb"`:          func(d Directory) { edit(t, d.RecordPath(), `"alpha"`, `"alphb"`) },
		`run.json: has no config.batch`:          func(d Directory) { edit(t, d.RecordPath(), `    "batch": 10,`+"\n", "") },
		`run.json: -batch -5: must be at least`:  func(d Directory) { edit(t, d.RecordPath(), `"batch": 10`, `"batch": -5`) },
		`run.json: -pairing: `:                   func(d Directory) { edit(t, d.RecordPath(), `independent`, `independelt`) },
		`run.json: -unit zzz: one of `:           func(d Directory) { edit(t, d.RecordPath(), `"unit": "sample"`, `"unit": "zzz"`) },
		`run.json: the layers of model [2] are`:  func(d Directory) { edit(t, d.RecordPath(), `"spec": "[2]"`, `"spec": "[3]"`) },
		`its checksum is missing`:                func(d Directory) { edit(t, d.RecordPath(), `"config"`, `"checksummed": true, "config"`) },
		`the checkpoint after 100 steps`:         func(d Directory) { edit(t, d.MetricsPath(), "\n100,", "\n101,") },
		`the checkpoint after 0 steps`:           func(d Directory) { os.RemoveAll(d.path("checkpoints", "000000")) },
		`metrics.csv:4: step 99 comes after ste`: func(d Directory) { edit(t, d.MetricsPath(), "\n1000,", "\n99,") },
	} {
		d := earlier(t)
		damage(d)
		if _, _, err := Analyse(string(d), Observer{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

// TestRecordOfTheRepository: the settings of runs that are kept with the results are read.
func TestRecordOfTheRepository(t *testing.T) {
	paths, err := filepath.Glob("../docs/results/*/*/run.json")
	if err != nil || len(paths) < 5 {
		t.Fatalf("%d files, %v", len(paths), err)
	}
	for _, path := range paths {
		d := Directory(filepath.Dir(path))
		if _, err := d.readRecord(); err != nil {
			t.Error(err)
		}
		if _, err := report.Read(d.ReportPath()); err != nil {
			t.Error(err)
		}
		if _, err := report.ReadMetrics(d.MetricsPath()); err != nil {
			t.Error(err)
		}
	}
}

// asEarlier takes the checksums out of the text files of a run that is over, as if a version without them had written them.
func asEarlier(t *testing.T, d Directory) {
	t.Helper()
	r, err := d.readRecord()
	if err != nil {
		t.Fatal(err)
	}
	edit(t, d.RecordPath(), ",\n  \"checksum\": \""+r.sum+"\"\n}", "\n}")
	edit(t, d.RecordPath(), "  \"checksummed\": true,\n", "")
	text, err := os.ReadFile(d.ReportPath())
	if err != nil {
		t.Fatal(err)
	}
	whole, _, _ := strings.Cut(string(text), ",\n  \"files\": [")
	whole = strings.Replace(whole, "  \"checksummed\": true,\n", "", 1) + "\n}\n"
	if err := os.WriteFile(d.ReportPath(), []byte(whole), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(d.path("resume")); err != nil {
		t.Fatal(err)
	}
	if sum, err := jsonfile.Read(d.RecordPath(), recordSchema, new(runRecord)); sum != "" || err != nil {
		t.Fatal(sum, err)
	}
}
