package compare

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"

	"github.com/noiseprobe/noiseprobe/analysis/document"
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
//
// Cells also differ in the training loss at the checkpoint, on which tr Sigma depends by itself: some runs stop just below L**, others far below
// it. Where the losses differ by more than the margin of ratios there is a second fit, with the mean log loss as one more term, and a verdict other
// than undecided needs the same of both: at equal B_eff, and at equal B_eff and loss.
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
	// LargestF is the f that differs most from 1, as a ratio, and Ratio is tr Sigma at that f over tr Sigma of plain SGD at the same B_eff: LargestF^d.
	LargestF estimate.Number   `json:"largest_f"`
	Ratio    estimate.Number   `json:"ratio"`
	RatioCI  estimate.Interval `json:"ratio_ci"`
	// Equivalence tests Ratio against the margin of ratios.
	Equivalence Equivalence `json:"equivalence"`
	// ResidualSD is the standard deviation of the residuals of y, with the divisor DF.
	ResidualSD estimate.Number `json:"residual_sd"`
	// LossRatio is the largest over the smallest training loss of a cell, undefined where some cell has none. AtLoss is the second fit.
	LossRatio estimate.Number `json:"loss_ratio"`
	AtLoss    AtLoss          `json:"at_loss"`
	Verdict   string          `json:"verdict"`
	Reason    string          `json:"reason"`
}

// AtLoss holds the loss equal: y = c + s log B_eff + d log f + l log loss.
type AtLoss struct {
	// LogF is d, LogLoss is l, and Ratio is LargestF^d.
	LogF    Coefficient       `json:"log_f"`
	LogLoss Coefficient       `json:"log_loss"`
	Ratio   estimate.Number   `json:"ratio"`
	RatioCI estimate.Interval `json:"ratio_ci"`
	Verdict string            `json:"verdict"`
	// Reason says why there is no such fit.
	Reason string `json:"reason"`
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
	var x, atLoss [][]float64
	var y, losses []float64
	largest := 1.0
	for _, c := range g.Cells {
		values, _ := q.values(g, c)
		if len(values) == 0 {
			continue
		}
		w.Cells, w.Runs = w.Cells+1, w.Runs+len(values)
		row, loss := []float64{1, math.Log(c.BEff()), math.Log(c.F())}, g.logLoss(c, q)
		x, atLoss, losses = append(x, row), append(atLoss, append(slices.Clone(row), loss)), append(losses, loss)
		y = append(y, momentsOf(onScale(values, Log)).mean)
		if math.Abs(math.Log(c.F())) > math.Abs(math.Log(largest)) {
			largest = c.F()
		}
	}
	fit, reason := leastSquares(x, y)
	if reason != "" {
		w.Reason = reason
		return w
	}
	w.DF = fit.df
	w.LogBEff, w.LogF, w.LogFAtB = fit.coefficient(0, 1, 0), fit.coefficient(0, 0, 1), fit.coefficient(0, -1, 1)
	w.LargestF, w.ResidualSD = estimate.Number(largest), estimate.Number(fit.residualSD)
	ratio := fit.ratioAt(largest)
	w.Ratio, w.RatioCI, w.Equivalence = ratio.Value, ratio.CI, ratio.EqualWithin(s.margin(q))
	w.Equivalence.PHolm = w.Equivalence.PValue // a family of one
	w.Verdict = onNoise(w.LogF, w.Equivalence)
	w.LossRatio = estimate.Number(math.Exp(slices.Max(losses) - slices.Min(losses)))
	if w.lossDiffers() {
		w.AtLoss = fitAtLoss(atLoss, y, largest, s.margin(q))
		if w.AtLoss.Verdict != w.Verdict {
			w.Verdict = Undecided
		}
	}
	return w
}

// lossDiffers reports whether cells are known to differ in their training losses.
func (w WeakNoise) lossDiffers() bool { return w.LossRatio > 1+w.Equivalence.Margin }

