package experiment

import (
	"errors"
	"fmt"
	"math"
	"os"

	"github.com/noiseprobe/noiseprobe/internal/seed"
	"github.com/noiseprobe/noiseprobe/probe"
	"github.com/noiseprobe/noiseprobe/train"
)

// What is recorded of the curvature at a checkpoint.
const (
	CurvatureAuto    = "auto"    // exact for samples and few classes, else sampled
	CurvatureExact   = "exact"   // the Gauss-Newton matrix of all classes
	CurvatureSampled = "sampled" // the same by labels that are drawn from the model
	CurvatureHessian = "hessian" // as auto, and tr(H Sigma) with the Hessian itself
	CurvatureOff     = "off"
)

const (
	// curvatureShare is the part of the cost of training that the curvature of all checkpoints may have.
	curvatureShare = 0.1
	// mostColumns bounds the columns of the matrix: the eigenvalues of their products take time that grows as the third power of their number.
	// mostAsked is the bound where the kind is asked for, whatever it costs.
	mostColumns, mostAsked = 1280, 2560
	// leastColumns are taken in any case; they cost little beside the rest of the analysis.
	leastColumns = 640
	// fewestCurved is the smallest number of units that intervals are given for.
	fewestCurved = 30
	// drawnLabels is the number of labels that are drawn for a sample; for a ghost batch at most mostGhostLabels are.
	drawnLabels, mostGhostLabels = 8, 2
	// mostSpooled bounds the bytes of the columns of a network with convolutions, which go to a temporary file.
	mostSpooled = 2 << 30
)

// curvaturePlan says of how many units, evenly spaced among those that are recorded, the curvature is recorded, and with how many columns each. No units, no
// curvature.
type curvaturePlan struct {
	exact       bool
	units, each int
	// hessian asks for tr(H Sigma) as well.
	hessian bool
}

// curvatureBudget is what a plan is made for. room is the memory that is left, in bytes, and affords says whether so many columns take little time beside the rest.
type curvatureBudget struct {
	kind    string
	units   unitSet
	model   *train.Model
	room    float64
	affords func(columns float64) bool
}

// plan has as many units as time and memory allow, though a few in any case that fits in memory, and where the kind is asked for as many as memory allows. Where nothing
// fits there is no curvature.
func (b curvatureBudget) plan() (curvaturePlan, error) {
	if b.kind == CurvatureOff {
		return curvaturePlan{}, nil
	}
	most, least, classes := float64(mostColumns), float64(leastColumns), b.model.Classes
	convolutional, asked := b.model.Spec.Convolutional(), b.kind == CurvatureExact || b.kind == CurvatureSampled
	if asked {
		most = mostAsked
	}
	p := curvaturePlan{exact: b.kind == CurvatureExact, each: drawnLabels, hessian: b.kind == CurvatureHessian}
	if b.kind == CurvatureAuto || b.kind == CurvatureHessian {
		p.exact = b.units.kind == probe.UnitSample && !convolutional && classes*fewestCurved <= mostColumns
	}
	if convolutional {
		// A pass for a ghost batch takes as long as recording its gradient.
		most, least = min(most, math.Floor(mostSpooled/b.unitBytes())), math.Ceil(float64(b.units.n())/4)
	}
	if p.exact {
		if classes*fewestCurved > mostAsked {
			return p, tooManyClasses(classes, b.units)
		}
		p.each = classes
		least = max(least, float64(classes*min(fewestCurved, b.units.n())))
		most = max(most, least)
	}
	columns := most
	if !asked {
		columns = max(largest(most, b.affords), min(most, least))
	}
	columns = largest(columns, func(m float64) bool { return b.bytes(m) <= b.room })
	if convolutional && !p.exact {
		p.each = max(1, min(mostGhostLabels, int(columns)/b.units.n()))
	}
	p.units = min(b.units.n(), int(columns)/p.each)
	if p.units*p.each < 2 {
		return curvaturePlan{}, nil
	}
	return p, nil
}

// unitBytes is what one column takes.
func (b curvatureBudget) unitBytes() float64 {
	bytes := 0.0
	for _, f := range b.model.Forms(b.units.size) {
		bytes += float64(f.UnitBytes())
	}
	return bytes
}

// bytes is the memory that so many columns take: their products with each other, of which the eigenvalues need copies, and with the gradients; and for dense networks
// the columns themselves, in the record and in the pass.
func (b curvatureBudget) bytes(columns float64) float64 {
	products := 8 * columns * (float64(3*columns) + float64(2*float64(b.units.n())))
	if b.model.Spec.Convolutional() {
		return products
	}
	return products + float64(2*columns*b.unitBytes())
}

// tooManyClasses says what sampled would do in the place of exact, and the error of its labels: the trace of one draw varies about as much as it is large.
func tooManyClasses(classes int, units unitSet) error {
	n := min(units.n(), mostAsked/drawnLabels)
	return Usagef("-curvature exact: %d classes are too many; -curvature sampled draws %d labels for each of %d units, which adds about %.0f%% to the errors of the trace",
		classes, drawnLabels, n, 100/math.Sqrt(float64(n*drawnLabels)))
}

