package experiment

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"github.com/noiseprobe/noiseprobe/analysis/report"
	"github.com/noiseprobe/noiseprobe/internal/safetensors"
	"github.com/noiseprobe/noiseprobe/probe"
	"github.com/noiseprobe/noiseprobe/train"
	"github.com/noiseprobe/noiseprobe/train/dataset"
)

// Start is a checkpoint of a run that another run begins with: its weights, and the state of its optimizer.
type Start struct {
	dir  Directory
	step int
	run  runRecord
	// metric is what it had come to.
	metric report.Metric
	// weights is the checksum of its weights.
	weights string
}

// StartOf finds the checkpoint of a run after so many steps, the last one for -1.
func StartOf(dir string, step int) (*Start, error) {
	s := &Start{dir: Directory(dir), step: step}
	r, err := s.dir.records()
	if err != nil {
		return nil, err
	}
	s.run = r.run
	var complete []int
	steps, err := s.dir.Checkpoints()
	if err != nil {
		return nil, err
	}
	for _, at := range steps {
		if _, found := metricAt(r.metrics, at); found && (r.state.Run == "" || at <= r.state.Recorded) {
			complete = append(complete, at)
		}
	}
	switch {
	case len(complete) == 0:
		return nil, fmt.Errorf("%s: has no checkpoint yet", dir)
	case step < 0:
		s.step = complete[len(complete)-1]
	case !slices.Contains(complete, step):
		return nil, fmt.Errorf("%s: has no checkpoint after %d steps, only at %s", dir, step, listSteps(complete))
	}
	s.metric, _ = metricAt(r.metrics, s.step)
	s.weights, err = checksumOf(s.path(weightsFile))
	return s, err
}

// Path is the directory of the checkpoint.
func (s *Start) Path() string { return filepath.Dir(s.path(weightsFile)) }

// Config are the settings of the run, Metric what it had come to at the checkpoint.
func (s *Start) Config() Config        { return s.run.Config }
func (s *Start) Metric() report.Metric { return s.metric }

// Data is the value of -data that the run's data have, Samples the number of them.
func (s *Start) Data() string { return s.run.Data.Source }
func (s *Start) Samples() int { return s.run.Data.Train }

// Ghosts reports whether the network normalises in ghost batches.
func (s *Start) Ghosts() bool { return s.run.convolutional() }

// Directory is that of the run.
func (s *Start) Directory() Directory { return s.dir }

func (s *Start) path(name string) string { return s.dir.checkpoint(s.step, name) }

// openFrom is the checkpoint that a run begins with, nil for one that begins anew.
func (c *Config) openFrom() (*Start, error) {
	if c.From == "" {
		return nil, nil
	}
	path := filepath.Clean(c.From)
	step, err := strconv.Atoi(filepath.Base(path))
	if err != nil || step < 0 || filepath.Base(filepath.Dir(path)) != "checkpoints" {
		return nil, fmt.Errorf("-from %s: is not a checkpoint, such as DIR/checkpoints/000100", c.From)
	}
	s, err := StartOf(filepath.Dir(filepath.Dir(path)), step)
	if err != nil {
		return nil, fmt.Errorf("-from %w", err)
	}
	return s, nil
}

// dataSeed is the seed of generated data: that of the run whose checkpoint this is, and another one without a checkpoint.
func (s *Start) dataSeed(otherwise uint64) uint64 {
	if s == nil {
		return otherwise
	}
	return s.run.dataSeed()
}

// OpenData opens the data set of a run, and returns the checkpoint that it begins with, if any.
func (c *Config) OpenData(spec train.Spec) (*dataset.Dataset, *Start, error) {
	from, err := c.openFrom()
	if err != nil {
		return nil, nil, err
	}
	data, err := dataset.Open(c.Data, dataset.Options{Want: spec.Data, Seed: from.dataSeed(c.Seed)})
	if err != nil || from == nil {
		return data, from, err
	}
	return data, from, from.check(spec, data)
}

