package probe

import (
	"cmp"
	"math"

	"github.com/noiseprobe/noiseprobe/internal/eigen"
)

// preconditionedColumns bounds the columns of the matrix in a metric, which takes time that grows as their square.
const preconditionedColumns = 640

// LargestShare is the largest [Preconditioned.Share] with which D is taken as it is. What NE minibatches cost in a run of F1, the loss of the training set at the moved weights
// less that for the mean gradient, with its standard error:
//
//	share   by the real update   by D as it is     estimate
//	0.2%    0.0038 (0.0011)      0.0030 (0.0010)   0.0024
//	0.9%    0.0046 (0.0015)      0.0067 (0.0009)   0.0107
//	4%      0.0096               151               2.0
//
// At 4% parameters that few samples have reached yet have next to no v.
const LargestShare = 0.02

// Preconditioned is about the Gauss-Newton matrix F of some units in the metric D of an optimizer.
type Preconditioned struct {
	// Units is the number of those that Sharpness and HeldOut rest on.
	Units int
	// Sharpness is the largest eigenvalue of D^(1/2) F D^(1/2). HeldOut is the mean of v' D^(1/2) F D^(1/2) v, with v the leading eigenvector of one half of the units and
	// F that of the other. The largest eigenvalue of all units there are is on average below the first and above the second.
	Sharpness, HeldOut float64
	// Edge is (2 + 2 beta1) / c with c of [Optimizer.Rate], eta (1 - beta1) in the end: where the eigenvalue is larger, steps of Adam with D as it is grow along the
	// eigenvector (Cohen et al., arXiv:2207.14484).
	Edge float64
	// Share is the weight of the next gradient's square in v, (1 - beta2) / (1 - beta2^(t+1)): D is as it was before, so far as this is small.
	Share float64
	// Rate is c. Meeting has D g_i in the place of the gradients g_i for what all units see of them, and their lengths in the metric, g_i' D g_j. It is nil in older files, and
	// where Share is more than LargestShare.
	Rate    float64
	Meeting *Meeting
}

// Precondition describes F, and the gradients of the recorded units beside it, in the metric of an optimizer. An error names a layer whose single gradients are not known.
func (c *Columns) Precondition(g *Gradients, o *Optimizer) (*Preconditioned, error) {
	d := o.Metric()
	few := c.spread(max(1, preconditionedColumns/c.Each))
	scaled, err := few.InMetric(d)
	if err != nil {
		return nil, err
	}
	m, k, gram := few.Units(), len(few.Unit), CrossGram(scaled, scaled)
	mirror(gram, m)
	p := &Preconditioned{Units: k, Sharpness: math.NaN(), HeldOut: few.heldOut(gram), Edge: (2 + 2*o.Beta1) / o.Rate(), Rate: o.Rate()}
	p.Share = (1 - o.Beta2) / (1 - math.Pow(o.Beta2, float64(o.Step+1)))
	if values := leadingEigenvalues(gram, m, float64(k)); len(values) > 0 {
		p.Sharpness = values[0]
	}
	if p.Share <= LargestShare {
		p.Meeting, err = c.meetInMetric(g, d)
	}
	return p, cmp.Or(err, scaled.Err())
}

// meetInMetric is the meeting of the columns with D g_i.
func (c *Columns) meetInMetric(g *Gradients, d []float64) (*Meeting, error) {
	columns, err := c.InMetric(d)
	if err != nil {
		return nil, err
	}
	gradients, err := g.InMetric(d)
	if err != nil {
		return nil, err
	}
	m := c.sight(CrossGram(columns, gradients), g.Units()).meeting(c.Unit)
	squares, err := g.WeightedSquares(d)
	if err != nil {
		return nil, err
	}
	mean, weighted := g.Mean(), make([]float32, len(d))
	for j, v := range mean {
		weighted[j] = float32(d[j] * v)
		m.MeanNormSq += float64(d[j] * v * v)
	}
	m.Square, m.MeanAlong = squares[0], make([]float64, g.Units())
	lessMean(m.MeanAlong, g.Project(weighted))
	return &m, cmp.Or(columns.Err(), gradients.Err())
}

// spread are the columns of n units, evenly spaced.
func (c *Columns) spread(n int) *Columns {
	k := len(c.Unit)
	if n >= k {
		return c
	}
	places := evenly(n, k)
	return &Columns{Gradients: c.only(c.rows(places)), Each: c.Each, Drawn: c.Drawn, Unit: pick(c.Unit, places, 1)}
}

// heldOut is the mean over both halves of the units of what the other sees along its leading eigenvector.
func (c *Columns) heldOut(gram []float64) float64 {
	half, rest := c.halves()
	first, second := c.rows(half), c.rows(rest)
	return (c.seen(gram, first, second) + c.seen(gram, second, first)) / 2
}

// seen is v' D^(1/2) F D^(1/2) v of the judging columns along the leading eigenvector of the chosen ones, v = sum_r U_r h_r / sqrt(mu).
func (c *Columns) seen(gram []float64, chosen, judging []int) float64 {
	m := len(chosen)
	if m == 0 {
		return math.NaN()
	}
	values, vectors, ok := eigen.Vectors(m, 1, submatrix(gram, c.Units(), chosen, chosen))
	if !ok || !(values[0] > 0) {
		return math.NaN()
	}
	square := 0.0
	for _, v := range multiplied(1, m, vectors, submatrix(gram, c.Units(), chosen, judging)) {
		square += float64(v * v)
	}
	return square / values[0] / float64(len(judging)/c.Each)
}
