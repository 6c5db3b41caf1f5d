package main

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/noiseprobe/noiseprobe/analysis/covariance"
	"github.com/noiseprobe/noiseprobe/analysis/enhancement"
	"github.com/noiseprobe/noiseprobe/analysis/estimate"
	"github.com/noiseprobe/noiseprobe/analysis/shape"
	"github.com/noiseprobe/noiseprobe/noise"
	"github.com/noiseprobe/noiseprobe/probe"
)

// shapeCases test units of every law, and the noise of minibatches of Gaussian and of heavy ones.
func shapeCases() (all []experiment) {
	for _, l := range []law{gaussian, t5, t3, direction, skewed} {
		for _, n := range []int{64, 256, 512} {
			all = append(all, powerCase(l.of(parameters, n, 6), n))
		}
	}
	for _, l := range []law{gaussian, skewed} {
		all = append(all, alongCase(l.of(parameters, 128, 6), 128), alongCase(l.of(parameters, 256, 6), 256))
	}
	for _, l := range []law{gaussian, t5} {
		for _, norms := range []bool{false, true} {
			all = append(all, excessCase(l, norms, noise.Independent, 64, 20), excessCase(l, norms, noise.Independent, 256, 20),
				excessCase(l, norms, noise.Disjoint, 64, 200), excessCase(l, norms, noise.Replacement, 64, 20))
		}
	}
	return all
}

// shapeTests are the tests of units with one fixed direction, in the order of a report.
var shapeTests = []string{"gamma", "noise top1", "noise top2", "noise top3", "noise mean-gradient", "noise random1", "noise pursued", "hill", "moment"}

// nameOf is that of a test among shapeTests.
func nameOf(t shape.Test) string {
	if t.By == "dagostino" {
		return t.Of
	}
	return t.By
}

// powerCase judges units as a report does that has nothing else; the tests' sizes are shown where they are Gaussian.
func powerCase(l law, n int) experiment {
	e := experiment{
		section: sectionShape, data: l.name, n: n, share: 0.2,
		targets: statements("anything", "gamma: heavier", "along a direction", "hill: heavier", "moment: heavier", "withheld"),
	}
	if n > 256 {
		e.share = 0.1
	}
	if l.name == gaussian.name {
		for _, name := range shapeTests {
			e.targets = append(e.targets, test(name))
		}
	}
	e.read = func(rng *rand.Rand) []reading {
		u := l.units(rng, n, probe.RandomDirections(1, l.p, 1)...)
		s := shape.Of(u, shape.Settings{Alpha: math.NaN(), Seed: rng.Uint64()}).Shape
		shape.Judge([]*shape.Shape{s})
		return append(said(verdicts(s)...), pValuesByName(s)...)[:len(e.targets)]
	}
	return e
}

// verdicts are the statements of powerCase.
func verdicts(s *shape.Shape) []bool {
	var anything, gamma, along, hill, moment bool
	for _, t := range s.Tests {
		heavier := t.Verdict == shape.Heavier
		switch {
		case t.Verdict == shape.NotToldApart || t.Verdict == shape.NotTested:
			continue
		case t.By == "dagostino":
			along = true
		case t.By == "gamma":
			gamma = heavier
		case t.By == "hill":
			hill = heavier
		case t.By == "moment":
			moment = heavier
		}
		anything = true
	}
	return []bool{anything, gamma, along, hill, moment, s.Withheld != ""}
}

func pValuesByName(s *shape.Shape) []reading {
	all := make([]reading, len(shapeTests))
	for i, name := range shapeTests {
		all[i].p = math.NaN()
		for _, t := range s.Tests {
			if nameOf(t) == name {
				all[i] = tested(t.PValue)
			}
		}
	}
	return all
}

