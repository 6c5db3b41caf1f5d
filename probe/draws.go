package probe

import (
	"math"
	"slices"

	"github.com/noiseprobe/noiseprobe/internal/parallel"
	"github.com/noiseprobe/noiseprobe/internal/seed"
	"github.com/noiseprobe/noiseprobe/internal/vector"
	"github.com/noiseprobe/noiseprobe/noise"
)

// Source computes gradients of a model at fixed weights.
type Source interface {
	Parameters() int
	// Population is N, the number of training samples.
	Population() int
	// MeanGradientTo writes the gradient of the mean loss over the samples with these indices.
	MeanGradientTo(dst []float32, index []int) error
	// EnhancedGradientTo writes the NE gradient exactly as a training step computes it.
	EnhancedGradientTo(dst []float32, alpha float64, b, bPrime []int) error
}

// SampleSource is a [Source] that gives the norms of all samples as well. [Measure] asks for them where samples have gradients of their own:
// with them tr Sigma of the training set is known without a sampling error. A Source without this method gives draws only.
type SampleSource interface {
	Source
	// SampleNorms returns |g_i|^2 and g_i . v of the gradient of every sample's own loss, in the order of the samples.
	SampleNorms(v []float32) (normSq, dot []float64, err error)
}

// GhostSource is a [Source] under ghost batch normalisation, where samples have no gradients of their own.
type GhostSource interface {
	Source
	// Ghost is the size of the ghost batches that samples are normalised in, 0 where there are none.
	Ghost() int
}

// Plan says which minibatches to draw.
type Plan struct {
	Draws   int
	Batch   int
	Alpha   float64
	Pairing noise.Pairing
	Seed    uint64
}

// Draws describes the noise of M pairs of real minibatches at fixed weights, x = g_B - gbar and x' = g_B' - gbar, where gbar is
// the exact full gradient. It holds what the second moments at any alpha need, and projections onto fixed directions.
//
// Where there is no full gradient, as under ghost batch normalisation, or draws from elsewhere lack it, every noise is the difference of two successive draws over sqrt 2,
// which has the same second moments; M pairs take 2M draws. Its skewness is 0 and its excess kurtosis half that of one draw.
type Draws struct {
	Plan
	Population int
	// Ghost is the size of the ghost batches, 0 where there are none.
	Ghost int
	// Differences says that the noises are differences of successive draws for want of a full gradient, without ghost batches.
	Differences bool
	// Step is the number of updates before the draws, nil where they do not say.
	Step *int
	// Parameters is P, 0 where they do not say.
	Parameters int
	// Effective is B_eff in samples, rounded to whole samples or to whole ghost batches, of which a part would be another statistic.
	// It is 0 where B_eff holds none, and EffectiveSq is then empty.
	Effective int
	// NormSq is |x|^2, PrimeNormSq |x'|^2 and Cross <x, x'>.
	NormSq, PrimeNormSq, Cross []float64
	// EnhancedSq is the squared norm of the NE noise from the trainer's own weighted pass, UpdateError the relative
	// difference between that pass and alpha g_B + (1-alpha) g_B'.
	EnhancedSq, UpdateError []float64
	// EffectiveSq is the squared norm of the noise of single minibatches of Effective samples.
	EffectiveSq []float64
	// Projections of the noises, by direction.
	Projections []DrawProjection
	// Samples are the norms of all training samples at these weights; nil where they were not computed.
	Samples *SampleNorms
	// FullGradient is that over all training samples where [Measure] computed it; it is not stored.
	FullGradient []float32
	// Updates describe the noise of the updates for the same draws; nil where they were not computed.
	Updates *DrawUpdates
}

// Differenced reports whether the noises are differences of successive draws.
func (d *Draws) Differenced() bool { return d.Ghost > 0 || d.Differences }

// DrawProjection is the noise of every draw along one direction.
type DrawProjection struct {
	Name                     string
	X, XPrime, NE, Effective []float64
}

