package bench

import (
	"context"
	"math"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/noiseprobe/noiseprobe/experiment"
	"github.com/noiseprobe/noiseprobe/internal/gemm"
	"github.com/noiseprobe/noiseprobe/internal/seed"
	"github.com/noiseprobe/noiseprobe/probe"
	"github.com/noiseprobe/noiseprobe/train"
	"github.com/noiseprobe/noiseprobe/train/dataset"
)

// Settings says what [Run] times.
type Settings struct {
	Model string
	Batch int
	Alpha float64
	// Units is the number of recorded gradients, 0 for none.
	Units   int
	Memory  int64
	BLAS    string
	Workers int
	// Time is about how long each figure is measured. There are at least 5 repeats, however long they take.
	Time time.Duration
}

// Default returns the settings of a bench without flags.
func Default() Settings {
	return Settings{Model: "f1", Batch: 1000, Alpha: 1, Units: 1000, Memory: 4 << 30, BLAS: gemm.Auto, Time: 1500 * time.Millisecond}
}

// FillIn sets the number of units where it was not given: 16 ghost batches in networks that have some.
func (s *Settings) FillIn(unitsGiven bool) {
	if spec, err := train.ParseSpec(s.Model); err == nil && spec.Convolutional() && !unitsGiven {
		s.Units = benchImageUnits
	}
}

// benchImageUnits are the ghost batches of a bench: 1600 samples.
const benchImageUnits = 16

func (s Settings) resolve() (train.Spec, error) {
	spec, err := train.ParseSpec(s.Model)
	switch {
	case err != nil:
		err = &experiment.UsageError{Err: err}
	case math.IsNaN(s.Alpha) || math.IsInf(s.Alpha, 0):
		err = experiment.Usagef("-alpha %v: must be a finite number", s.Alpha)
	case s.Batch < 1:
		err = experiment.Usagef("-batch %d: must be at least 1", s.Batch)
	case s.Units < 0 || s.Units == 1:
		err = experiment.Usagef("-units %d: 0 for none, or at least 2", s.Units)
	case s.Workers < 0:
		err = experiment.Usagef("-workers %d: must not be negative", s.Workers)
	case s.Memory <= 0:
		err = experiment.Usagef("-memory %d: must be positive", s.Memory)
	case !slices.Contains(gemm.Names(), s.BLAS):
		err = experiment.Usagef("-blas %s: one of %s", s.BLAS, strings.Join(gemm.Names(), ", "))
	}
	return spec, err
}

// bench is a bench in progress.
type bench struct {
	Settings
	stopwatch
	model     *train.Model
	optimizer train.Optimizer
	data      heldBatch
	b, bPrime []int
	units     units
	timings   map[string]Timing
}

// benchSeed makes weights and pixels the same every time.
const benchSeed = 1

// Run times the engine on this machine with the matrix products that s.BLAS names. Once all is checked, the whole process uses these, and keeps
// to s.Memory. When ctx ends, it returns its error after the repeat under way.
func Run(ctx context.Context, s Settings, o experiment.Observer) (*Result, error) {
	spec, err := s.resolve()
	if err != nil {
		return nil, err
	}
	machine := experiment.Machine{BLAS: s.BLAS, Workers: s.Workers, Memory: s.Memory}
	if err := machine.Check(); err != nil {
		return nil, err
	}
	b, err := newBench(s, spec)
	if err != nil {
		return nil, err
	}
	if err := machine.Use(); err != nil {
		return nil, err
	}
	b.stopwatch = stopwatch{ctx: ctx, budget: s.Time, progress: o.Progress}
	return b.measure()
}

// newBench builds the model, and the indices of samples that are never read.
func newBench(s Settings, spec train.Spec) (*bench, error) {
	spec.Ghost = min(spec.Ghost, s.Batch)
	sample, classes := shapeOf(spec.Data)
	u := unitsOf(s, spec)
	need := train.Need{
		Spec: spec, Sample: sample, Classes: classes, Samples: float64(s.Batch), Minibatches: 1, Units: float64(u.n), UnitSize: u.size,
	}
	if s.Alpha != 1 {
		need.Samples, need.Minibatches = 2*need.Samples, 2
	}
	if _, err := experiment.CheckMemory(need, s.Memory, "the bench needs"); err != nil {
		return nil, err
	}
	b := &bench{Settings: s, b: consecutive(0, s.Batch), units: u, timings: map[string]Timing{}}
	if s.Alpha != 1 {
		b.bPrime = consecutive(s.Batch, s.Batch)
	}
	model, err := train.NewModel(spec, sample, classes, benchSeed)
	if err != nil {
		return nil, err
	}
	optimizer, err := train.NewOptimizer(train.OptimizerSettings{Name: train.NameAdam, Epsilon: 1e-8}, model.Parameters())
	if err != nil {
		return nil, err
	}
	b.model, b.optimizer = model, optimizer
	b.data = heldBatch{samples: max(b.samples(), s.Units*u.size), classes: classes, filled: map[*float32]bool{}}
	return b, nil
}

