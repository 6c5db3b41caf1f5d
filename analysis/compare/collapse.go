package compare

import (
	"fmt"
	"math"
	"slices"

	"github.com/noiseprobe/noiseprobe/analysis/estimate"
)

// Collapse says whether the curves of a quantity for all alphas coincide: against B, and against B_eff = B / f.
type Collapse struct {
	Quantity string `json:"quantity"`
	Evidence string `json:"evidence"`
	// ReferenceAlpha is 1, or the smallest alpha where there is no plain SGD.
	ReferenceAlpha float64 `json:"reference_alpha"`
	// Size is the size of the family at equal B_eff: the number of alphas that have a test there. At equal B it may differ.
	Size int        `json:"size"`
	B    []Distance `json:"b"`
	BEff []Distance `json:"b_eff"`
	// Verdict is about equal B_eff, all alphas together: different if any is, equal if all are.
	Verdict string `json:"verdict"`
}

// Distance is how far the curve of alpha lies above that of the reference, on average over the range that both cover:
//
//	D = 1/(b - a)  integral from a to b of (y_alpha(x) - y_ref(x)) dx        x = log B, or log B_eff
//
// in which y_alpha is the piecewise linear curve through the means of its cells, on the scale of the quantity, and [a, b] the overlap of the
// two ranges of x; where that is a single x, D is the difference there. D is linear in the means of the cells, so that its error and
// degrees of freedom are Satterthwaite's for independent samples of unequal variances, and its interval and tests those of Student's t.
// That cells share seeds is not used: an effect of a seed that is the same in all cells cancels in D, and the interval is then too wide,
// not too narrow. The bias of the interpolation, of the order of the curvature between neighbouring cells, is not corrected.
type Distance struct {
	Alpha float64 `json:"alpha"`
	// From and To are the overlap, in samples, and Cells the number of cells whose means enter.
	From  estimate.Number `json:"from"`
	To    estimate.Number `json:"to"`
	Cells int             `json:"cells"`
	Tested
	// Reason says why there is no distance, or no test.
	Reason string `json:"reason"`
}

// MethodCombination names the test of a weighted sum of means.
const MethodCombination = "Satterthwaite t"

// knot is a cell on a curve.
type knot struct {
	x      float64
	sample moments
}

// curve is the cells of one alpha by ascending x.
type curve []knot

func (g *Group) curve(q Quantity, alpha float64, x func(*Cell) float64) curve {
	var k curve
	for _, c := range g.Cells {
		if c.Alpha != alpha {
			continue
		}
		values, _ := q.values(g, c)
		if m := momentsOf(onScale(values, q.Scale)); m.n > 0 {
			k = append(k, knot{math.Log(x(c)), m})
		}
	}
	return k // cells of one alpha are ordered by B, and so by B_eff
}

// tiny is by how much log B and log B_eff of equal sizes may differ, by rounding.
const tiny = 1e-9

// at adds factor times the weights of the cells in the value of the curve at x, which lies in its range. At a knot that is the value of one cell.
func (k curve) at(x, factor float64, weights []float64) {
	i := 0
	for i < len(k)-1 && k[i+1].x <= x+tiny {
		i++
	}
	if i == len(k)-1 || x <= k[i].x+tiny {
		weights[i] += factor
		return
	}
	right := (x - k[i].x) / (k[i+1].x - k[i].x)
	weights[i] += float64(factor * (1 - right))
	weights[i+1] += float64(factor * right)
}

// mean gives the weights of the cells in the mean of the curve from the first knot to the last. It is exact, as the curve is straight between knots.
func (k curve) mean(knots []float64) []float64 {
	weights := make([]float64, len(k))
	if len(knots) == 1 {
		k.at(knots[0], 1, weights)
		return weights
	}
	length := knots[len(knots)-1] - knots[0]
	for i := 1; i < len(knots); i++ {
		half := (knots[i] - knots[i-1]) / length / 2
		k.at(knots[i-1], half, weights)
		k.at(knots[i], half, weights)
	}
	return weights
}

