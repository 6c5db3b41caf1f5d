package train

import (
	"errors"
	"fmt"
	"math"

	"github.com/noiseprobe/noiseprobe/internal/gemm"
	"github.com/noiseprobe/noiseprobe/internal/vector"
	"github.com/noiseprobe/noiseprobe/noise"
)

// StepNorms are squared norms of two mean gradients of one training step, over all parameters: that of B alone, or of its first half, and that of
// the step. The batch of each is the size of the plain minibatch with the same noise: for the noise-enhanced step B_eff.
type StepNorms struct {
	PartBatch, PartSq   float64
	WholeBatch, WholeSq float64
}

// parts measures the norms while a step is computed.
type parts struct {
	rows  int // samples of the part, the first ones of B
	scale float64
	norms StepNorms
}

// leastRatio is how far apart the noises of B and of the whole step have to be, either way, for B to be the part. Where they are closer, half
// of B is, whose noise is twice that of B.
const leastRatio = 1.5

// newParts plans the norms of the steps of a trainer.
func newParts(m *Model, n int, s Settings) (*parts, error) {
	weights, b, alpha := s.weights(), float64(s.Batch), s.Alpha
	if len(weights) == 1 { // of PNM the gradient is that of one minibatch
		alpha = 1
	}
	p := &parts{rows: s.Batch, norms: StepNorms{PartBatch: b, WholeBatch: noise.EffectiveBatch(s.Pairing, n, s.Batch, alpha)}}
	if f := noise.Factor(alpha); f < leastRatio && f > 1/leastRatio {
		p.rows = m.halfOf(s.Batch)
		p.norms.PartBatch = float64(p.rows)
	}
	weight := weights[0] * float64(p.rows) / b // of the part's mean gradient in the step's
	p.scale = 1 / (weight * weight)
	switch {
	case weights[0] == 0:
		return nil, errors.New("norms of the steps: the gradient of alpha = 0 has nothing of the minibatch B")
	case p.rows == 0 && m.Ghost() > 0:
		return nil, fmt.Errorf("norms of the steps: a minibatch of %d samples is one pass of ghost batches, which has no half: a batch size above %d has", s.Batch, pieceSize(m.Ghost()))
	case p.rows == 0:
		return nil, fmt.Errorf("norms of the steps: a minibatch of %d samples cannot be halved", s.Batch)
	case m.Ghost() == 0 && !m.dense():
		return nil, errors.New("norms of the steps: the network has layers that are not dense")
	}
	return p, nil
}

// halfOf is the number of samples of about half of a minibatch, which must end where a pass does.
func (m *Model) halfOf(batch int) int {
	if m.Ghost() == 0 {
		return batch / 2
	}
	pieces := m.pieces(batch, batch)
	return pieces[len(pieces)/2].lo
}

// dense reports whether all layers with parameters are dense ones.
func (m *Model) dense() bool {
	for _, l := range m.trainable() {
		if _, ok := l.Layer.(*Dense); !ok {
			return false
		}
	}
	return true
}

// begin starts the sums of a step.
func (p *parts) begin() {
	if p != nil {
		p.norms.PartSq, p.norms.WholeSq = 0, 0
	}
}

// sum writes a sum over rows to dst in two steps, the part's rows and the others, and takes the norms on the way while dst is in the cache. Its
// bits are those of one step, since a sum is a chain over the rows.
func (p *parts) sum(dst []float32, rows int, add func(lo, hi int, more bool)) {
	if p == nil || p.rows > rows {
		add(0, rows, false)
		return
	}
	add(0, p.rows, false)
	p.norms.PartSq += float64(p.scale * vector.Dot(dst, dst))
	if p.rows < rows {
		add(p.rows, rows, true)
	}
	p.norms.WholeSq += vector.Dot(dst, dst)
}

// after takes the norms of a gradient that is summed up piece by piece, when those of the samples up to one are in it.
func (p *parts) after(hi, n int, sum []float32) {
	if p == nil {
		return
	}
	if hi == p.rows {
		p.norms.PartSq = p.scale * vector.Dot(sum, sum)
	}
	if hi == n {
		p.norms.WholeSq = vector.Dot(sum, sum)
	}
}

// Norms are those of the last step, where [Settings].Norms asks for them.
func (t *Trainer) Norms() StepNorms {
	if t.parts == nil {
		return StepNorms{PartSq: math.NaN(), WholeSq: math.NaN()}
	}
	return t.parts.norms
}

// weightProduct is dw = d^T a.
func (l *Dense) weightProduct(g *Graph, dw, d, a []float32) {
	g.parts.sum(dw, g.Rows, func(lo, hi int, more bool) {
		beta := float32(0)
		if more {
			beta = 1
		}
		gemm.Sgemm(true, false, l.Out, l.in, hi-lo, 1, d[lo*l.Out:], l.Out, a[lo*l.in:], l.in, beta, dw, l.in)
	})
}

// biasSum is the sum of the rows of d.
func (l *Dense) biasSum(g *Graph, db, d []float32) {
	g.parts.sum(db, g.Rows, func(lo, hi int, more bool) {
		if !more {
			clear(db)
		}
		addColumnSums(db, d[lo*l.Out:hi*l.Out])
	})
}