// shapeOf is the size of a set's images and the number of its classes.
func shapeOf(set string) (sample []int, classes int) {
	for _, s := range dataset.Sets() {
		if s.Name == set {
			return s.Shape[:], s.Classes
		}
	}
	panic("bench: no data set " + set)
}

// consecutive returns n indices from first on.
func consecutive(first, n int) []int {
	index := make([]int, n)
	for i := range index {
		index[i] = first + i
	}
	return index
}

// samples is the number that a step reads.
func (b *bench) samples() int { return len(b.b) + len(b.bPrime) }

func (b *bench) measure() (*Result, error) {
	r := &Result{
		CPU: experiment.Processor(), BLAS: gemm.Name(), Workers: gemm.Workers(), Version: experiment.Version, Go: runtime.Version(),
		Model: b.Model, Spec: b.model.Spec.Text, Parameters: b.model.Parameters(),
		Batch: b.Batch, Alpha: b.Alpha, Samples: b.samples(), Timings: b.timings,
	}
	if err := b.timeProduct(); err != nil {
		return nil, err
	}
	if err := b.timeStep(); err != nil {
		return nil, err
	}
	var err error
	if r.Gram, err = b.timeGram(); err != nil {
		return nil, err
	}
	r.GemmGFLOPS = b.timings["gemm_gflops"].Median
	r.GradientMS, r.StepMS = b.timings["gradient_ms"].Median, b.timings["step_ms"].Median
	r.GradientGFLOPS = gflops(b.model.Operations()*float64(r.Samples), r.GradientMS)
	r.GemmShare = r.GradientGFLOPS / r.GemmGFLOPS
	r.SamplesPerSecond = 1e3 * float64(r.Samples) / r.StepMS
	return r, nil
}

// timeProduct times the product that most of F1's work at B = 1000 consists of.
func (b *bench) timeProduct() error {
	const m, n, k = 1000, 500, 500
	rng := seed.New(benchSeed, "bench product")
	x, y, c := make([]float32, m*k), make([]float32, n*k), make([]float32, m*n)
	for _, v := range [][]float32{x, y} {
		for i := range v {
			v[i] = rng.Float32()
		}
	}
	laps, err := b.laps("timing a matrix product, repeat", func() error {
		gemm.Sgemm(false, true, m, n, k, 1, x, k, y, k, 0, c, n)
		return nil
	})
	if err != nil {
		return err
	}
	for i, ms := range laps[0] {
		laps[0][i] = gflops(2*m*n*k, ms)
	}
	b.timings["gemm_gflops"] = summarise(laps[0])
	return nil
}

// gflops is a rate in 10^9 operations a second.
func gflops(operations, ms float64) float64 { return operations / ms / 1e6 }

// timeStep times gradients, each with the update that follows it.
func (b *bench) timeStep() error {
	laps, err := b.laps("timing steps, repeat", b.pass, b.update)
	if err != nil {
		return err
	}
	b.timings["gradient_ms"] = summarise(laps[0])
	for i, ms := range laps[1] {
		laps[0][i] += ms
	}
	b.timings["step_ms"] = summarise(laps[0])
	return nil
}

// pass computes the gradient of a step. The data are held, so that nothing is gathered.
func (b *bench) pass() error {
	_, err := b.model.EnhancedGradient(b.data, b.Alpha, b.b, b.bPrime)
	return err
}

// update makes Adam's update at a learning rate of 0: the same arithmetic, and weights that stay. Weights that learned the one
// batch by heart could have gradients so small that they slow the products down.
func (b *bench) update() error {
	b.optimizer.Step(b.model.Weights, b.model.Gradient, 0)
	return nil
}

// timeGram times records, each with the Gram matrix of its units; nil without units.
func (b *bench) timeGram() (*Gram, error) {
	if b.Units == 0 {
		return nil, nil
	}
	var record *probe.Gradients
	var units *probe.Units
	b.between = func() { // what earlier rounds recorded is none of this round's memory, nor its time
		record, units = nil, nil
		runtime.GC()
	}
	laps, err := b.laps("timing records and Gram matrices, repeat",
		func() (err error) {
			record, err = b.units.record(b.model, b.data)
			return err
		},
		func() error {
			units = record.SecondMoments(nil)
			return nil
		})
	if err != nil {
		return nil, err
	}
	b.timings["record_ms"], b.timings["gram_ms"] = summarise(laps[0]), summarise(laps[1])
	return &Gram{
		Units: b.Units, UnitSize: b.units.size, RecordMS: b.timings["record_ms"].Median, GramMS: b.timings["gram_ms"].Median,
		Bytes: b.recordBytes(record) + 8*int64(len(units.Centred)+len(units.NormSq)+len(units.MeanDot)),
	}, nil
}

// recordBytes is the memory of a record: the units' gradients or factors, their indices and losses, and mean gradients.
func (b *bench) recordBytes(g *probe.Gradients) int64 {
	total := 8 * int64(len(g.Index)+len(g.Loss))
	for i, form := range b.model.Forms(b.units.size) {
		total += int64(b.Units) * int64(form.UnitBytes())
		if f, ok := g.Layers[i].(*probe.Factored); ok {
			total += 4 * int64(len(f.Mean))
		}
	}
	return total
}
