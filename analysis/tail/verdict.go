package tail

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/floats"

	"github.com/noiseprobe/noiseprobe/analysis/estimate"
	"github.com/noiseprobe/noiseprobe/internal/parallel"
	"github.com/noiseprobe/noiseprobe/internal/seed"
)

// Verdict compares the estimate of a method with those from samples of the same size of the [Counterpart], at the same k. That k depends on
// the size alone, or was given: one that is chosen by the data would favour a verdict. The bands of all methods hold together: at least 95%
// of such samples have every estimate inside its band, so that at most 5% get any verdict but consistent. Of 100 normal samples of 200 values 2
// were called heavier and 4 lighter, of 100 of 2000 values 2 and 2 (docs/calibration.md).
type Verdict struct {
	SurrogateBand
	K          int             `json:"k"`
	Gamma      estimate.Number `json:"sample_gamma"` // of the sample, at K
	Replicates int             `json:"replicates"`
	Verdict    string          `json:"verdict"`          // "heavier", "consistent" or "lighter"; "undefined" where there is none
	Reason     string          `json:"reason,omitempty"` // why there is none
}

const (
	maxReach       = 50_000 // of the largest values, beyond which surrogates would take seconds
	surrogateWork  = 4_000_000
	mostReplicates = 999
	// outsideAny is the share of surrogates outside of any band. With 3.5% at most 5% of samples of the counterpart are: that its location
	// and scale are estimates costs the rest.
	outsideAny = 0.035
)

// compare adds the verdicts to a result; y is the side of the sample in descending order. The surrogates are the same for all methods.
func (r *Result) compare(y []float64, s Settings) {
	reach := 0
	fits := make([]fit, len(methods))
	for i, m := range methods {
		k := s.K
		if k == 0 {
			k = m.fixed(len(y))
		}
		e := m.estimate(y, k)
		v := Verdict{K: k, Gamma: e.Gamma, Verdict: "undefined", Reason: m.refusal(e, y)}
		if v.Reason == "" {
			fits[i], reach = m.fit(k), max(reach, m.reach(k))
		}
		r.Surrogate = append(r.Surrogate, v)
	}
	replicates := max(Replicates, min(surrogateWork/max(reach, 1), mostReplicates))
	bands := jointBands(r.surrogateGammas(s, replicates, reach, fits))
	for i := range r.Surrogate {
		v := &r.Surrogate[i]
		v.SurrogateBand, v.Replicates = bands[i], replicates
		v.judge(r.Counterpart.Law)
	}
}

// refusal says why an estimate is not compared with the counterpart, or nothing.
func (m method) refusal(e Estimate, y []float64) string {
	switch {
	case !e.Gamma.Defined():
		return "no estimate: " + m.why(y, e.K)
	case e.K > len(y)/2:
		return fmt.Sprintf("%d values are more than half of the sample, its body and not its tail", e.K)
	case m.reach(e.K) > maxReach:
		return fmt.Sprintf("more than %d values are read, for which no samples are drawn", maxReach)
	}
	return m.unsupported(y, e.K)
}

// surrogateGammas returns the gammas of each method from the surrogates; none for a method whose fit is nil.
func (r *Result) surrogateGammas(s Settings, replicates, reach int, fits []fit) [][]float64 {
	values := make([][]float64, len(fits))
	if reach == 0 {
		return values
	}
	for i, fit := range fits {
		if fit != nil {
			values[i] = make([]float64, replicates)
		}
	}
	parallel.Run(parallel.Workers(), replicates, func(replicate int) {
		y := r.Counterpart.largest(r.N, reach, s.Side, seed.New(s.Seed, "surrogates", uint64(replicate)))
		for i, fit := range fits {
			switch reach := methods[i].reach(r.Surrogate[i].K); {
			case fit == nil:
			case reach > len(y): // a value beyond the largest float64
				values[i][replicate] = math.NaN()
			default:
				values[i][replicate], _ = fit(y[:reach])
			}
		}
	})
	return values
}

// jointBands bounds the gammas of each method by the order statistics j and R+1-j of the R surrogates, the same j for all methods: the largest
// with which at most outsideAny of the surrogates have a gamma outside of any band. Methods without gammas, or with an undefined one, have no band.
func jointBands(gammas [][]float64) []SurrogateBand {
	bands := make([]SurrogateBand, len(gammas))
	var sorted [][]float64
	var depth []float64
	for i, g := range gammas {
		bands[i] = noBand(methods[i].name)
		if len(g) == 0 || floats.HasNaN(g) {
			sorted = append(sorted, nil)
			continue
		}
		sorted = append(sorted, slices.Sorted(slices.Values(g)))
		depth = shallowest(depth, g, sorted[i])
	}
	if depth == nil {
		return bands
	}
	slices.Sort(depth)
	j := int(depth[int(outsideAny*float64(len(depth)))])
	for i, g := range sorted {
		if g != nil {
			bands[i] = newBand(methods[i].name, g, estimate.Interval{Lo: g[j-1], Hi: g[len(g)-j]})
		}
	}
	return bands
}

// shallowest lowers depth, of each surrogate, to the rank of its gamma counted from the nearer end, and among equal ones (gpd has a smallest
// gamma, of -1) from the further: these are all inside of a band that ends there.
func shallowest(depth, gammas, sorted []float64) []float64 {
	if depth == nil {
		depth = slices.Repeat([]float64{math.Inf(1)}, len(gammas))
	}
	for r, g := range gammas {
		below, _ := slices.BinarySearch(sorted, g)
		notAbove, _ := slices.BinarySearch(sorted, math.Nextafter(g, math.Inf(1)))
		depth[r] = min(depth[r], float64(min(notAbove, len(sorted)-below)))
	}
	return depth
}

func noBand(name string) SurrogateBand {
	return SurrogateBand{name, estimate.Undefined(), estimate.None(), estimate.None()}
}

// newBand is the band of sorted gammas.
func newBand(name string, sorted []float64, band estimate.Interval) SurrogateBand {
	return SurrogateBand{name, estimate.Reciprocal(median(sorted)), band.Reciprocal(), band}
}

func (v *Verdict) judge(law string) {
	switch gamma, band := float64(v.Gamma), v.GammaBand; {
	case v.Reason != "":
	case !band.Defined():
		v.Reason = "the estimate is undefined for some of the " + law + " samples"
	case gamma > band.Hi:
		v.Verdict = "heavier"
	case gamma < band.Lo:
		v.Verdict = "lighter"
	default:
		v.Verdict = "consistent"
	}
}
