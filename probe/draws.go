package probe

import (
	"math"

	"github.com/noiseprobe/noiseprobe/internal/seed"
	"github.com/noiseprobe/noiseprobe/noise"
)

// Source gives gradients of a model at fixed weights.
type Source interface {
	Parameters() int
	// Population is N, the number of training samples.
	Population() int
	// MeanGradientTo writes the gradient of the mean loss over the samples with these indices.
	MeanGradientTo(dst []float32, index []int) error
	// EnhancedGradientTo writes the NE gradient exactly as a training step computes it.
	EnhancedGradientTo(dst []float32, alpha float64, b, bPrime []int) error
}

// Plan says which minibatches to draw.
type Plan struct {
	Draws   int
	Batch   int
	Alpha   float64
	Pairing noise.Pairing
	Seed    uint64
}

// Draws holds the noise of M pairs of real minibatches at fixed weights, with x = g_B - gbar and x' = g_B' - gbar:
// everything that the second moments at any alpha need, and projections onto fixed directions. gbar is the exact full
// gradient.
type Draws struct {
	Plan
	Population int
	// Effective is B_eff rounded to a whole number of samples; 0 where it rounds to none, and then EffectiveSq is empty.
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
}

// DrawProjection is the noise of every draw along one direction.
type DrawProjection struct {
	Name                     string
	X, XPrime, NE, Effective []float64
}

// Measure draws the minibatches of a plan and measures their noise through real backward passes. Besides the given
// directions it projects onto that of the full gradient. stop is asked between draws; it may be nil.
func Measure(src Source, plan Plan, directions []Direction, stop func() error) (*Draws, error) {
	m := &measurement{src: src, d: newDraws(src, plan)}
	for _, v := range []*[]float32{&m.full, &m.x, &m.prime, &m.enhanced, &m.effective} {
		*v = make([]float32, src.Parameters())
	}
	if err := src.MeanGradientTo(m.full, all(src.Population())); err != nil {
		return nil, err
	}
	m.directions = append([]Direction(nil), directions...)
	if mean := MeanDirection(m.full); mean.Vector != nil {
		m.directions = append(m.directions, mean)
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
	effective := noise.EffectiveBatch(plan.Pairing, src.Population(), plan.Batch, plan.Alpha)
	return &Draws{Plan: plan, Population: src.Population(), Effective: int(math.Round(effective))}
}

type measurement struct {
	src                                 Source
	d                                   *Draws
	directions                          []Direction
	full, x, prime, enhanced, effective []float32
}

// draw measures pair k. All noises are differences from the full gradient, taken in float32 and summed in float64.
func (m *measurement) draw(k int) error {
	d := m.d
	b, bPrime := make([]int, d.Batch), make([]int, d.Batch)
	noise.Draw(seed.New(d.Seed, "direct draw", uint64(k)), d.Pairing, d.Population, b, bPrime)
	if err := m.src.MeanGradientTo(m.x, b); err != nil {
		return err
	}
	if err := m.src.MeanGradientTo(m.prime, bPrime); err != nil {
		return err
	}
	if err := m.src.EnhancedGradientTo(m.enhanced, d.Alpha, b, bPrime); err != nil {
		return err
	}
	d.UpdateError = append(d.UpdateError, combinationError(m.enhanced, d.Alpha, m.x, m.prime))
	subtract(m.x, m.full)
	subtract(m.prime, m.full)
	subtract(m.enhanced, m.full)
	d.NormSq = append(d.NormSq, dot(m.x, m.x))
	d.PrimeNormSq = append(d.PrimeNormSq, dot(m.prime, m.prime))
	d.Cross = append(d.Cross, dot(m.x, m.prime))
	d.EnhancedSq = append(d.EnhancedSq, dot(m.enhanced, m.enhanced))
	if err := m.drawEffective(k); err != nil {
		return err
	}
	m.project()
	return nil
}

func (m *measurement) drawEffective(k int) error {
	d := m.d
	if d.Effective < 1 {
		return nil
	}
	index := make([]int, d.Effective)
	noise.Draw(seed.New(d.Seed, "direct draw at B_eff", uint64(k)), d.Pairing.Single(), d.Population, index, nil)
	if err := m.src.MeanGradientTo(m.effective, index); err != nil {
		return err
	}
	subtract(m.effective, m.full)
	d.EffectiveSq = append(d.EffectiveSq, dot(m.effective, m.effective))
	return nil
}

func (m *measurement) project() {
	for i, u := range m.directions {
		p := &m.d.Projections[i]
		p.X = append(p.X, dot(m.x, u.Vector))
		p.XPrime = append(p.XPrime, dot(m.prime, u.Vector))
		p.NE = append(p.NE, dot(m.enhanced, u.Vector))
		if m.d.Effective >= 1 {
			p.Effective = append(p.Effective, dot(m.effective, u.Vector))
		}
	}
}

// combinationError is |got - (alpha g + (1-alpha) g')| / |alpha g + (1-alpha) g'|.
func combinationError(got []float32, alpha float64, g, gPrime []float32) float64 {
	diff, norm := 0.0, 0.0
	for i, v := range got {
		want := alpha*float64(g[i]) + (1-alpha)*float64(gPrime[i])
		diff += (float64(v) - want) * (float64(v) - want)
		norm += want * want
	}
	if diff == 0 {
		return 0
	}
	return math.Sqrt(diff / norm)
}

func subtract(x, y []float32) {
	for i, v := range y {
		x[i] -= v
	}
}

func all(n int) []int {
	index := make([]int, n)
	for i := range index {
		index[i] = i
	}
	return index
}
