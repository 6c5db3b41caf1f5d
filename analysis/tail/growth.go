package tail

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"

	"github.com/noiseprobe/noiseprobe/analysis/estimate"
	"github.com/noiseprobe/noiseprobe/internal/parallel"
)

// design says how draws are grouped. Groups of consecutive draws have only the means of the coordinates in common, so that their results are
// treated as independent, whatever the dependence between coordinates.
type design struct {
	groups, size int // draws in a group
	levels       int // block sizes 1, 2, 4, ..., 2^(levels-1)
}

// fewestDraws gives 8 groups of 16 draws, and blocks of 1, 2 and 4.
const fewestDraws = 128

// largestBlock is small enough to leave many large blocks for the comparison with small ones.
const largestBlock = 32

// newDesign has 8 groups, 16 from 1024 draws on. The largest block is at most 32, sqrt(draws) and a quarter of a group, so that
// coordinates with zeros still fill one.
func newDesign(draws int) design {
	d := design{groups: 8}
	if draws >= 1024 {
		d.groups = 16
	}
	d.size = draws / d.groups
	for k := 1; k <= largestBlock && k*k <= draws && 4*k <= d.size; k *= 2 {
		d.levels++
	}
	return d
}

// middle is the level that divides small blocks from large ones.
func (d design) middle() int { return (d.levels - 1) / 2 }

// growth holds mean log|Y_K| for every group and level, over the coordinates in use.
type growth struct {
	design
	mean [][]float64
	used int // coordinates in use
}

// measure adds up blocks along the draws of each coordinate, from its non-zero values less their mean. The scale of a coordinate adds the
// same number at every level, and cancels in differences of levels. Coordinates that do not fill one largest block in every group, or
// have a block sum of exactly 0, are left out.
func (d design) measure(m Matrix) growth {
	g := growth{design: d, mean: make([][]float64, d.groups)}
	byColumn := make([][]float64, m.Coordinates)
	parallel.For(m.Coordinates, 8, func(lo, hi int) {
		for j := lo; j < hi; j++ {
			byColumn[j] = d.column(m.column(j))
		}
	})
	for group := range g.mean {
		g.mean[group] = make([]float64, d.levels)
	}
	for _, c := range byColumn {
		if c == nil {
			continue
		}
		g.used++
		for i, v := range c {
			g.mean[i/d.levels][i%d.levels] += v
		}
	}
	for _, row := range g.mean {
		for level := range row {
			row[level] /= float64(g.used)
		}
	}
	return g
}

// column is mean log|Y_K| of one coordinate by group and level; nil if the coordinate is left out.
func (d design) column(x []float64) []float64 {
	largest := 1 << (d.levels - 1)
	mean := stat.Mean(nonZero(x), nil)
	var out []float64
	for group := range d.groups {
		part := nonZero(x[group*d.size : (group+1)*d.size])
		part = part[:len(part)/largest*largest]
		for i := range part {
			part[i] -= mean
		}
		for range d.levels {
			v := meanLogAbs(part)
			if math.IsNaN(v) || math.IsInf(v, 0) {
				return nil
			}
			out = append(out, v)
			part = pairSums(part)
		}
	}
	return out
}

// nonZero returns a copy of x without its zeros.
func nonZero(x []float64) []float64 { return slices.DeleteFunc(slices.Clone(x), isZero) }

// pairSums adds neighbours in place.
func pairSums(x []float64) []float64 {
	for i := range len(x) / 2 {
		x[i] = x[2*i] + x[2*i+1]
	}
	return x[:len(x)/2]
}

// slopes is 1/alpha between two levels for each group.
func (g growth) slopes(from, to int) []float64 {
	s := make([]float64, g.groups)
	for i, row := range g.mean {
		s[i] = (row[to] - row[from]) / (float64(to-from) * math.Ln2)
	}
	return s
}

// meanInterval is the mean of independent values and Student's interval.
func meanInterval(x []float64, level float64) (mean float64, ci estimate.Interval) {
	mean, sd := stat.MeanStdDev(x, nil)
	n := float64(len(x))
	t := distuv.StudentsT{Mu: 0, Sigma: 1, Nu: n - 1}.Quantile(0.5 + level/2)
	return mean, estimate.Around(mean, t*sd/math.Sqrt(n))
}
