package compare

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/noiseprobe/noiseprobe/analysis/estimate"
)

// WeakNoise answers the question of Section 4 of the paper: how tr Sigma at the end of training depends on alpha and B. Over the cells, with
// y the mean of log tr Sigma over the seeds of a cell,
//
//	y = c + s log B_eff + d log f        log B_eff = log B - log f
//
// by least squares with equal weights. At fixed B_eff, tr Sigma grows as f^d: with larger alpha the noise is stronger (d > 0) or weaker
// (d < 0) than that of plain SGD with the same B_eff. At fixed B it grows as f^(d - s). Intervals are Student's with cells - 3 degrees of
// freedom and the standard errors HC3, which allow for cells of unequal variances (MacKinnon and White, Journal of Econometrics 29 (1985))
// and include the departure of the cells from the fit.
type WeakNoise struct {
	Quantity string `json:"quantity"`
	Evidence string `json:"evidence"`
	// AtConvergence is false where no run stopped at convergence: tr Sigma is then that of the last checkpoint, wherever training was.
	AtConvergence bool `json:"at_convergence"`
	Cells         int  `json:"cells"`
	Runs          int  `json:"runs"`
	DF            int  `json:"df"`
	// LogBEff is s, LogF is d, and LogFAtB is d - s.
	LogBEff Coefficient `json:"log_b_eff"`
	LogF    Coefficient `json:"log_f"`
	LogFAtB Coefficient `json:"log_f_at_b"`
	// LargestF is the largest f, and Ratio is tr Sigma at that f over tr Sigma of plain SGD at the same B_eff: LargestF^d.
	LargestF estimate.Number   `json:"largest_f"`
	Ratio    estimate.Number   `json:"ratio"`
	RatioCI  estimate.Interval `json:"ratio_ci"`
	// Equivalence tests Ratio against the margin of ratios.
	Equivalence Equivalence `json:"equivalence"`
	// ResidualSD is the standard deviation of the residuals of y, with the divisor DF.
	ResidualSD estimate.Number `json:"residual_sd"`
	Verdict    string          `json:"verdict"`
	Reason     string          `json:"reason"`
}

// Coefficient is a slope with its interval and the p-value of the slope 0.
type Coefficient struct {
	Value  estimate.Number   `json:"value"`
	CI     estimate.Interval `json:"ci"`
	PValue estimate.Number   `json:"p_value"`
}

// The verdicts on the noise at fixed B_eff as alpha grows away from 1.
const (
	Stronger = "stronger"
	Weaker   = "weaker"
)

// weakNoise fits both estimates of tr Sigma. The direct one comes first, which was decided before any data, since it sees more samples.
func (g *Group) weakNoise(s Settings) []WeakNoise {
	var out []WeakNoise
	for _, q := range g.Quantities() {
		if q.Key == "trace_direct" || q.Key == "trace_units" {
			out = append(out, g.fitTrace(q, s))
		}
	}
	return out
}

func (g *Group) fitTrace(q Quantity, s Settings) WeakNoise {
	w := unknownNoise(q, g.Converging(), s.margin(q))
	var x [][]float64
	var y []float64
	largest := 0.0
	for _, c := range g.Cells {
		values, _ := q.values(g, c)
		if len(values) == 0 {
			continue
		}
		w.Cells, w.Runs = w.Cells+1, w.Runs+len(values)
		x, y = append(x, []float64{1, math.Log(c.BEff()), math.Log(c.F())}), append(y, momentsOf(onScale(values, Log)).mean)
		largest = max(largest, c.F())
	}
	fit, reason := leastSquares(x, y)
	if reason != "" {
		w.Reason = reason
		return w
	}
	w.DF = fit.df
	w.LogBEff, w.LogF, w.LogFAtB = fit.coefficient(0, 1, 0), fit.coefficient(0, 0, 1), fit.coefficient(0, -1, 1)
	w.LargestF, w.ResidualSD = estimate.Number(largest), estimate.Number(fit.residualSD)
	value, se := fit.combination([]float64{0, 0, math.Log(largest)})
	ratio := differenceOf(Log, value, se, float64(fit.df))
	w.Ratio, w.RatioCI, w.Equivalence = ratio.Value, ratio.CI, ratio.EqualWithin(s.margin(q))
	w.Equivalence.PHolm = w.Equivalence.PValue // a family of one
	w.Verdict = verdictOf(w.LogF.PValue, w.Equivalence.PHolm)
	if w.Verdict == Different {
		w.Verdict = map[bool]string{true: Stronger, false: Weaker}[w.LogF.Value > 0]
	}
	return w
}

func unknownNoise(q Quantity, converging bool, margin float64) WeakNoise {
	none := Coefficient{estimate.Undefined(), estimate.None(), estimate.Undefined()}
	return WeakNoise{
		Quantity: q.Key, Evidence: q.Evidence, AtConvergence: converging, LogBEff: none, LogF: none, LogFAtB: none,
		LargestF: estimate.Undefined(), Ratio: estimate.Undefined(), RatioCI: estimate.None(), ResidualSD: estimate.Undefined(), Verdict: Undecided,
		Equivalence: Equivalence{estimate.Number(margin), estimate.Undefined(), estimate.Undefined()},
	}
}

// fitted is a linear fit with the covariance HC3 of its coefficients.
type fitted struct {
	beta       *mat.VecDense
	covariance *mat.Dense
	df         int
	residualSD float64
}

// leastSquares fits y = x beta, or says why it cannot. With H the hat matrix and e the residuals,
//
//	Cov beta = (X^T X)^-1 X^T diag(e_i^2 / (1 - H_ii)^2) X (X^T X)^-1
func leastSquares(x [][]float64, y []float64) (fitted, string) {
	n, p := len(y), 3
	if n <= p {
		return fitted{}, fmt.Sprintf("%d cells, more than %d are needed", n, p)
	}
	design := mat.NewDense(n, p, nil)
	for i, row := range x {
		design.SetRow(i, row)
	}
	var gram, inverse mat.Dense
	gram.Mul(design.T(), design)
	if mat.Cond(&gram, 2) > 1e10 || inverse.Inverse(&gram) != nil {
		return fitted{}, "alpha and B do not vary independently: the grid needs several B and several alphas"
	}
	var moments, beta mat.VecDense
	moments.MulVec(design.T(), mat.NewVecDense(n, y))
	beta.MulVec(&inverse, &moments)
	weighted := mat.NewDense(n, p, nil)
	squares := 0.0
	for i, row := range x {
		v := mat.NewVecDense(p, row)
		e, leverage := y[i]-mat.Dot(v, &beta), mat.Inner(v, &inverse, v)
		if leverage > 1-1e-9 {
			return fitted{}, "one cell alone determines a slope, which then has no standard error"
		}
		squares += float64(e * e)
		for j := range p {
			weighted.Set(i, j, row[j]*e/(1-leverage))
		}
	}
	var middle, covariance mat.Dense
	middle.Mul(weighted.T(), weighted)
	covariance.Product(&inverse, &middle, &inverse)
	return fitted{&beta, &covariance, n - p, math.Sqrt(squares / float64(n-p))}, ""
}

// coefficient is the combination of the coefficients with these weights.
func (f fitted) coefficient(weights ...float64) Coefficient {
	value, se := f.combination(weights)
	d := differenceOf(Linear, value, se, float64(f.df))
	return Coefficient{d.Value, d.CI, d.PValue}
}

func (f fitted) combination(weights []float64) (value, se float64) {
	w := mat.NewVecDense(len(weights), weights)
	return mat.Dot(w, f.beta), math.Sqrt(mat.Inner(w, f.covariance, w))
}
