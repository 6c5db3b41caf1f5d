package sweep

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/noiseprobe/noiseprobe/experiment"
	"github.com/noiseprobe/noiseprobe/internal/atomicfile"
	"github.com/noiseprobe/noiseprobe/internal/jsonfile"
)

// directory is the directory of a sweep; the package comment has its files.
type directory string

func (d directory) recordPath() string { return filepath.Join(string(d), "sweep.json") }
func (d directory) lockPath() string   { return filepath.Join(string(d), "sweep.lock") }
func (d directory) run(name string) experiment.Directory {
	return experiment.Directory(filepath.Join(string(d), name))
}
func (d directory) logPath(name string) string { return filepath.Join(string(d), name+".log") }
func (d directory) failurePath(name string) string {
	return filepath.Join(string(d), name+".failure")
}
func (d directory) write(r sweepRecord) error {
	r.Checksummed = true
	return jsonfile.Write(d.recordPath(), r)
}
func (d directory) damaged(format string, args ...any) error {
	return fmt.Errorf("%s: %w", d.recordPath(), fmt.Errorf(format, args...))
}

// sweepRecord is sweep.json.
type sweepRecord struct {
	Schema      string `json:"schema"`
	Checksummed bool   `json:"checksummed,omitempty"`
	Version     string `json:"version"` // of the program that began the sweep
	// Grid has all values that were ever given, and is empty where runs were given one by one; Runs is what was asked for.
	Grid Grid         `json:"grid"`
	Runs []plannedRun `json:"runs"`
}

// plannedRun is one run of a sweep.
type plannedRun struct {
	Name   string            `json:"name"`
	Config experiment.Config `json:"config"`
}

const sweepSchema = "noiseprobe/sweep/1"

// read reads sweep.json and checks what is relied on. The error of a directory without one wraps [fs.ErrNotExist].
func (d directory) read() (sweepRecord, error) {
	var r sweepRecord
	_, err := jsonfile.Read(d.recordPath(), sweepSchema, &r)
	switch {
	case errors.Is(err, syscall.ENOTDIR): // a file that was taken for a sweep
		return r, fs.ErrNotExist
	case err != nil:
		return r, err
	}
	return r, r.check(d)
}

// check refuses what no sweep has.
func (r sweepRecord) check(d directory) error {
	if len(r.Runs) == 0 {
		return d.damaged("has no runs")
	}
	var names []string
	for _, run := range r.Runs {
		if run.Name == "" || run.Name != experiment.SafeName(run.Name) || slices.Contains(names, run.Name) {
			return d.damaged("%q is not the name of a run, or is there twice", run.Name)
		}
		if _, err := run.Config.Resolve(); err != nil {
			// What is wrong is a file here, and not the usage.
			return d.damaged("%s: %s", run.Name, err.Error())
		}
		names = append(names, run.Name)
	}
	for _, a := range r.Grid {
		if len(a.Values) == 0 {
			return d.damaged("-%s has no values", a.Flag)
		}
	}
	return nil
}

// fail takes note of why a run failed: in a file of the run, since there may be many processes that each carry out one.
func (d directory) fail(name, reason string) error {
	return atomicfile.WriteBytes(d.failurePath(name), []byte(reason+"\n"))
}

// failure is why a run failed when it was last tried, empty if it did not.
func (d directory) failure(name string) (string, error) {
	text, err := atomicfile.Read(d.failurePath(name), jsonfile.Most)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	return strings.TrimSpace(string(text)), err
}

// forget removes what is known of earlier failures of runs that are tried again.
func (d directory) forget(r sweepRecord, todo []int) error {
	for _, i := range todo {
		if err := os.Remove(d.failurePath(r.Runs[i].Name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}