// Measure draws the minibatches of a plan and measures their noise through real backward passes. It projects onto the given
// directions and onto that of the full gradient, where there is one, and asks a [SampleSource] for the norms of all samples. stop, which may be nil, is called before every draw; an error
// that it returns ends the measurement.
func Measure(src Source, plan Plan, directions []Direction, stop func() error) (*Draws, error) {
	m := &measurement{src: src, d: newDraws(src, plan), now: newDrawn(src.Parameters())}
	m.directions = slices.Clone(directions)
	if m.updates = newUpdates(src); m.updates != nil {
		m.d.Updates = &DrawUpdates{}
	}
	if m.d.Ghost > 0 {
		m.other = newDrawn(src.Parameters())
	} else if err := m.measureFull(); err != nil {
		return nil, err
	}
	for _, u := range m.directions {
		m.d.Projections = append(m.d.Projections, DrawProjection{Name: u.Name})
	}
	for k := range plan.Draws {
		if stop != nil {
			if err := stop(); err != nil {
				return nil, err
			}
		}
		if err := m.draw(k); err != nil {
			return nil, err
		}
	}
	return m.d, nil
}

func newDraws(src Source, plan Plan) *Draws {
	d := &Draws{Plan: plan, Population: src.Population()}
	if g, ok := src.(GhostSource); ok {
		d.Ghost = g.Ghost()
	}
	effective := noise.EffectiveBatch(plan.Pairing, d.Population, plan.Batch, plan.Alpha)
	size := float64(d.Ghost)
	switch {
	case d.Ghost == 0:
		d.Effective = int(math.Round(effective))
	case plan.Alpha == 0 || plan.Alpha == 1:
		d.Effective = plan.Batch
	case effective >= size:
		d.Effective = d.Ghost * min(int(math.Round(effective/size)), d.Population/d.Ghost)
	}
	return d
}

type measurement struct {
	src        Source
	d          *Draws
	directions []Direction
	// now is the draw that is measured, and other the one that is subtracted from it.
	now, other drawn
	// updates is nil where they are not measured.
	updates *updates
}

// drawn are the gradients of one draw: of B, of B', of both mixed by the trainer, and of a minibatch of B_eff.
type drawn struct{ x, prime, enhanced, effective []float32 }

func newDrawn(parameters int) drawn {
	vector := func() []float32 { return make([]float32, parameters) }
	return drawn{vector(), vector(), vector(), vector()}
}

func (m *measurement) measureFull() error {
	full := make([]float32, m.src.Parameters())
	m.d.FullGradient = full
	if err := m.src.MeanGradientTo(full, upTo(m.src.Population())); err != nil {
		return err
	}
	if mean := MeanDirection(full); mean.Vector != nil {
		m.directions = append(m.directions, mean)
	}
	samples, ok := m.src.(SampleSource)
	if !ok {
		return nil
	}
	normSq, along, err := samples.SampleNorms(full)
	m.d.Samples = &SampleNorms{NormSq: normSq, MeanDot: along, MeanNormSq: dot(full, full)}
	return err
}

// draw measures pair k. All noises are differences in float32, whose sums are in float64.
func (m *measurement) draw(k int) error {
	d := m.d
	if d.Ghost == 0 {
		worst, err := m.pass(m.now, k)
		if err != nil {
			return err
		}
		d.UpdateError = append(d.UpdateError, worst)
		m.now.each(d.Effective >= 1, same(d.FullGradient), subtract)
	} else {
		first, err := m.pass(m.other, 2*k)
		if err != nil {
			return err
		}
		second, err := m.pass(m.now, 2*k+1)
		if err != nil {
			return err
		}
		d.UpdateError = append(d.UpdateError, max(first, second))
		m.now.each(d.Effective >= 1, m.other, difference)
	}
	d.NormSq = append(d.NormSq, dot(m.now.x, m.now.x))
	d.PrimeNormSq = append(d.PrimeNormSq, dot(m.now.prime, m.now.prime))
	d.Cross = append(d.Cross, dot(m.now.x, m.now.prime))
	d.EnhancedSq = append(d.EnhancedSq, dot(m.now.enhanced, m.now.enhanced))
	if d.Effective >= 1 {
		d.EffectiveSq = append(d.EffectiveSq, dot(m.now.effective, m.now.effective))
	}
	m.project()
	return nil
}