// checkCurvature is what can be checked without data.
func checkCurvature(kind, unit string) error {
	if err := checkName("curvature", kind, []string{CurvatureAuto, CurvatureExact, CurvatureSampled, CurvatureHessian, CurvatureOff}); err != nil {
		return err
	}
	if kind == CurvatureExact && unit == probe.UnitGhostBatch {
		return Usagef("-curvature exact: a ghost batch has as many columns as samples times classes; -curvature sampled draws labels")
	}
	return nil
}

// curved are the places of the units whose curvature is recorded, among all.
func (p curvaturePlan) curved(n int) []int {
	places := make([]int, p.units)
	for k := range places {
		places[k] = k * n / p.units
	}
	return places
}

// curvature records the columns of some of the units at the weights at which g was recorded, and reduces them with it. It is nil where nothing is planned.
// Where o is not nil the curvature is described in its metric as well.
func (s unitSet) curvature(m *train.Model, data train.Data, g *probe.Gradients, p curvaturePlan, root uint64, o *probe.Optimizer) (c *probe.Curvature, err error) {
	if p.units == 0 {
		return nil, nil
	}
	record, remove, err := s.columnRecord(m, p)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, remove()) }()
	places := p.curved(s.n())
	if err := s.recordColumns(record, m, data, p, places, root, g.Step); err != nil {
		record.Abort()
		return nil, err
	}
	columns, err := record.Finish()
	if err != nil {
		return nil, err
	}
	defer columns.Close()
	all := probe.Columns{Gradients: columns, Each: p.each, Drawn: !p.exact, Unit: places}
	c = all.Reduce(g)
	if o != nil && o.Check() == nil && columns.Err() == nil {
		c.Preconditioned, err = all.Precondition(g, o)
	}
	if p.hessian && err == nil && columns.Err() == nil {
		c.Hessian, err = s.hessian(m, data, g)
	}
	return c, errors.Join(err, columns.Err(), g.Err())
}

// metricOf is the state of the optimizer whose metric the curvature is described in as well: where gradients have to be formed, as those of convolutions, only if the curvature
// was asked for.
func metricOf(kind string, m *train.Model, o *probe.Optimizer) *probe.Optimizer {
	if kind == CurvatureAuto && m.Spec.Convolutional() {
		return nil
	}
	return o
}

// columnRecord is in memory for dense networks, and else in a temporary file, which remove removes.
func (s unitSet) columnRecord(m *train.Model, p curvaturePlan) (r *probe.Record, remove func() error, err error) {
	count := p.units * p.each
	meta := probe.Meta{Unit: s.kind, UnitSize: s.size, Index: make([]int, count)}
	if !m.Spec.Convolutional() {
		return probe.NewRecord(meta, count, m.Forms(s.size)), func() error { return nil }, nil
	}
	dir, err := scratch("noiseprobe-curvature-*")
	if err != nil {
		return nil, nil, err
	}
	remove = func() error { return os.RemoveAll(dir) }
	r, err = probe.CreateRecord(dir+"/columns.safetensors", meta, count, m.Forms(s.size))
	if err != nil {
		return nil, nil, errors.Join(err, remove())
	}
	return r, remove, nil
}

func (s unitSet) recordColumns(r *probe.Record, m *train.Model, data train.Data, p curvaturePlan, places []int, root uint64, step int) error {
	rng := seed.New(root, "labels of the curvature", uint64(step))
	if s.kind == probe.UnitGhostBatch {
		all, units := s.ghostBatches(), make([][]int, len(places))
		for k, at := range places {
			units[k] = all[at]
		}
		return m.RecordDrawnGhostBatches(r, data, units, p.each, rng)
	}
	index := make([]int, len(places))
	for k, at := range places {
		index[k] = s.samples[at]
	}
	if p.exact {
		return m.RecordClasses(r, data, index)
	}
	return m.RecordDrawn(r, data, index, p.each, rng)
}

// trainingAffords reports whether so many columns at each checkpoint stay within the share of the cost of training. A dense layer's pass takes 6 operations for each
// parameter and sample; the products of the columns take 2 for each pair and number in their factors, and their eigenvalues about as many as 8 for each triple of columns.
func trainingAffords(samples float64, checkpoints int, b curvatureBudget) func(columns float64) bool {
	m := b.model
	pass := 6 * float64(m.Parameters())
	budget := curvatureShare * samples * pass / float64(max(checkpoints, 1))
	if m.Spec.Convolutional() {
		return func(columns float64) bool { return columns*float64(b.units.size)*pass <= budget }
	}
	factors := b.unitBytes() / 4
	return func(columns float64) bool {
		return float64(columns*pass)+float64(2*columns*columns*factors)+float64(8*columns*columns*columns) <= budget
	}
}

func (p curvaturePlan) String() string {
	kind := fmt.Sprintf("%d drawn labels", p.each)
	if p.exact {
		kind = fmt.Sprintf("all %d classes", p.each)
	}
	return fmt.Sprintf("the curvature of %d units by %s", p.units, kind)
}