// overlap is the knots of two curves within the range that both cover, with the ends of this range; nil where there is no such range.
func overlap(a, b curve) []float64 {
	if len(a) == 0 || len(b) == 0 {
		return nil
	}
	lo, hi := max(a[0].x, b[0].x), min(a[len(a)-1].x, b[len(b)-1].x)
	if lo > hi+tiny {
		return nil
	}
	hi = max(lo, hi)
	knots := []float64{lo}
	if hi > lo+tiny {
		knots = append(knots, hi)
		for _, k := range slices.Concat(a, b) {
			if k.x > lo && k.x < hi {
				knots = append(knots, k.x)
			}
		}
	}
	slices.Sort(knots)
	return knots
}

// distance is that of curve a from the reference b.
func distance(a, b curve, scale Scale) (d Difference, knots []float64, cells int) {
	knots = overlap(a, b)
	if knots == nil {
		return differenceOf(scale, math.NaN(), math.NaN(), math.NaN()), nil, 0
	}
	var terms []term
	for i, w := range a.mean(knots) {
		terms = append(terms, term{w, a[i].sample})
	}
	for i, w := range b.mean(knots) {
		terms = append(terms, term{-w, b[i].sample})
	}
	value, se, df := combine(terms)
	d = differenceOf(scale, value, se, df)
	d.N, d.NReference = runsIn(terms, 1), runsIn(terms, -1)
	for _, t := range terms {
		if t.weight != 0 {
			cells++
		}
	}
	return d, knots, cells
}

// runsIn counts the runs of the terms whose weight has the given sign.
func runsIn(terms []term, sign float64) int {
	n := 0
	for _, t := range terms {
		if t.weight*sign > 0 {
			n += t.sample.n
		}
	}
	return n
}

// collapse measures the distances of all other alphas from the reference.
func (g *Group) collapse(q Quantity, s Settings) Collapse {
	out := Collapse{
		Quantity: q.Key, Evidence: q.Evidence, ReferenceAlpha: g.referenceAlpha(),
		B: g.distances(q, s, func(c *Cell) float64 { return float64(c.Batch) }), BEff: g.distances(q, s, (*Cell).BEff),
	}
	for _, d := range out.BEff {
		if d.PValue.Defined() {
			out.Size++
		}
	}
	out.Verdict = together(out.BEff)
	return out
}

func (g *Group) referenceAlpha() float64 {
	alphas := g.Alphas()
	if slices.Contains(alphas, 1) {
		return 1
	}
	return alphas[0]
}

func (g *Group) distances(q Quantity, s Settings, x func(*Cell) float64) []Distance {
	rows := []Distance{}
	reference := g.referenceAlpha()
	ref := g.curve(q, reference, x)
	for _, alpha := range g.Alphas() {
		if alpha == reference {
			continue
		}
		row := Distance{Alpha: alpha, From: estimate.Undefined(), To: estimate.Undefined()}
		var knots []float64
		row.Difference, knots, row.Cells = distance(g.curve(q, alpha, x), ref, q.Scale)
		row.Method = MethodCombination
		row.Equivalence = row.EqualWithin(s.margin(q))
		if len(knots) > 0 {
			row.From, row.To = estimate.Number(math.Exp(knots[0])), estimate.Number(math.Exp(knots[len(knots)-1]))
		}
		row.Reason = row.reason(reference)
		rows = append(rows, row)
	}
	var tests []*Tested
	for i := range rows {
		tests = append(tests, &rows[i].Tested)
	}
	Judge(tests)
	return rows
}

func (d Distance) reason(reference float64) string {
	switch {
	case d.PValue.Defined():
		return ""
	case !d.From.Defined():
		return fmt.Sprintf("no range in common with alpha = %s", short(reference))
	case d.N+d.NReference <= d.Cells:
		return "one seed"
	}
	return "a cell has one seed, or no cell has any spread"
}

// together is the verdict on all alphas: different if any is, after Holm's correction; equal only if each is by its own test, an
// intersection-union test, which needs no correction (Berger, Technometrics 24 (1982)).
func together(rows []Distance) string {
	equal := len(rows) > 0
	for _, d := range rows {
		if d.Verdict == Different {
			return Different
		}
		equal = equal && d.Equivalence.PValue <= Level
	}
	if equal {
		return Equal
	}
	return Undecided
}
