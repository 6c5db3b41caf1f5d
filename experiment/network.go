package experiment

import (
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"

	"github.com/noiseprobe/noiseprobe/analysis/estimate"
	"github.com/noiseprobe/noiseprobe/analysis/report"
	"github.com/noiseprobe/noiseprobe/internal/npy"
	"github.com/noiseprobe/noiseprobe/probe"
	"github.com/noiseprobe/noiseprobe/train"
	"github.com/noiseprobe/noiseprobe/train/dataset"
)

// NetworkSettings say which network is probed, on which samples.
type NetworkSettings struct {
	GradientSettings
	// Model is a spec, Weights a .safetensors with the parameters by name; an empty Model is the dense layers in the file.
	Model, Weights string
	// Inputs and Labels are .npy files, floating-point numbers [n, ...] and integers [n]. Where they are empty, Units samples are
	// drawn from the training set that Data stands for, as [Run] draws them; empty and 0 are the settings of a run without flags.
	Inputs, Labels string
	Data           string
	Units          int
	// Population is N for samples from files, 0 if unknown; a data set knows its own.
	Population int
	// Unit, Ghost and Running are about batch normalisation: what one gradient belongs to, and the running statistics.
	Unit    string
	Ghost   int
	Running string
	// Gram and Norms are files to write, none if empty: [probe.Units.Gram] and the norms |g_i|, in float64. One that
	// exists is an [*ExistsError] without Force.
	Gram, Norms string
	Force       bool
	// Memory is a bound in bytes, BLAS and Workers are those of [Config].
	Memory  int64
	BLAS    string
	Workers int
}

// DefaultNetworkSettings returns the settings of a probe without flags.
func DefaultNetworkSettings() NetworkSettings {
	c := Default()
	return NetworkSettings{
		GradientSettings: DefaultGradientSettings(), Unit: c.Unit, Ghost: c.Ghost, Memory: c.Memory, BLAS: c.BLAS,
	}
}

func (s *NetworkSettings) check() error {
	if err := checkRules([]rule{
		{s.Weights != "", "-weights: needs the name of a .safetensors file"},
		{(s.Inputs == "") == (s.Labels == ""), "-inputs and -labels: one needs the other"},
		{s.Inputs == "" || s.Data == "" && s.Units == 0, "-data and -units choose samples of a data set, and -inputs names them: one or the other"},
		{s.Inputs != "" || s.Population == 0, "-population: is for samples from -inputs, a data set has its own"},
		{s.Population >= 0, fmt.Sprintf("-population %d: must be at least 2", s.Population)},
		{s.Units == 0 || s.Units >= 2, fmt.Sprintf("-units %d: a covariance needs at least 2", s.Units)},
		{s.Ghost >= 1, fmt.Sprintf("-ghost %d: must be at least 1", s.Ghost)},
		{s.Gram == "" || filepath.Clean(s.Gram) != filepath.Clean(s.Norms), fmt.Sprintf("-gram and -norms: %s cannot be both", s.Gram)},
		{s.Memory > 0, fmt.Sprintf("-memory %d: must be positive", s.Memory)},
		{s.Workers >= 0, fmt.Sprintf("-workers %d: must not be negative", s.Workers)},
	}); err != nil {
		return err
	}
	if err := checkName("unit", s.Unit, []string{"auto", probe.UnitSample, probe.UnitGhostBatch}); err != nil {
		return err
	}
	return checkName("blas", s.BLAS, blasNames)
}

// checkDense refuses what is about batch normalisation, which a network of dense layers has none of.
func (s *NetworkSettings) checkDense(spec train.Spec) error {
	return checkRules([]rule{
		{s.Unit != probe.UnitGhostBatch, fmt.Sprintf("-unit ghost-batch: model %s has no ghost batch normalisation, its unit is the sample", spec.Text)},
		{s.Running == "", fmt.Sprintf("-running: model %s has no batch normalisation, and no running statistics", spec.Text)},
	})
}

// target is what is probed: the samples index of a set.
type target struct {
	data               train.Data
	index              []int
	inputs, population int
	source             []string
	// read reads what has not been read yet, for a network with so many classes.
	read func(classes int) error
}

// ProbeNetwork records the per-sample gradients of a network that was trained elsewhere, by one forward and backward pass in
// float32, and describes them as [AnalyseGradients] does. The train_loss of the result is the mean loss of these samples.
func ProbeNetwork(s NetworkSettings, o Observer) (*report.Gradients, error) {
	if err := s.check(); err != nil {
		return nil, err
	}
	if s.Model != "" {
		if _, err := parseModel(s.Model); err != nil {
			return nil, err
		}
	}
	for _, path := range []string{s.Gram, s.Norms} {
		if err := checkWritable(path, s.Force); err != nil {
			return nil, err
		}
	}
	if err := useMachine(s.BLAS, s.Workers); err != nil {
		return nil, err
	}
	w, err := openWeights(s.Weights, s.Model)
	if err != nil {
		return nil, err
	}
	defer w.Close()
	if err := s.checkDense(w.spec); err != nil {
		return nil, err
	}
	t, err := s.target(w.spec, o)
	if err != nil {
		return nil, err
	}
	units, settings, err := s.record(w, t)
	if err != nil {
		return nil, err
	}
	if err := s.write(units); err != nil {
		return nil, err
	}
	if units.N > manyUnits {
		o.notice("%d samples: the analysis takes time that grows as the third power of that", units.N)
	}
	g := analyseUnits(units, append([]string{s.Weights}, t.source...), settings)
	g.Checkpoint.TrainLoss = estimate.Number(meanOf(units.Loss))
	return g, nil
}

