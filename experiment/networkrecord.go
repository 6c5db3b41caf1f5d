package experiment

import (
	"errors"
	"fmt"
	"strings"

	"github.com/noiseprobe/noiseprobe/analysis/optimizer"
	"github.com/noiseprobe/noiseprobe/noise"
	"github.com/noiseprobe/noiseprobe/probe"
	"github.com/noiseprobe/noiseprobe/train"
)

// besides is what is found with the gradients themselves, beside their second moments; nil is what was not asked for.
type besides struct {
	curvature *probe.Curvature
	optimizer *optimizer.Noise
}

// record loads what is only open yet, where it fits, and passes the samples through the network.
func (s *NetworkSettings) record(w *weights, t *target, settings GradientSettings) (u *probe.Units, found besides, err error) {
	if err := w.check(t.sample); err != nil {
		return nil, found, err
	}
	need, spool, err := s.fit(w, t)
	if err != nil {
		return nil, found, err
	}
	model, err := s.load(w, t)
	if err != nil {
		return nil, found, err
	}
	b := curvatureBudget{kind: s.Curvature, units: t.units, model: model, room: float64(s.Memory) - need, affords: func(float64) bool { return true }}
	plan, err := b.plan()
	if err != nil {
		return nil, found, err
	}
	g, remove, err := t.units.gradients(model, t.data, spool)
	if err != nil {
		return nil, found, err
	}
	defer func() { err = errors.Join(err, remove()) }()
	if u, err = reduce(g, s.Seed); err != nil {
		return nil, found, err
	}
	if err := checkFinite(u, s.Weights, t.source[0]); err != nil {
		return nil, found, err
	}
	o, err := s.state(w, model, g)
	if err != nil {
		return nil, found, err
	}
	if o != nil {
		found.optimizer, err = s.optimizer(w, g, o, settings)
	}
	if err == nil {
		found.curvature, err = t.units.curvature(model, t.data, g, plan, s.Seed, metricOf(s.Curvature, model, o))
	}
	return u, found, err
}

// state is that of the optimizer, nil where there is none.
func (s *NetworkSettings) state(w *weights, m *train.Model, g *probe.Gradients) (*probe.Optimizer, error) {
	if s.OptimizerState == "" {
		return nil, nil
	}
	if w.transposed {
		return nil, fmt.Errorf("-optimizer-state %s: goes with weights [out, in], and those of %s are [in, out]", s.OptimizerState, s.Weights)
	}
	if err := probe.CheckOptimizerShapes(s.OptimizerState, arrays(m), w.naming.tensor); err != nil {
		return nil, err
	}
	return probe.ReadOptimizer(s.OptimizerState, g.Layers, w.naming.tensor)
}

// optimizer analyses the gradients with the state of the optimizer.
func (s *NetworkSettings) optimizer(w *weights, g *probe.Gradients, o *probe.Optimizer, settings GradientSettings) (*optimizer.Noise, error) {
	return optimizer.Analyse(g, o, optimizer.Settings{
		Alpha: settings.Alpha, Batch: settings.Batch, Pairing: noise.Independent, Eigenvalues: settings.Eigenvalues, MetricUnits: metricUnits,
		Frozen: w.spec.Convolutional() && s.Unit == probe.UnitSample,
	})
}

// load reads the samples and the network.
func (s *NetworkSettings) load(w *weights, t *target) (*train.Model, error) {
	if err := s.machine().Use(); err != nil {
		return nil, err
	}
	if err := t.read(w.classes); err != nil {
		return nil, err
	}
	model, err := w.load(t.sample)
	if err == nil && s.Running != "" {
		err = readRunning(s.Running, model)
	}
	return model, err
}

// fit returns the memory that the probe takes, and whether the gradients have to go by way of a file to fit the budget.
func (s *NetworkSettings) fit(w *weights, t *target) (bytes float64, spool bool, err error) {
	need := train.Need{
		Spec: w.spec, Sample: t.sample, Classes: w.classes, Held: float64(len(t.units.samples)), Units: float64(t.units.n()), UnitSize: t.units.size,
	}
	if bytes, err = train.EstimateMemory(need); err != nil || bytes <= float64(s.Memory) {
		return bytes, false, err
	}
	need.Streamed = w.spec.Convolutional()
	bytes, err = CheckMemory(need, s.Memory, fmt.Sprintf("the gradients of %s need", t.units))
	return bytes, true, err
}

// checkFinite refuses gradients beyond the range of float32.
func checkFinite(u *probe.Units, weights, source string) error {
	unit := strings.ReplaceAll(u.Unit, "-", " ")
	for i, index := range u.Index {
		switch {
		case !finite(u.Loss[i]):
			return fmt.Errorf("%s: the loss of %s %d of %s is %v: the network exceeds the range of float32", weights, unit, index, source, u.Loss[i])
		case !finite(u.NormSq[i]) || !finite(u.Centred[i*u.N+i]):
			return fmt.Errorf("%s: the gradient of %s %d of %s exceeds the range of float32", weights, unit, index, source)
		}
	}
	return nil
}
