package train

import (
	"math"
	"math/rand/v2"

	"github.com/noiseprobe/noiseprobe/internal/elementary"
	"github.com/noiseprobe/noiseprobe/probe"
)

// columns says how a pass makes columns of the Gauss-Newton matrix of cross-entropy, F_k = J' (diag p - p p') J with J the derivative of unit k's
// logits. They are gradients with other labels c than the samples have:
//
//	all classes     h_c = sqrt(p_c) grad l(c),      sum_c h_c h_c' = F_k
//	drawn           h = grad l(c), c ~ p,           E h h' = F_k
//
// The loss of label c is -log p_c, so that the square root of p_c is exp(-l(c)/2), which keeps its digits where p_c is small.
type columns struct {
	// uniform has a number from [0, 1) for each label that is drawn; nil where there is a row for each class.
	uniform []float64
	first   int // of this pass
}

// begin says which row of all comes first in the next pass.
func (c *columns) begin(first int) {
	if c != nil {
		c.first = first
	}
}

// columnLabel is the label of row i, whose logits are z and the largest of them z[best].
func (g *Graph) columnLabel(i, given int, z []float32, best int) int {
	r := g.recording
	if r == nil || r.columns == nil || r.columns.uniform == nil {
		return given
	}
	return quantile(z, best, r.columns.uniform[r.columns.first+i])
}

// quantile is the first class at which the sum of the probabilities exceeds u.
func quantile(z []float32, best int, u float64) int {
	e := make([]float64, len(z))
	rest := u * (1 + exponentials(e, z, best, best))
	for c, v := range e {
		if rest -= v; rest < 0 {
			return c
		}
	}
	return best
}

// columnWeight is the factor of the weight of row i.
func (g *Graph) columnWeight(i int) float32 {
	r := g.recording
	if r == nil || r.columns == nil || r.columns.uniform != nil {
		return 1
	}
	return float32(elementary.Exp(-g.Loss[i] / 2))
}

// everyClass are samples, each as often as there are classes, with one label after the other.
type everyClass struct {
	chosen
	classes int
}

func (d everyClass) Labels(dst []int32, index []int) {
	for i, row := range index {
		dst[i] = int32(row % d.classes)
	}
}

// RecordClasses records the columns of the Gauss-Newton matrix of samples exactly, one for every class of every sample, sample by sample: those of
// [probe.Columns] with Each the number of classes. Normalisation is frozen as in [Model.Record].
func (m *Model) RecordClasses(record *probe.Record, data Data, index []int) error {
	r := m.newRecording(record, 1)
	r.columns = &columns{}
	all := everyClass{chosen{data, repeated(index, m.Classes)}, m.Classes}
	return m.recordChunks(r, all, spaced(all.N(), 0), nil)
}

// RecordDrawn records columns with labels that are drawn from the model, as many as labels for every sample, sample by sample: those of
// [probe.Columns], drawn. Each column is divided by the square root of labels.
func (m *Model) RecordDrawn(record *probe.Record, data Data, index []int, labels int, rng *rand.Rand) error {
	r := m.newRecording(record, 1)
	r.draw(len(index)*labels, labels, 1, rng)
	return m.recordChunks(r, data, repeated(index, labels), nil)
}

// RecordDrawnGhostBatches is RecordDrawn for ghost batches, the loss of which is the mean over their samples. Their matrix is the mean of those of the samples,
//
//	F_k = (1/m) sum_j J_j' (diag p_j - p_j p_j') J_j
//
// with J_j the derivative of the logits of sample j, by way of the normalisation too. With a label drawn for each of the m samples, the gradient of the mean loss
// has the second moment F_k / m.
func (m *Model) RecordDrawnGhostBatches(record *probe.Record, data Data, units [][]int, labels int, rng *rand.Rand) error {
	size := len(units[0])
	r := m.newRecording(record, size)
	r.draw(len(units)*labels*size, labels, size, rng)
	return m.recordGhostBatches(r, data, repeated(units, labels))
}

// draw draws a number for each label, rows in all, and sets the weight of a sample in a unit of size samples.
func (r *recording) draw(rows, labels, size int, rng *rand.Rand) {
	r.columns = &columns{uniform: make([]float64, rows)}
	for i := range r.columns.uniform {
		r.columns.uniform[i] = rng.Float64()
	}
	r.weight = 1 / math.Sqrt(float64(labels*size))
}

// repeated returns each element as many times, one after the other.
func repeated[T any](list []T, times int) []T {
	var all []T
	for _, v := range list {
		for range times {
			all = append(all, v)
		}
	}
	return all
}
