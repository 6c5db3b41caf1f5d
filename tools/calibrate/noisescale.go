package main

import (
	"fmt"
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/noiseprobe/noiseprobe/analysis/noisescale"
)

// training is a made-up one whose norms are logged: a sample's gradient is G and Gaussian noise of equal variance along so many directions.
type training struct {
	steps, directions int
	auto              float64 // correlation of the noise of consecutive steps
	drift             float64 // factor by which tr Sigma grows over all steps, and |G|^2 falls
	signal            string
}

// How large |G|^2 is: as large as the noise of a batch, as the standard error of its estimate from all steps, or 0.
const (
	strongSignal = "strong"
	lostSignal   = "lost"
	noSignal     = "none"
)

const (
	microBatch   = 16
	microBatches = 4 // of a batch
)

// noiseScaleCases have steps that are independent, correlated, and of a training that goes on.
func noiseScaleCases() (all []experiment) {
	for _, t := range []training{
		{steps: 20}, {steps: 100}, {steps: 1000}, {steps: 200, auto: 0.9}, {steps: 500, auto: 0.9}, {steps: 2000, auto: 0.9},
		{steps: 200, drift: 4}, {steps: 2000, drift: 4}, {steps: 2000, drift: 4, auto: 0.9},
	} {
		t.drift = max(t.drift, 1)
		for _, t.directions = range []int{10, 100, 10000} {
			for _, t.signal = range []string{strongSignal, lostSignal} {
				all = append(all, t.experiment())
			}
		}
		t.signal = noSignal
		all = append(all, t.noGradient())
	}
	return all
}

func (t training) name() string {
	kind := "independent"
	if t.auto > 0 {
		kind = fmt.Sprintf("AR(1) at %g", t.auto)
	}
	if t.drift > 1 {
		kind += ", drifting"
	}
	return fmt.Sprintf("%s, %d directions, signal %s", kind, t.directions, t.signal)
}

func (t training) experiment() experiment {
	trace, signal := t.means()
	return experiment{
		section: sectionNoiseScale, data: t.name(), n: t.steps, share: 2,
		targets: []target{barred("noise scale of a log", trace/signal), barred("tr Sigma of a log", trace), barred("squared gradient norm of a log", signal)},
		read: func(rng *rand.Rand) []reading {
			r := t.analyse(rng)
			return []reading{estimated(r.NoiseScale, r.CI.NoiseScale), estimated(r.Trace, r.CI.Trace), estimated(r.GradientNormSq, r.CI.GradientNormSq)}
		},
	}
}

// noGradient asks what is said of a noise scale that is infinite.
func (t training) noGradient() experiment {
	return experiment{
		section: sectionNoiseScale, data: t.name(), n: t.steps, share: 2, targets: statements("no upper end"),
		read: func(rng *rand.Rand) []reading { return said(t.analyse(rng).Verdict != noisescale.Measured) },
	}
}

func (t training) analyse(rng *rand.Rand) noisescale.Result {
	log := noisescale.NewLog(1)
	t.fill(log, rng)
	r, err := log.Analyse(1)
	if err != nil {
		panic(err)
	}
	return r
}

// at are tr Sigma and |G|^2 of a step.
func (t training) at(step int) (trace, signal float64) {
	growth := math.Pow(t.drift, float64(step)/float64(t.steps)-0.5)
	noise := 1 / float64(microBatch*microBatches)
	switch t.signal {
	case strongSignal:
		signal = noise
	case lostSignal:
		square := t.auto * t.auto // the correlation of |noise|^2
		signal = noise * math.Sqrt(2.0*microBatches/(microBatches-1)/float64(t.directions*t.steps)*(1+square)/(1-square))
	}
	return growth, signal / growth
}

func (t training) means() (trace, signal float64) {
	for step := range t.steps {
		a, b := t.at(step)
		trace, signal = trace+a/float64(t.steps), signal+b/float64(t.steps)
	}
	return trace, signal
}

// fill logs the norms, whose laws follow from those of the mean noise along G, of the mean noise along the other directions, and of what
// micro-batches differ from their mean: squares of first-order autoregressions.
func (t training) fill(log *noisescale.Log, rng *rand.Rand) {
	along := rng.NormFloat64()
	across, within := newSquare(t.directions-1, rng), newSquare(t.directions*(microBatches-1), rng)
	for step := range t.steps {
		if step > 0 {
			along = t.auto*along + math.Sqrt(1-t.auto*t.auto)*rng.NormFloat64()
			across.next(t.auto, rng)
			within.next(t.auto, rng)
		}
		trace, signal := t.at(step)
		coordinate := trace / float64(t.directions) / microBatch // variance of the gradient of a micro-batch along a direction
		mean := math.Sqrt(signal) + along*math.Sqrt(coordinate/microBatches)
		big := mean*mean + across.norm*coordinate/microBatches
		small := big + within.norm*coordinate/microBatches
		row := noisescale.Row{Step: step, SmallBatch: microBatch, BigBatch: microBatch * microBatches, All: noisescale.Norms{Small: small, Big: big}}
		if err := log.Add(row); err != nil {
			panic(err)
		}
	}
}

// square is the squared norm of a vector of first-order autoregressions of variance 1, which is a Markov chain of its own: of the new
// noise the part along the old vector counts, and the length of the rest.
type square struct {
	norm float64
	rest distuv.ChiSquared
}

func newSquare(directions int, rng *rand.Rand) *square {
	rest := distuv.ChiSquared{K: float64(directions - 1), Src: rng}
	along := rng.NormFloat64()
	return &square{along*along + rest.Rand(), rest}
}

func (s *square) next(auto float64, rng *rand.Rand) {
	fresh := math.Sqrt(1 - auto*auto)
	along := auto*math.Sqrt(s.norm) + fresh*rng.NormFloat64()
	s.norm = along*along + fresh*fresh*s.rest.Rand()
}
