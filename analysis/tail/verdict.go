package tail

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/floats"

	"github.com/noiseprobe/noiseprobe/analysis/estimate"
	"github.com/noiseprobe/noiseprobe/internal/seed"
)

// Verdict compares an estimate with those of the same method, at the same k, from Gaussian samples of the same size, mean and standard
// deviation. For 5% of Gaussian samples the verdict is heavier or lighter.
type Verdict struct {
	SurrogateBand
	K          int    `json:"k"`
	Replicates int    `json:"replicates"`
	Verdict    string `json:"verdict"` // "heavier", "consistent" or "lighter" than Gaussian; "undefined" where one of them is
}

const (
	maxReach  = 100_000 // of the largest values, beyond which surrogates would take seconds
	fewBeyond = 20_000  // beyond which there are 39 surrogates, the fewest that have a 95% band
)

// againstGaussian draws surrogates, the same for all methods, and applies each method to them at the k of its estimate.
func againstGaussian(x []float64, s Settings, estimates []Estimate) []Verdict {
	reach := 0
	gammas := make([]func([]float64) float64, len(methods))
	for i, e := range estimates {
		if m := methods[i]; e.Gamma.Defined() && m.reach(e.K) <= maxReach {
			gammas[i], reach = m.gamma(e.K), max(reach, m.reach(e.K))
		}
	}
	replicates := Replicates
	if reach > fewBeyond {
		replicates = 39
	}
	values := surrogateGammas(x, s, replicates, reach, estimates, gammas)
	rows := make([]Verdict, len(methods))
	for i, e := range estimates {
		rows[i] = Verdict{SurrogateBand: newBand(methods[i].name, values[i]), K: e.K, Replicates: replicates, Verdict: "undefined"}
		rows[i].judge(float64(e.Gamma))
	}
	return rows
}

// surrogateGammas returns the gammas of each method from the surrogates; none for a method whose function in gammas is nil.
func surrogateGammas(
	x []float64, s Settings, replicates, reach int, estimates []Estimate, gammas []func([]float64) float64,
) [][]float64 {
	values := make([][]float64, len(gammas))
	if reach == 0 {
		return values
	}
	mean, sd := meanStdDev(x)
	rng := seed.New(s.Seed, "Gaussian surrogates")
	for range replicates {
		y := gaussianLargest(mean, sd, len(x), reach, s.Side, rng)
		for i, gamma := range gammas {
			if gamma != nil {
				values[i] = append(values[i], gamma(y[:methods[i].reach(estimates[i].K)]))
			}
		}
	}
	return values
}

// newBand is the band of the gammas of at least 39 surrogates, undefined where one of them is.
func newBand(name string, gamma []float64) SurrogateBand {
	if len(gamma) == 0 || floats.HasNaN(gamma) {
		return SurrogateBand{name, estimate.Undefined(), estimate.None(), estimate.None()}
	}
	slices.Sort(gamma)
	j := (len(gamma) + 1) / 40
	band := estimate.Interval{Lo: gamma[j-1], Hi: gamma[len(gamma)-j]}
	return SurrogateBand{name, tailIndex(median(gamma)), tailIndexInterval(band), band}
}

func (v *Verdict) judge(gamma float64) {
	switch band := v.GammaBand; {
	case !band.Defined() || math.IsNaN(gamma):
	case gamma > band.Hi:
		v.Verdict = "heavier"
	case gamma < band.Lo:
		v.Verdict = "lighter"
	default:
		v.Verdict = "consistent"
	}
}
