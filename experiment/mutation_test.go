package experiment

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"testing"

	"github.com/noiseprobe/noiseprobe/analysis/report"
	"github.com/noiseprobe/noiseprobe/internal/numtest"
)

// least is a run with the least in it.
func least() Config {
	c := small()
	c.Model, c.Batch, c.Steps, c.Units, c.Draws, c.Eval, c.Checkpoints = "[2]", 10, 3, 2, 2, 10, "0,3"
	return c
}

// copyOf is a run that a test may damage.
func copyOf(t *testing.T, d Directory) Directory {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "run")
	if err := os.CopyFS(dir, os.DirFS(string(d))); err != nil {
		t.Fatal(err)
	}
	return Directory(dir)
}

// TestNoMutantIsReadSilently flips bits of the text files of a run, and of the header of its state. Either that is an error, or the run says
// what it said before.
func TestNoMutantIsReadSilently(t *testing.T) {
	rep, whole := leastOnce.copied(t)
	said := document(t, rep)
	ways := map[string]func(d Directory) (string, error){
		"analysed": func(d Directory) (string, error) {
			rep, _, err := Analyse(string(d), Observer{})
			if err != nil {
				return "", err
			}
			return document(t, rep), nil
		},
		"finished": func(d Directory) (string, error) { return resumed(t, d) },
		"without a report": func(d Directory) (string, error) {
			if err := os.Remove(d.ReportPath()); err != nil {
				t.Fatal(err)
			}
			return resumed(t, d)
		},
	}
	for _, name := range []string{recordName, metricsName, normsName, "report.json", "resume/state.safetensors"} {
		for way, read := range ways {
			cases := numtest.Cases(100, 8)
			if name == "report.json" && way != "analysed" {
				cases = 1 // it is made again, which takes its time
			}
			t.Run(name+" "+way, func(t *testing.T) { mutate(t, whole, name, said, cases, read) })
		}
	}
}

func resumed(t *testing.T, d Directory) (string, error) {
	t.Helper()
	rep, err := Resume(context.Background(), string(d), 1, Observer{})
	if err != nil {
		return "", err
	}
	return document(t, rep), nil
}

// mutate reads a run with one bit of a file flipped, and with one byte of it gone, at places over the whole file.
func mutate(t *testing.T, whole Directory, name, said string, cases int, read func(Directory) (string, error)) {
	text, err := os.ReadFile(whole.path(name))
	if err != nil {
		t.Fatal(err)
	}
	size := min(len(text), 2048)
	stride := max(1, size/cases)
	refused, places := 0, 0
	d := copyOf(t, whole)
	for at := int(numtest.Rotation(t)) % stride; at < size; at += stride {
		flipped := bytes.Clone(text)
		flipped[at] ^= 1 << (at % 7)
		for _, mutant := range [][]byte{flipped, append(bytes.Clone(text[:at]), text[at+1:]...)} {
			restoreAll(t, d, whole)
			if err := os.WriteFile(d.path(name), mutant, 0o644); err != nil {
				t.Fatal(err)
			}
			got, err := read(d)
			if places++; err != nil {
				refused++
			} else if secondsKey.ReplaceAllString(got, "") != secondsKey.ReplaceAllString(said, "") {
				t.Errorf("byte %d (%q): read as another run", at, text[at])
			}
		}
	}
	t.Logf("%d of %d mutants refused", refused, places)
}