// alongCase describes units along a fixed direction v, where the coordinates' cumulants of order r add up with the weights (v_k sigma_k)^r.
func alongCase(l law, n int) experiment {
	v := probe.RandomDirections(1, l.p, 1)
	var squares, cubes, fourths float64
	for k, x := range v[0].Vector {
		w := float64(x) * math.Sqrt(l.variance(k))
		squares, cubes, fourths = squares+w*w, cubes+w*w*w, fourths+w*w*w*w
	}
	bar := barredIf(l.draw == nil)
	return experiment{
		section: sectionShape, data: l.name + ", a fixed direction", n: n, share: 0.25,
		targets: []target{
			bar("G1 along a direction", l.skewness*cubes/math.Pow(squares, 1.5)), bar("G2 along a direction", l.excess*fourths/(squares*squares)),
		},
		read: func(rng *rand.Rand) []reading {
			s := shape.Of(l.units(rng, n, v...), shape.Settings{Alpha: math.NaN(), Seed: rng.Uint64(), Resamples: shape.FewestResamples}).Shape
			for _, d := range s.Directions {
				if d.Of == enhancement.NoisePrefix+v[0].Name {
					return []reading{estimated(d.SkewnessG1, d.SkewnessCI), estimated(d.ExcessKurtosisG2, d.CI)}
				}
			}
			panic("calibrate: no such direction")
		},
	}
}

// excessCase holds the variance of |xi|^2 over minibatches against that of the training set that they are drawn from, where the norms of all
// samples are known or the recorded units alone.
func excessCase(l law, norms bool, p noise.Pairing, draws, batch int) experiment {
	set := l.of(30, population, 60).fixedSet(population)
	k := covariance.NormMoments(set.all()).Polykays()
	source, known := probe.Source(set), "256 recorded"
	if norms {
		source, known = wholeSet{set}, "all norms"
	}
	arms := []struct {
		name    string
		pairing noise.Pairing
		batch   int
		alpha   float64
	}{
		{enhancement.ArmNE.String(), p, batch, alpha}, {enhancement.ArmSGD.String(), p.Single(), batch, 1},
		{enhancement.ArmEffective.String(), p.Single(), int(math.Round(noise.EffectiveBatch(p, population, batch, alpha))), 1},
	}
	e := experiment{section: sectionShape, data: fmt.Sprintf("%s, direct, %s, B = %d, %s", l.name, p, batch, known), n: draws, share: 0.25}
	truths := make([]float64, len(arms))
	for i, a := range arms {
		truths[i] = excessOf(k, a.pairing, population, a.batch, a.alpha)
		e.targets = append(e.targets, barred("excess of "+a.name, 0)) // less the true one, which may be near 0
	}
	for _, a := range arms {
		e.targets = append(e.targets, test("excess of "+a.name))
	}
	e.read = func(rng *rand.Rand) []reading {
		r := shape.Result{Shape: &shape.Shape{}}
		r.AddDraws(draw(source, probe.Plan{Draws: draws, Batch: batch, Alpha: alpha, Pairing: p, Seed: rng.Uint64()}), set.recorded(rng, 256))
		all := make([]reading, 2*len(arms))
		for i := range arms {
			all[i], all[len(arms)+i] = estimated(estimate.Undefined(), estimate.None()), tested(estimate.Undefined())
		}
		for i, row := range r.Shape.Rows { // there are none where few samples carry the noise
			all[i], all[len(arms)+i] = against(row.NormExcess, row.CI, truths[i]), tested(row.PValue)
		}
		return all
	}
	return e
}

// excessOf is the excess of Var|xi|^2 over 2 tr Sigma_xi^2 for minibatches of a population of n with these polykays.
func excessOf(k noise.NormPolykays, p noise.Pairing, n, batch int, alpha float64) float64 {
	factor := noise.CovarianceFactor(p, n, batch, alpha) * float64(n-1) / float64(n)
	return k.NormVariance(p, n, batch, alpha)/(2*factor*factor*k.TraceOfSquareAt(n)) - 1
}