// check refuses another network, and other data, than those of the checkpoint.
func (s *Start) check(spec train.Spec, data *dataset.Dataset) error {
	switch {
	case s.run.Spec != spec.Text:
		return fmt.Errorf("-from %s: is of the network %s, and not %s", s.Path(), s.run.Spec, spec.Text)
	case s.run.Data.Checksum != data.Checksum():
		return fmt.Errorf("-from %s: was trained on %s, other data than %s", s.Path(), s.run.Data.Source, data.Source)
	}
	return nil
}

// put gives a trainer the weights and running statistics of the checkpoint, and the state of the optimizer, where both runs have the same one.
func (s *Start) put(t *train.Trainer) error {
	if err := readInto(s.path(weightsFile), weightsSchema, t.Model.Params); err != nil {
		return err
	}
	if len(t.Model.Running) > 0 {
		if err := readInto(s.path(runningFile), runningSchema, t.Model.Running); err != nil {
			return err
		}
	}
	if s.step == 0 || s.run.Config.Optimizer != t.Settings.Optimizer.Name || len(t.Optimizer.State()) == 0 {
		return nil // nothing to be known: the optimizer begins at 0
	}
	if s.hasMoments() {
		return s.readMoments(t)
	}
	return s.readState(t)
}

// hasMoments reports whether the checkpoint has the moments of Adam.
func (s *Start) hasMoments() bool {
	_, err := os.Stat(s.path(optimizerFile))
	return err == nil
}

// CheckOptimizer refuses a checkpoint that does not have the state of the run's optimizer.
func (s *Start) CheckOptimizer() error {
	if s.step == 0 || s.run.Config.Optimizer == train.NameSGD && s.run.Config.Momentum == 0 || s.hasMoments() {
		return nil
	}
	_, err := s.savedState()
	return err
}

// savedState is the last saved state of the run, which has to be that of the checkpoint.
func (s *Start) savedState() (state, error) {
	saved, err := s.dir.readState()
	if err == nil && saved.Trainer.Step != s.step {
		err = fmt.Errorf("%s: has no state of the optimizer %s, which the run has kept of step %d alone", s.Path(), s.run.Config.Optimizer, saved.Trainer.Step)
	}
	return saved, err
}

// readMoments reads the moments of Adam that the checkpoint has.
func (s *Start) readMoments(t *train.Trainer) error {
	path := s.path(optimizerFile)
	f, err := safetensors.OpenVerified(path, probe.OptimizerSchema)
	if err != nil {
		return err
	}
	defer f.Close()
	*t.Optimizer.Steps(), err = strconv.Atoi(f.Metadata()["step"])
	if err != nil {
		return fmt.Errorf("%s: metadata: step: %w", path, err)
	}
	vectors := t.Optimizer.State()
	m, v := vectors["adam.m"], vectors["adam.v"] // over all parameters
	for _, p := range t.Model.Params {
		n := p.Size()
		if err := cmp.Or(readVector(f, path, "m."+p.Name, m[:n]), readVector(f, path, "v."+p.Name, v[:n])); err != nil {
			return err
		}
		m, v = m[n:], v[n:]
	}
	return nil
}

// readState reads the optimizer's state from the last saved state of the run, where that is of this checkpoint.
func (s *Start) readState(t *train.Trainer) error {
	saved, err := s.savedState()
	if err != nil {
		return err
	}
	*t.Optimizer.Steps() = saved.OptimizerSteps
	return s.dir.readVectors(t.Optimizer.State())
}

// readInto fills in parameters from the arrays of a file that have their names.
func readInto(path, schema string, parameters []*train.Param) error {
	f, err := safetensors.OpenVerified(path, schema)
	if err != nil {
		return err
	}
	defer f.Close()
	for _, p := range parameters {
		if err := readVector(f, path, p.Name, p.Value); err != nil {
			return err
		}
	}
	return nil
}

// readVector fills in dst from an array of an open file.
func readVector(f *safetensors.File, path, name string, dst []float32) error {
	v, err := f.Float32s(name)
	if err != nil {
		return err
	}
	if len(v) != len(dst) {
		return fmt.Errorf("%s: %s has %d values, the model %d", path, name, len(v), len(dst))
	}
	copy(dst, v)
	return nil
}