// TestEveryBitOfTheRecords flips every bit of run.json, metrics.csv and norms.csv, and removes every byte and every line. What is read then, if
// anything, is what was written, but for seconds.
func TestEveryBitOfTheRecords(t *testing.T) {
	_, whole := leastOnce.copied(t)
	want, err := whole.records()
	if err != nil {
		t.Fatal(err)
	}
	d := copyOf(t, whole)
	for _, name := range []string{recordName, metricsName, normsName} {
		text, err := os.ReadFile(whole.path(name))
		if err != nil {
			t.Fatal(err)
		}
		mutants, refused := mutantsOf(text), 0
		stride := max(1, len(mutants)/numtest.Cases(len(mutants), 400))
		for at := int(numtest.Rotation(t)) % stride; at < len(mutants); at += stride {
			if err := os.WriteFile(d.path(name), mutants[at], 0o644); err != nil {
				t.Fatal(err)
			}
			got, err := d.records()
			if err != nil {
				refused++
				continue
			}
			if !reflect.DeepEqual(got.run, want.run) || report.MetricsChecksum(got.metrics) != report.MetricsChecksum(want.metrics) ||
				!slices.Equal(got.norms, want.norms) {
				t.Errorf("%s: read as another run:\n%s", name, mutants[at])
			}
		}
		t.Logf("%s: of %d mutants every %d. was read, %d were refused", name, len(mutants), stride, refused)
		if err := os.WriteFile(d.path(name), text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func mutantsOf(text []byte) [][]byte {
	var mutants [][]byte
	for at := range text {
		for bit := range 8 {
			flipped := bytes.Clone(text)
			flipped[at] ^= 1 << bit
			mutants = append(mutants, flipped)
		}
		mutants = append(mutants, slices.Delete(bytes.Clone(text), at, at+1))
	}
	lines := bytes.SplitAfter(text, []byte("\n"))
	for i := range lines {
		mutants = append(mutants, bytes.Join(slices.Delete(slices.Clone(lines), i, i+1), nil))
	}
	return mutants
}

// restoreAll puts the text files and the state back.
func restoreAll(t *testing.T, d, whole Directory) {
	t.Helper()
	for _, name := range []string{recordName, metricsName, normsName, "report.json", "resume/state.safetensors"} {
		text, err := os.ReadFile(whole.path(name))
		if err == nil {
			err = os.WriteFile(d.path(name), text, 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// TestWhatIsMissingIsFound: what was recorded and is gone, or has come from elsewhere, is named.
func TestWhatIsMissingIsFound(t *testing.T) {
	_, whole := leastOnce.copied(t)
	c := least()
	c.Seed = 2
	_, other := mustRun(t, c)
	take := func(name string) func(Directory) {
		return func(d Directory) {
			text, err := os.ReadFile(other.path(name))
			if err == nil {
				err = os.WriteFile(d.path(name), text, 0o644)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	gone := func(name string) func(Directory) { return func(d Directory) { os.RemoveAll(d.path(name)) } }
	for want, damage := range map[string]func(Directory){
		"checkpoints/000000/weights.safetensors: is missing":              gone("checkpoints/000000"),
		"checkpoints/000003/draws.safetensors: is missing":                gone("checkpoints/000003/draws.safetensors"),
		"checkpoints/000003/gradients.safetensors: is not the file that ": take("checkpoints/000003/gradients.safetensors"),
		"metrics.csv: has lost rows":                                      gone(metricsName),
		"metrics.csv: has lost rows, ":                                    take(metricsName),
		"run.json: is not the file that this run began with, says ":       take(recordName),
		"run.json: is not what ":                                          take("report.json"),
	} {
		for _, state := range []bool{true, false} {
			d := copyOf(t, whole)
			damage(d)
			if !state {
				want = ": " // another file then says it
				os.RemoveAll(d.path("resume"))
			}
			if _, _, err := Analyse(string(d), Observer{}); err == nil || !bytes.Contains([]byte(err.Error()), []byte(want)) {
				t.Errorf("state %t: %v, want %q", state, err, want)
			}
		}
	}
}

// TestTextFilesAreEnoughToReadAReport: who keeps no gradients can still have the report printed.
func TestTextFilesAreEnoughToReadAReport(t *testing.T) {
	rep, whole := leastOnce.copied(t)
	d := copyOf(t, whole)
	if err := errors.Join(os.RemoveAll(d.path("resume")), os.RemoveAll(d.path("checkpoints"))); err != nil {
		t.Fatal(err)
	}
	got, err := resumed(t, d)
	if err != nil || got != document(t, rep) {
		t.Errorf("another report, %v", err)
	}
}
