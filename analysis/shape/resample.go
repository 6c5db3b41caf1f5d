package analysis

import (
	"fmt"
	"math"
	"slices"

	"github.com/noiseprobe/noiseprobe/analysis/enhancement"
	"github.com/noiseprobe/noiseprobe/analysis/estimate"
	"github.com/noiseprobe/noiseprobe/analysis/normality"
	"github.com/noiseprobe/noiseprobe/analysis/report"
	"github.com/noiseprobe/noiseprobe/internal/parallel"
	"github.com/noiseprobe/noiseprobe/internal/seed"
	"github.com/noiseprobe/noiseprobe/noise"
	"github.com/noiseprobe/noiseprobe/probe"
)

const (
	// leadingDirections is the number of eigenvectors of the covariance that the noise is projected onto.
	leadingDirections = 3
	// pursuitDirections is the number of eigenvectors among whose combinations the least Gaussian one is sought.
	pursuitDirections = 8

	leadingAxis = "noise top1"
	randomAxis  = "noise random1"
	pursuedAxis = "noise pursued"
)

// arm is one way to draw minibatches: NE at B, SGD at B, or SGD at B_eff.
type arm struct {
	alpha float64
	batch int
}

// axis holds, for one direction, the numbers that minibatches are drawn from and the noise drawn along it for every arm.
type axis struct {
	name  string
	units []float64 // one a judged unit, centred
	draws [][]float64
}

// shape is the noise of resampled minibatches along a few directions.
type shape struct {
	arms    []arm
	axes    []axis
	pursuit *report.Pursuit // nil where nothing could be sought
	effort  effort
}

// drawShape projects the units onto directions and draws minibatches from them, with replacement. The directions that the
// data choose, the leading eigenvectors and the mean gradient, come from one random half of the units; all draws are from the
// other half, which had no part in choosing them.
func drawShape(u *probe.Units, s Settings) shape {
	chosen, judged := halves(u.N, s.Seed)
	sh := shape{arms: armsOf(s), effort: s.effort()}
	scores := leadingScores(u, chosen, judged)
	for k, units := range scores.judged[:min(leadingDirections, len(scores.judged))] {
		sh.axes = append(sh.axes, axis{name: fmt.Sprintf("noise top%d", k+1), units: units})
	}
	if units := meanProjection(u, chosen, judged); units != nil {
		sh.axes = append(sh.axes, axis{name: "noise mean-gradient", units: units})
	}
	for _, p := range u.Projections {
		sh.axes = append(sh.axes, axis{name: "noise " + p.Name, units: pick(p.Values, judged)})
	}
	if p := scores.pursue(s.Seed); p != nil {
		sh.pursuit = &report.Pursuit{Directions: len(p.Direction), Pursuit: *p}
		sh.axes = append(sh.axes, axis{name: pursuedAxis, units: scores.along(p.Direction)})
	}
	for i := range sh.axes {
		centre(sh.axes[i].units)
		sh.axes[i].draws = make([][]float64, len(sh.arms))
	}
	for k := range sh.arms {
		sh.draw(k, len(judged), s.Seed, u.Step)
	}
	return sh
}

// armsOf are NE at B, SGD at B and SGD at B_eff rounded; fewer where they coincide or B_eff rounds to none.
func armsOf(s Settings) []arm {
	arms := []arm{{s.Alpha, s.Batch}}
	if s.Alpha == 1 {
		return arms
	}
	arms = append(arms, arm{1, s.Batch})
	m, _ := s.match()
	if m.Effective >= 1 && m.Effective != s.Batch {
		arms = append(arms, arm{1, m.Effective})
	}
	return arms
}

func halves(n int, root uint64) (first, second []int) {
	order := seed.New(root, "halves of the units").Perm(n)
	first, second = order[:n/2], order[n/2:]
	slices.Sort(first)
	slices.Sort(second)
	return first, second
}

// doubleCentre takes the means of its row and column from every element of the symmetric n×n matrix gram, and adds that of all.
func doubleCentre(n int, gram []float64) {
	mean := make([]float64, n)
	total := 0.0
	for i := range n {
		for _, v := range gram[i*n : (i+1)*n] {
			mean[i] += v / float64(n)
		}
		total += mean[i] / float64(n)
	}
	for i := range n {
		for j := range n {
			gram[i*n+j] -= mean[i] + mean[j] - total
		}
	}
}