// same is a draw whose four gradients are all v.
func same(v []float32) drawn { return drawn{v, v, v, v} }

// each calls do with every gradient of a draw and its counterpart in another draw, those at B_eff only if effective is set.
func (g drawn) each(effective bool, other drawn, do func(x, y []float32)) {
	do(g.x, other.x)
	do(g.prime, other.prime)
	do(g.enhanced, other.enhanced)
	if effective {
		do(g.effective, other.effective)
	}
}

// pass computes the gradients of draw k, and returns the relative error of the trainer's NE gradient.
func (m *measurement) pass(g drawn, k int) (updateError float64, err error) {
	d := m.d
	b, bPrime := make([]int, d.Batch), make([]int, d.Batch)
	noise.Draw(seed.New(d.Seed, "direct draw", uint64(k)), d.Pairing, d.Population, b, bPrime)
	if err := m.src.MeanGradientTo(g.x, b); err != nil {
		return 0, err
	}
	if err := m.src.MeanGradientTo(g.prime, bPrime); err != nil {
		return 0, err
	}
	if err := m.src.EnhancedGradientTo(g.enhanced, d.Alpha, b, bPrime); err != nil {
		return 0, err
	}
	if d.Effective >= 1 {
		index := make([]int, d.Effective)
		noise.Draw(seed.New(d.Seed, "direct draw at B_eff", uint64(k)), d.Pairing.Single(), d.Population, index, nil)
		if err := m.src.MeanGradientTo(g.effective, index); err != nil {
			return 0, err
		}
	}
	if m.updates != nil {
		m.updates.add(d.Updates, g, d.Effective >= 1)
	}
	return combinationError(g.enhanced, d.Alpha, g.x, g.prime), nil
}

func (m *measurement) project() {
	for i, u := range m.directions {
		p := &m.d.Projections[i]
		p.X = append(p.X, dot(m.now.x, u.Vector))
		p.XPrime = append(p.XPrime, dot(m.now.prime, u.Vector))
		p.NE = append(p.NE, dot(m.now.enhanced, u.Vector))
		if m.d.Effective >= 1 {
			p.Effective = append(p.Effective, dot(m.now.effective, u.Vector))
		}
	}
}

// combinationError is |got - (alpha g + (1-alpha) g')| / |alpha g + (1-alpha) g'|.
func combinationError(got []float32, alpha float64, g, gPrime []float32) float64 {
	want := func(i int) float64 { return float64(alpha*float64(g[i])) + float64((1-alpha)*float64(gPrime[i])) }
	diff := sumOfPieces(len(got), func(lo, hi int) (sum float64) {
		for i := lo; i < hi; i++ {
			d := float64(got[i]) - want(i)
			sum += float64(d * d)
		}
		return sum
	})
	if diff == 0 {
		return 0
	}
	return math.Sqrt(diff / sumOfPieces(len(got), func(lo, hi int) (sum float64) {
		for i := lo; i < hi; i++ {
			sum += float64(want(i) * want(i))
		}
		return sum
	}))
}

func subtract(x, y []float32) {
	parallel.For(len(x), piece, func(lo, hi int) { vector.AddScaled(x[lo:hi], -1, y[lo:hi]) })
}

// difference sets x to (x - y) / sqrt 2.
func difference(x, y []float32) {
	parallel.For(len(x), piece, func(lo, hi int) {
		for i, v := range y[lo:hi] {
			x[lo+i] = float32((float64(x[lo+i]) - float64(v)) / math.Sqrt2)
		}
	})
}

// upTo are the numbers from 0 to n-1.
func upTo(n int) []int {
	index := make([]int, n)
	for i := range index {
		index[i] = i
	}
	return index
}