func checkWritable(path string, force bool) error {
	if path == "" || force {
		return nil
	}
	if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
		if err == nil {
			err = &ExistsError{path}
		}
		return err
	}
	return nil
}

func (s *NetworkSettings) target(spec train.Spec, o Observer) (*target, error) {
	if s.Inputs == "" {
		return s.dataset(spec, o)
	}
	own, err := openSamples(s.Inputs, s.Labels)
	if err != nil {
		return nil, err
	}
	t := &target{data: own, inputs: own.inputs, population: s.Population, source: []string{s.Inputs, s.Labels}, read: own.read}
	t.index = make([]int, own.n)
	for i := range t.index {
		t.index[i] = i
	}
	return t, nil
}

// dataset draws the units that a run would record.
func (s *NetworkSettings) dataset(spec train.Spec, o Observer) (*target, error) {
	name, units := s.Data, s.Units
	if name == "" {
		name = Default().Data
	}
	if units == 0 {
		units = Default().Units
	}
	data, err := dataset.Open(name, dataset.Options{Want: spec.Data, Seed: s.Seed})
	if err != nil {
		return nil, err
	}
	if data.Notice != "" {
		o.notice("%s", data.Notice)
	}
	n := data.Train.N()
	if units > n {
		o.notice("-units %d: the training set has %d samples, all are recorded", units, n)
	}
	return &target{
		data: data.Train, index: pickUnits(s.Seed, n, units), inputs: data.Shape[0] * data.Shape[1] * data.Shape[2], population: n,
		source: []string{data.Name + " (" + data.Source + ")"},
		read: func(classes int) error {
			if classes < data.Classes {
				return fmt.Errorf("%s: tensor \"output.weight\" has %d classes, %s has %d", s.Weights, classes, data.Name, data.Classes)
			}
			return nil
		},
	}, nil
}

// record loads what is only open yet, where it fits, and passes the samples through the network.
func (s *NetworkSettings) record(w *weights, t *target) (*probe.Units, GradientSettings, error) {
	meta := probe.Meta{Unit: probe.UnitSample, UnitSize: 1, Population: t.population}
	settings, err := s.resolveFor(meta, len(t.index))
	if err != nil {
		return nil, settings, err
	}
	if err := w.check(t.inputs); err != nil {
		return nil, settings, err
	}
	need := train.EstimateMemory(w.spec, t.inputs, w.classes, 1, 0, len(t.index)) + 4*float64(len(t.index))*float64(t.inputs)
	if need > float64(s.Memory) {
		return nil, settings, fmt.Errorf("-memory %s: the gradients of %d samples need about %s", formatBytes(float64(s.Memory)), len(t.index),
			formatBytes(need))
	}
	if err := t.read(w.classes); err != nil {
		return nil, settings, err
	}
	model, err := w.load(t.inputs)
	if err != nil {
		return nil, settings, err
	}
	g, err := model.Record(t.data, t.index, meta)
	if err != nil {
		return nil, settings, err
	}
	units := g.Reduce(probe.RandomDirections(s.Seed, g.Parameters(), randomDirections))
	return units, settings, checkFinite(units, s.Weights, t.source[0])
}

// checkFinite refuses gradients beyond the range of float32.
func checkFinite(u *probe.Units, weights, source string) error {
	for i, index := range u.Index {
		switch {
		case !finite(u.Loss[i]):
			return fmt.Errorf("%s: the loss of sample %d of %s is %v: the network exceeds the range of float32", weights, index, source, u.Loss[i])
		case !finite(u.NormSq[i]) || !finite(u.Centred[i*u.N+i]):
			return fmt.Errorf("%s: the gradient of sample %d of %s exceeds the range of float32", weights, index, source)
		}
	}
	return nil
}

// write writes the files that were asked for.
func (s *NetworkSettings) write(u *probe.Units) error {
	var gram, norms error
	if s.Gram != "" {
		gram = npy.Write(s.Gram, []int{u.N, u.N}, u.Gram())
	}
	if s.Norms != "" && gram == nil {
		norms = npy.Write(s.Norms, []int{u.N}, u.Norm())
	}
	return errors.Join(gram, norms)
}

func meanOf(x []float64) float64 {
	sum := 0.0
	for _, v := range x {
		sum += v
	}
	if len(x) == 0 {
		return math.NaN()
	}
	return sum / float64(len(x))
}
