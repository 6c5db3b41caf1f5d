package enhancement

import (
	"fmt"
	"math"
	"slices"

	"github.com/noiseprobe/noiseprobe/analysis/estimate"
	"github.com/noiseprobe/noiseprobe/noise"
	"github.com/noiseprobe/noiseprobe/probe"
)

// DefaultPairs is the number of pairs that the resampled rows are computed from: with an effective rank of 10 it gives rho a standard
// error of 0.7%.
const DefaultPairs = 2048

// Settings of [Analyse]. Alpha and Batch, in samples, are those of the run and are used for the resampled rows; direct draws have their
// own.
type Settings struct {
	Alpha float64
	Batch int
	// Alphas is the grid of alpha; nil is [Alphas]. The run's own alpha is always in it.
	Alphas []float64
	// Pairs is the number of resampled pairs; 0 is [DefaultPairs].
	Pairs int
	// Seed is the root seed of resampling.
	Seed uint64
}

// Result is what the draws and the units show about Eqs. 10 and 11. Every row names its evidence; direct rows come first, and the first of
// those on B_eff is the comparison with the recorded units.
type Result struct {
	Correlations     []Correlation
	Factors          []Factor
	EffectiveBatches []EffectiveBatch
	// Matched compares the traces of NE at B and of SGD at B_eff, by direct draws.
	Matched []Comparison
	// Exponents are those of the direct draws along their directions.
	Exponents []ScaleExponent
	// Exponent sums them up; nil where there is none.
	Exponent *ExponentConclusion
	// UpdateCheck is the largest relative difference between the trainer's own NE gradient and the combination of the gradients of its
	// two minibatches; undefined without direct draws.
	UpdateCheck estimate.Number
	Warnings    []string
}

// Analyse measures f and B_eff with their intervals over a grid of alpha, and tests Eqs. 10 and 11, from recorded units (resampled
// evidence), direct draws, or both; either may be nil. Each kind of evidence gives one p-value, that of rho. Units and draws together
// give another, that of B_eff against the units' covariance, in the first row of EffectiveBatches; so do draws that have the norms of all
// samples.
//
// Sources: Mori and Ueda, Improved generalization by noise enhancement, Eqs. 4, 10 and 11.
func Analyse(u *probe.Units, d *probe.Draws, s Settings) Result {
	r := Result{UpdateCheck: estimate.Undefined()}
	if d != nil {
		switch {
		case u == nil && d.Samples == nil:
		case d.Ghost > 0 && u.Unit != probe.UnitGhostBatch:
			r.Warnings = append(r.Warnings, "B_eff is not measured against the recorded units: these are gradients with normalisation frozen at "+
				"running statistics, the draws those of training, which normalises by ghost batches")
		default:
			r.EffectiveBatches = append(r.EffectiveBatches, AgainstUnits(d, u))
		}
		r.addDirect(d, s)
	}
	if u != nil {
		r.addResampled(u, s)
	}
	if d != nil {
		r.lead(d.Alpha)
	}
	return r
}

// lead marks the rows that answer for the alpha of the draws. B_eff is that against the recorded units, and where this is withheld or undefined
// that of the next row by direct draws.
func (r *Result) lead(alpha float64) {
	for i := range r.Factors {
		if f := &r.Factors[i]; f.Alpha == alpha && f.Evidence == Direct && f.Kind == Measured && f.Measured.Defined() {
			f.Leads = true
			break
		}
	}
	var leads *EffectiveBatch
	for i := range r.EffectiveBatches {
		row := &r.EffectiveBatches[i]
		if row.Alpha != alpha || row.Evidence != Direct || row.Kind != Measured || !row.Measured.Defined() {
			continue
		}
		if leads == nil || leads.Withheld != "" {
			leads = row
		}
	}
	if leads != nil {
		leads.Leads = true
	}
}

func (r *Result) addDirect(d *probe.Draws, s Settings) {
	if len(d.UpdateError) > 0 {
		r.UpdateCheck = estimate.Number(slices.Max(d.UpdateError))
	}
	if b, ok := AgainstSGD(d); ok {
		r.EffectiveBatches = append(r.EffectiveBatches, b)
	} else {
		r.Warnings = append(r.Warnings, fmt.Sprintf("SGD at B_eff was not drawn: B_eff = %.3g %s",
			noise.EffectiveBatch(d.Pairing, d.Population, d.Batch, d.Alpha), tooSmall(d)))
	}
	scalars := OfDraws(d)
	r.add(scalars, withAlpha(s.Alphas, d.Alpha))
	r.Factors = append(r.Factors, Naive(scalars, d.Alpha))
	if c, ok := MatchedDraws(d); ok {
		r.Matched = append(r.Matched, c)
	}
	r.Exponents = ExponentsOf(d, s.Seed)
	r.Exponent = ConcludeExponents(r.Exponents)
}

// tooSmall says why there are no draws at B_eff.
func tooSmall(d *probe.Draws) string {
	if d.Ghost > 0 {
		return fmt.Sprintf("holds no whole ghost batch of %d, and less would be another statistic", d.Ghost)
	}
	return "rounds to no sample"
}

func (r *Result) addResampled(u *probe.Units, s Settings) {
	pairs := s.Pairs
	if pairs == 0 {
		pairs = DefaultPairs
	}
	r.add(Resample(u, WholeUnits(s.Batch, u.UnitSize), pairs, s.Seed), withAlpha(s.Alphas, s.Alpha))
}

// add appends the rows that follow from rho.
func (r *Result) add(s Scalars, grid []float64) {
	r.Correlations = append(r.Correlations, MeasureCorrelation(s))
	r.Factors = append(r.Factors, Factors(s, grid)...)
	r.EffectiveBatches = append(r.EffectiveBatches, EffectiveBatches(s, grid)...)
}

// withAlpha returns the grid with the run's own alpha inserted in order.
func withAlpha(grid []float64, alpha float64) []float64 {
	if grid == nil {
		grid = Alphas
	}
	at := 0
	for at < len(grid) && grid[at] < alpha {
		at++
	}
	if at < len(grid) && grid[at] == alpha || math.IsNaN(alpha) {
		return grid
	}
	return slices.Insert(slices.Clone(grid), at, alpha)
}
