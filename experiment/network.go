package experiment

import (
	"cmp"
	"fmt"
	"path/filepath"

	"github.com/noiseprobe/noiseprobe/analysis/figure"
	"github.com/noiseprobe/noiseprobe/analysis/report"
	"github.com/noiseprobe/noiseprobe/internal/atomicfile"
	"github.com/noiseprobe/noiseprobe/internal/gemm"
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
	// Curvature is what is computed of the curvature, as in [Config].
	Curvature string
	// OptimizerState is a file with the state of the optimizer that trained the weights, empty for none ([probe.ReadOptimizer]).
	OptimizerState string
	// Gram and Norms are files to write, none if empty: [probe.Units.Gram] and the norms |g_i|, in float64. One that
	// exists is an [*ExistsError] without Force.
	Gram, Norms string
	// Memory is a bound in bytes, BLAS and Workers are those of [Config].
	Memory  int64
	BLAS    string
	Workers int
}

// DefaultNetworkSettings returns the settings of a probe without flags.
func DefaultNetworkSettings() NetworkSettings {
	c := DefaultConfig()
	return NetworkSettings{
		GradientSettings: DefaultGradientSettings(), Unit: c.Unit, Ghost: c.Ghost, Curvature: c.Curvature, Memory: c.Memory, BLAS: c.BLAS,
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
	return cmp.Or(checkName("unit", s.Unit, []string{UnitAuto, probe.UnitSample, probe.UnitGhostBatch}), checkName("blas", s.BLAS, gemm.Names()))
}

func (s *NetworkSettings) machine() Machine {
	return Machine{BLAS: s.BLAS, Workers: s.Workers, Memory: s.Memory}
}

// checkUnit resolves what one gradient belongs to, and refuses running statistics where they have no use and their lack where they
// have one.
func (s *NetworkSettings) checkUnit(spec train.Spec) error {
	unit, err := resolveUnit(s.Unit, spec)
	if err != nil {
		return err
	}
	s.Unit = unit
	if err := checkCurvature(s.Curvature, unit); err != nil {
		return err
	}
	return checkRules([]rule{
		{spec.Convolutional() || s.Running == "", fmt.Sprintf("-running: model %s has no batch normalisation, and no running statistics", spec.Text)},
		{!spec.Convolutional() || s.Unit == probe.UnitGhostBatch || s.Running != "",
			"-unit sample: batch normalisation is frozen at its running statistics, which -running names the file of"},
	})
}

// target is what is probed: units of the samples of a set.
type target struct {
	data   train.Data
	units  unitSet
	sample []int // the shape of one
	source []string
	// read reads what has not been read yet, for a network with so many classes.
	read func(classes int) error
}

// ProbeNetwork records the gradients of samples, or of ghost batches, of a network that was trained elsewhere, by forward and backward
// passes in float32, and describes them as [AnalyseGradients] does. The train_loss of the result is the mean loss of these units.
func ProbeNetwork(s NetworkSettings, o Observer) (*report.Report, []figure.Figure, error) {
	if err := s.checkAll(); err != nil {
		return nil, nil, err
	}
	release, err := LockAround(o, s.Gram, s.Norms, s.Out)
	if err != nil {
		return nil, nil, err
	}
	defer release()
	own, inputs, err := s.inputs()
	if err != nil {
		return nil, nil, err
	}
	if err := own.checkAxes(s.Weights); err != nil {
		return nil, nil, err
	}
	w, err := openWeights(s.Weights, s.Model, inputs)
	if err != nil {
		return nil, nil, err
	}
	defer w.Close()
	if how := w.naming.String(); how != "" {
		o.notice("%s: read with %s", s.Weights, how)
	}
	w.spec.Ghost = s.Ghost
	if err := s.checkUnit(w.spec); err != nil {
		return nil, nil, err
	}
	t, err := s.target(w.spec, own, o)
	if err != nil {
		return nil, nil, err
	}
	settings, err := s.resolveFor(t.units.meta(0), t.units.n())
	if err != nil {
		return nil, nil, err
	}
	units, found, err := s.record(w, t, settings)
	if err != nil {
		return nil, nil, err
	}
	if err := s.write(units); err != nil {
		return nil, nil, err
	}
	if units.N > manyUnits {
		o.notice("%s: the analysis takes time that grows as the third power of that", t.units)
	}
	st := study{settings: settings, source: append([]string{s.Weights}, t.source...), frozen: w.spec.Convolutional() && s.Unit == probe.UnitSample}
	st.add(units, nil, found.curvature).Optimizer = found.optimizer
	rep, figures := st.conclude()
	return rep, figures, s.GradientSettings.write(rep, figures)
}

// checkAll checks what can be before a file is opened.
func (s *NetworkSettings) checkAll() error {
	if err := s.check(); err != nil {
		return err
	}
	if s.Model != "" {
		if _, err := parseModel(s.Model); err != nil {
			return err
		}
	}
	for _, path := range []string{s.Gram, s.Norms} {
		if err := checkWritable(path, s.Force); err != nil {
			return err
		}
	}
	if err := s.checkOut(); err != nil {
		return err
	}
	return s.machine().Check()
}

// checkWritable refuses a name that is taken, or with force one of what is never replaced.
func checkWritable(path string, force bool) error {
	if path == "" {
		return nil
	}
	taken, err := atomicfile.Taken(path)
	if err == nil && taken && !force {
		err = &ExistsError{Dir: path}
	}
	return err
}

// inputs is the number of inputs of a sample, and what is known of samples from files, nil where there are none.
func (s *NetworkSettings) inputs() (own *samples, inputs int, err error) {
	if s.Inputs != "" {
		if own, err = openSamples(s.Inputs, s.Labels); err == nil {
			inputs = own.inputs
		}
		return own, inputs, err
	}
	want := dataset.FashionMNIST
	if spec, err := train.ParseSpec(s.Model); err == nil {
		want = spec.Data
	}
	for _, set := range dataset.Sets() {
		if set.Name == s.Data || inputs == 0 && set.Name == want {
			inputs = set.Shape[0] * set.Shape[1] * set.Shape[2]
		}
	}
	return nil, inputs, nil
}

func (s *NetworkSettings) target(spec train.Spec, own *samples, o Observer) (*target, error) {
	if own == nil {
		return s.dataset(spec, o)
	}
	size := unitSize(s.Unit, spec.Ghost)
	switch {
	case own.n < 2*size:
		return nil, fmt.Errorf("%s: has %d samples, and a covariance needs 2 ghost batches of %d", s.Inputs, own.n, size)
	case s.Population > 0 && s.Population < own.n:
		return nil, fmt.Errorf("population %d is below the %d gradients", s.Population, own.n)
	case own.n%size > 0:
		o.notice("%s: the last %d samples make no ghost batch of %d and are left out", s.Inputs, own.n%size, size)
	}
	t := &target{data: own, sample: own.sample, source: []string{s.Inputs, s.Labels}, read: own.read}
	t.units = unitSet{kind: s.Unit, size: size, population: s.Population / size, samples: make([]int, own.n/size*size)}
	for i := range t.units.samples {
		t.units.samples[i] = i
	}
	return t, nil
}

// dataset draws the units that a run would record.
func (s *NetworkSettings) dataset(spec train.Spec, o Observer) (*target, error) {
	name, units := s.Data, s.Units
	if name == "" {
		name = DefaultConfig().Data
	}
	if units == 0 {
		if units = DefaultConfig().Units; spec.Convolutional() {
			units = imageUnits
		}
	}
	data, err := dataset.Open(name, dataset.Options{Want: spec.Data, Seed: s.Seed})
	if err != nil {
		return nil, err
	}
	if data.Notice != "" {
		o.notice("%s", data.Notice)
	}
	n := data.Train.N()
	picked, err := pickUnits(s.Seed, n, units, s.Unit, unitSize(s.Unit, spec.Ghost))
	if err != nil {
		return nil, err
	}
	if units > picked.n() {
		o.notice("-units %d: the training set has %s, all are recorded", units, picked.all())
	}
	return &target{
		data: data.Train, units: picked, sample: data.Shape[:],
		source: []string{data.Name + " (" + data.Source + ")"},
		read: func(classes int) error {
			if classes < data.Classes {
				return fmt.Errorf("%s: tensor \"output.weight\" has %d classes, %s has %d", s.Weights, classes, data.Name, data.Classes)
			}
			return nil
		},
	}, nil
}

// write writes the files that were asked for.
func (s *NetworkSettings) write(u *probe.Units) error {
	if s.Gram != "" {
		if err := writeArray(s.Gram, s.Force, []int{u.N, u.N}, u.Gram()); err != nil {
			return err
		}
	}
	if s.Norms == "" {
		return nil
	}
	return writeArray(s.Norms, s.Force, []int{u.N}, u.Norm())
}
