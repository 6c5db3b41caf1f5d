package experiment

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"github.com/noiseprobe/noiseprobe/internal/atomicfile"
	"github.com/noiseprobe/noiseprobe/probe"
)

// Directory is a run directory:
//
//	run.json                    settings, versions, data checksums; written first
//	metrics.csv                 a row per checkpoint and epoch
//	resume/state.safetensors    training state, every minute and at checkpoints
//	checkpoints/000100/         weights, running statistics, gradients, draws, and second moments of the curvature after 100 updates; earlier
//	                            versions have no curvature, which is then null in the report
//	report.json  report.html  figures/
type Directory string

func (d Directory) path(parts ...string) string {
	return filepath.Join(append([]string{string(d)}, parts...)...)
}
func (d Directory) RecordPath() string  { return d.path("run.json") }
func (d Directory) MetricsPath() string { return d.path("metrics.csv") }
func (d Directory) statePath() string   { return d.path("resume", "state.safetensors") }
func (d Directory) ReportPath() string  { return d.path("report.json") }
func (d Directory) HTMLPath() string    { return d.path("report.html") }
func (d Directory) FiguresPath() string { return d.path("figures") }

// checkpoint is the path of a file of the checkpoint after step updates.
func (d Directory) checkpoint(step int, name string) string {
	return d.path("checkpoints", fmt.Sprintf("%06d", step), name)
}

// Files of a checkpoint.
const (
	weightsFile   = "weights.safetensors"
	runningFile   = "running.safetensors" // of networks with batch normalisation
	gradientsFile = "gradients.safetensors"
	drawsFile     = "draws.safetensors"
	curvatureFile = "curvature.safetensors" // what is small of it; its columns would take as much as the gradients
)

// steps lists the recorded checkpoints, ascending, up to the last step.
func (d Directory) steps(last int) ([]int, error) {
	entries, err := os.ReadDir(d.path("checkpoints"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var steps []int
	for _, e := range entries {
		if step, err := strconv.Atoi(e.Name()); err == nil && step <= last {
			steps = append(steps, step)
		}
	}
	slices.Sort(steps)
	return steps, err
}

// runRecord is run.json: everything needed to run again.
type runRecord struct {
	Schema     string     `json:"schema"`
	Config     Config     `json:"config"`
	Spec       string     `json:"spec"`
	Parameters int        `json:"parameters"`
	Data       dataRecord `json:"data"`
	BLAS       string     `json:"blas"`
	Workers    int        `json:"workers"`
	Version    string     `json:"version"`
	Go         string     `json:"go"`
}

// dataRecord identifies the data set of a run.
type dataRecord struct {
	Name     string `json:"name"`
	Source   string `json:"source"`
	Checksum string `json:"checksum"`
	Train    int    `json:"train"`
	Test     int    `json:"test"`
	// Unofficial names files of the set that are not those of its authors.
	Unofficial []string `json:"unofficial,omitempty"`
}

const recordSchema = "noiseprobe/run/1"

// ExistsError says that the output directory is taken.
type ExistsError struct{ Dir string }

func (e *ExistsError) Error() string { return fmt.Sprintf("%s exists", e.Dir) }

// create makes the directory with its run.json in it, in one step: a directory that exists has its run.json. With force an
// earlier run of that name is removed, but nothing that is not a run.
func create(dir string, r runRecord, force bool) (Directory, error) {
	if err := checkFree(dir, force); err != nil {
		return "", err
	}
	if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
		return "", err
	}
	temporary, err := os.MkdirTemp(filepath.Dir(dir), "."+filepath.Base(dir)+".tmp-*")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(temporary)
	if err := errors.Join(os.Chmod(temporary, 0o755), atomicfile.WriteJSON(Directory(temporary).RecordPath(), r)); err != nil {
		return "", err
	}
	if force {
		// The earlier run steps aside whole, so that a kill leaves it, the new one, or both, but never a part.
		old := temporary + ".old"
		defer os.RemoveAll(old)
		if err := os.Rename(dir, old); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return "", err
		}
	}
	return Directory(dir), os.Rename(temporary, dir)
}

func checkFree(dir string, force bool) error {
	entries, err := os.ReadDir(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case !force:
		return &ExistsError{dir}
	}
	if _, err := os.Stat(Directory(dir).RecordPath()); err != nil && len(entries) > 0 {
		return fmt.Errorf("%s: is not a run directory, and -force does not remove it", dir)
	}
	return nil
}

// readRecord reads run.json.
func (d Directory) readRecord() (runRecord, error) {
	var r runRecord
	text, err := os.ReadFile(d.RecordPath())
	if errors.Is(err, fs.ErrNotExist) {
		return r, fmt.Errorf("%s: is not a run directory, it has no run.json", string(d))
	}
	if err != nil {
		return r, err
	}
	if err := json.Unmarshal(text, &r); err != nil {
		return r, fmt.Errorf("%s: %w", d.RecordPath(), err)
	}
	if r.Schema != recordSchema {
		return r, fmt.Errorf("%s: schema %q, this version reads %q", d.RecordPath(), r.Schema, recordSchema)
	}
	if r.Config.Unit == "auto" { // of a version that had one kind alone
		r.Config.Unit = probe.UnitSample
	}
	return r, nil
}

// Config are the settings of the run.
func (d Directory) Config() (Config, error) {
	r, err := d.readRecord()
	return r.Config, err
}
