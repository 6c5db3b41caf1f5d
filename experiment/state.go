package experiment

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/noiseprobe/noiseprobe/analysis/report"
	"github.com/noiseprobe/noiseprobe/internal/jsonfile"
	"github.com/noiseprobe/noiseprobe/internal/safetensors"
	"github.com/noiseprobe/noiseprobe/train"
)

const stateSchema = "noiseprobe/state/1"

// state is the rolling training state, all in one file, so that what is read back belongs together.
type state struct {
	Trainer        train.State `json:"trainer"`
	OptimizerSteps int         `json:"optimizer_steps"`
	// Recorded is the last checkpoint that is complete, -1 before the first.
	Recorded int `json:"recorded"`
	// Stopped is why training ended, empty while it goes on.
	Stopped string  `json:"stopped"`
	Seconds float64 `json:"seconds"`
	// Run is the checksum of run.json, empty where that has none; then the state says nothing of other files either.
	Run string `json:"run,omitempty"`
	// Rows and Metrics are the number of rows in metrics.csv and their checksum; there may be more, which are dropped.
	Rows    int    `json:"rows,omitempty"`
	Metrics string `json:"metrics,omitempty"`
	// Norms is the checksum of the rows of norms.csv up to the present step, where there are any.
	Norms string `json:"norms,omitempty"`
	// Files are those of the complete checkpoints.
	Files recorded `json:"files,omitempty"`
}

// save writes the state of a run.
func (d Directory) save(s state, t *train.Trainer) error {
	s.Trainer, s.OptimizerSteps = t.State, *t.Optimizer.Steps()
	text, err := json.Marshal(s)
	if err != nil {
		return err
	}
	arrays := []safetensors.Tensor{safetensors.F32("weights", []int{len(t.Model.Weights)}, t.Model.Weights)}
	vectors := others(t)
	for _, name := range slices.Sorted(maps.Keys(vectors)) {
		v := vectors[name]
		arrays = append(arrays, safetensors.F32(name, []int{len(v)}, v))
	}
	if err := os.MkdirAll(filepath.Dir(d.statePath()), 0o777); err != nil {
		return err
	}
	return safetensors.Write(d.statePath(), map[string]string{"schema": stateSchema, "about": string(text)}, arrays)
}

// readState reads the saved state without its vectors; a run that has none is at its beginning.
func (d Directory) readState() (state, error) {
	s := state{Recorded: -1}
	f, err := safetensors.OpenVerified(d.statePath(), stateSchema)
	if errors.Is(err, fs.ErrNotExist) {
		return s, nil
	}
	if err != nil {
		return s, err
	}
	defer f.Close()
	return parseState(f.Metadata()["about"], d.statePath())
}

func parseState(about, path string) (state, error) {
	s := state{Recorded: -1}
	if err := jsonfile.Strict([]byte(about), &s); err != nil {
		return s, fmt.Errorf("%s: metadata: %w", path, err)
	}
	if s.Trainer.Step < 0 || s.Recorded < -1 || s.Recorded > s.Trainer.Step || s.Rows < 0 || s.OptimizerSteps < 0 {
		return s, fmt.Errorf("%s: metadata: is damaged: step %d, checkpoint %d, %d rows", path, s.Trainer.Step, s.Recorded, s.Rows)
	}
	return s, nil
}

// begun reports whether anything was saved.
func (s *state) begun() bool { return s.Trainer.Step > 0 || s.Recorded >= 0 || s.Run != "" }

// check compares a state that was saved with the other records of the run, and returns the rows of metrics.csv that it knows.
func (s *state) check(d Directory, r runRecord, metrics []report.Metric) ([]report.Metric, error) {
	if s.Run != r.sum {
		return nil, fmt.Errorf("%s: is not the file that this run began with, says %s", d.RecordPath(), d.statePath())
	}
	if s.Run == "" { // of an earlier version
		return slices.DeleteFunc(slices.Clone(metrics), func(m report.Metric) bool { return m.Step > s.Trainer.Step }), nil
	}
	if len(metrics) < s.Rows || report.MetricsChecksum(metrics[:s.Rows]) != s.Metrics {
		return nil, fmt.Errorf("%s: has lost rows, or has changed since they were written, says %s", d.MetricsPath(), d.statePath())
	}
	return metrics[:s.Rows], nil
}

// restore brings a trainer to the saved state.
func (d Directory) restore(t *train.Trainer, s state) error {
	t.State = s.Trainer
	*t.Optimizer.Steps() = s.OptimizerSteps
	vectors := others(t)
	vectors["weights"] = t.Model.Weights
	return d.readVectors(vectors)
}

// readVectors fills in vectors of the saved state by their names.
func (d Directory) readVectors(vectors map[string][]float32) error {
	f, err := safetensors.OpenVerified(d.statePath(), stateSchema)
	if err != nil {
		return err
	}
	defer f.Close()
	for _, name := range slices.Sorted(maps.Keys(vectors)) {
		if err := readVector(f, d.statePath(), name, vectors[name]); err != nil {
			return err
		}
	}
	return nil
}

// others are the vectors beside the weights that a trainer goes on from.
func others(t *train.Trainer) map[string][]float32 {
	vectors := map[string][]float32{}
	maps.Copy(vectors, t.Optimizer.State())
	for _, p := range t.Model.Running {
		vectors[p.Name] = p.Value
	}
	return vectors
}