// lossNotes warn of comparisons of the noise that do not hold the loss equal.
func lossNotes(all []WeakNoise) []string {
	largest := estimate.Number(0)
	for _, w := range all {
		if w.lossDiffers() {
			largest = max(largest, w.LossRatio)
		}
	}
	if largest == 0 {
		return nil
	}
	return []string{fmt.Sprintf("At the last checkpoint the training loss differs %s times between cells: differences of the noise there may be those of the loss.",
		document.Significant(float64(largest)))}
}

func fitAtLoss(x [][]float64, y []float64, largest, margin float64) AtLoss {
	fit, reason := leastSquares(x, y)
	if reason != "" {
		return unknownAtLoss(reason)
	}
	ratio := fit.ratioAt(largest)
	a := AtLoss{LogF: fit.coefficient(0, 0, 1, 0), LogLoss: fit.coefficient(0, 0, 0, 1), Ratio: ratio.Value, RatioCI: ratio.CI}
	equal := ratio.EqualWithin(margin)
	equal.PHolm = equal.PValue
	a.Verdict = onNoise(a.LogF, equal)
	return a
}

// onNoise is the verdict on the exponent of f.
func onNoise(f Coefficient, equal Equivalence) string {
	verdict := verdictOf(f.PValue, equal.PHolm)
	switch {
	case verdict != Different:
		return verdict
	case f.Value > 0:
		return Stronger
	}
	return Weaker
}

// logLoss is the mean log training loss at the last checkpoint of the runs that a quantity is averaged over; NaN where one of them has none.
func (g *Group) logLoss(c *Cell, q Quantity) float64 {
	sum, n := 0.0, 0.0
	for _, r := range g.counted(c, q) {
		if math.IsNaN(q.value(r)) {
			continue
		}
		loss := float64(r.last().TrainLoss)
		if !(loss > 0) || math.IsInf(loss, 0) {
			return math.NaN()
		}
		sum, n = sum+math.Log(loss), n+1
	}
	return sum / n
}

var noCoefficient = Coefficient{estimate.Undefined(), estimate.None(), estimate.Undefined()}

func unknownNoise(q Quantity, converging bool, margin float64) WeakNoise {
	return WeakNoise{
		Quantity: q.Key, Evidence: q.Evidence, AtConvergence: converging, LogBEff: noCoefficient, LogF: noCoefficient, LogFAtB: noCoefficient,
		LargestF: estimate.Undefined(), Ratio: estimate.Undefined(), RatioCI: estimate.None(), ResidualSD: estimate.Undefined(), Verdict: Undecided,
		Equivalence: Equivalence{estimate.Number(margin), estimate.Undefined(), estimate.Undefined()},
		LossRatio:   estimate.Undefined(), AtLoss: unknownAtLoss(""),
	}
}

func unknownAtLoss(reason string) AtLoss {
	return AtLoss{LogF: noCoefficient, LogLoss: noCoefficient, Ratio: estimate.Undefined(), RatioCI: estimate.None(), Verdict: Undecided, Reason: reason}
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
	if len(y) == 0 {
		return fitted{}, "no cell has it"
	}
	n, p := len(y), len(x[0])
	if n <= p {
		return fitted{}, fmt.Sprintf("%d cells, more than %d are needed", n, p)
	}
	design := mat.NewDense(n, p, nil)
	for i, row := range x {
		design.SetRow(i, row)
	}
	var gram, inverse mat.Dense
	gram.Mul(design.T(), design)
	if !(mat.Cond(&gram, 2) <= 1e10) || inverse.Inverse(&gram) != nil {
		return fitted{}, notIndependent(p)
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

func notIndependent(terms int) string {
	if terms > 3 {
		return "the loss does not vary independently of alpha and B"
	}
	return "alpha and B do not vary independently: the grid needs several B and several alphas"
}

// ratioAt is f^d, with the logarithm of f as the third term.
func (f fitted) ratioAt(factor float64) Difference {
	weights := make([]float64, f.beta.Len())
	weights[2] = math.Log(factor)
	value, se := f.combination(weights)
	return differenceOf(Log, value, se, float64(f.df))
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
