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
	for _, name := range sortedKeys(vectors) {
		v := vectors[name]
		arrays = append(arrays, safetensors.F32(name, []int{len(v)}, v))
	}
	if err := os.MkdirAll(filepath.Dir(d.statePath()), 0o777); err != nil {
		return err
	}
	return safetensors.Write(d.statePath(), map[string]string{"schema": stateSchema, "about": string(text)}, arrays)
}

// restore brings a trainer to the saved state; a run without one starts from the beginning.
func (d Directory) restore(t *train.Trainer) (state, error) {
	s := state{Recorded: -1}
	f, err := safetensors.OpenVerified(d.statePath(), stateSchema)
	if errors.Is(err, fs.ErrNotExist) {
		return s, nil
	}
	if err != nil {
		return s, err
	}
	defer f.Close()
	if err := json.Unmarshal([]byte(f.Metadata()["about"]), &s); err != nil {
		return s, fmt.Errorf("%s: metadata: %w", d.statePath(), err)
	}
	vectors := others(t)
	vectors["weights"] = t.Model.Weights
	for _, name := range sortedKeys(vectors) {
		v, err := f.Float32s(name)
		if err != nil {
			return s, err
		}
		if len(v) != len(vectors[name]) {
			return s, fmt.Errorf("%s: %s has %d values, the model %d", d.statePath(), name, len(v), len(vectors[name]))
		}
		copy(vectors[name], v)
	}
	t.State = s.Trainer
	*t.Optimizer.Steps() = s.OptimizerSteps
	return s, nil
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

func sortedKeys(m map[string][]float32) []string {
	var names []string
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