// meanProjection returns the judged units' projections onto the mean gradient of the chosen ones, up to a constant:
//
//	(1/n1) sum_i (g_i - gbar) . g_j + gbar . g_j    over the chosen i
//
// It is nil where the mean is 0.
func meanProjection(u *probe.Units, chosen, judged []int) []float64 {
	p := make([]float64, len(judged))
	anything := false
	for b, j := range judged {
		row, sum := u.Centred[j*u.N:(j+1)*u.N], 0.0
		for _, i := range chosen {
			sum += row[i] + u.MeanDot[i] - u.MeanNormSq
		}
		p[b] = u.MeanDot[j]
		if len(chosen) > 0 {
			p[b] += sum / float64(len(chosen))
		}
		anything = anything || p[b] != 0
	}
	if !anything {
		return nil
	}
	return p
}

func pick(x []float64, index []int) []float64 {
	out := make([]float64, len(index))
	for i, j := range index {
		out[i] = x[j]
	}
	return out
}

func centre(x []float64) {
	mean := 0.0
	for _, v := range x {
		mean += v / float64(len(x))
	}
	for i := range x {
		x[i] -= mean
	}
}

// addTo describes every direction and arm, beside the exact prediction for draws from these units, and the tails.
func (sh shape) addTo(c *report.Checkpoint) {
	rows := make([]report.Normality, len(sh.axes)*len(sh.arms))
	parallel.For(len(rows), 1, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			rows[i] = sh.describe(i/len(sh.arms), i%len(sh.arms))
		}
	})
	c.Normality = append(c.Normality, rows...)
	sh.addTails(c)
}

func (sh shape) describe(axis, k int) report.Normality {
	ax, a := sh.axes[axis], sh.arms[k]
	row := describe(ax.name, report.AxisDraws, ax.draws[k], sh.effort)
	row.Evidence, row.Standardised = enhancement.Resampled, true
	row.Alpha, row.Batch = &a.alpha, &a.batch
	m := noise.Moments(noise.Replacement, noise.NewPopulation(ax.units), a.batch, a.alpha)
	row.SkewnessPredicted = estimate.Number(m.Skewness())
	row.ExcessKurtosisPredicted = estimate.Number(m.ExcessKurtosis())
	return row
}

// leading is the standardised noise along the leading eigenvector, arm by arm; nil where there is none.
func (sh shape) leading() (draws [3][]float64) {
	if len(sh.axes) == 0 || sh.axes[0].name != leadingAxis {
		return draws
	}
	place := func(k int) int { // SGD runs have no NE arm
		if sh.arms[0].alpha == 1 {
			return k + 1
		}
		return k
	}
	for k, x := range sh.axes[0].draws {
		draws[place(k)] = standardise(x)
	}
	return draws
}

// standardise divides draws of mean 0 by their standard deviation; it is nil where that is 0.
func standardise(x []float64) []float64 {
	squares := 0.0
	for _, v := range x {
		squares += v * v / float64(len(x))
	}
	if squares == 0 {
		return nil
	}
	out := make([]float64, len(x))
	for i, v := range x {
		out[i] = v / math.Sqrt(squares)
	}
	return out
}

// describe makes a row of moments and tests for a sample; every row is made here.
func describe(of, axis string, x []float64, e effort) report.Normality {
	m := normality.Describe(x)
	return report.Normality{
		Of: of, Axis: axis, Evidence: recorded, N: len(x),
		SkewnessG1: m.Skewness.Biased, SkewnessPredicted: estimate.Undefined(), SkewnessCI: m.Skewness.CI,
		ExcessKurtosisG2: m.ExcessKurtosis.Biased, ExcessKurtosisPredicted: estimate.Undefined(),
		ExcessKurtosisCeiling: m.ExcessKurtosis.Ceiling, CI: m.ExcessKurtosis.CI,
		GaussianSurrogate: gaussianKurtosis(len(x), e.replicates(kurtosisReplicates)),
		Tests:             []normality.Test{normality.JarqueBera(x), normality.AndersonDarling(x)},
	}
}
