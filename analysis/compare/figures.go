package compare

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/noiseprobe/noiseprobe/analysis/document"
	"github.com/noiseprobe/noiseprobe/analysis/estimate"
	"github.com/noiseprobe/noiseprobe/analysis/figure"
)

// Figures are those of all groups: every quantity against B and against B_eff, and the curves at equal steps and at equal samples read.
// The names of several groups begin with group1-, group2-, ...
func (c *Comparison) Figures() []figure.Figure {
	var all []figure.Figure
	for i, r := range c.Groups {
		prefix := figurePrefix(c, i)
		for _, q := range r.quantities {
			if q.Tested && r.known(q.Key) {
				all = append(all, r.against(prefix, q, false), r.against(prefix, q, true))
			}
		}
		for _, curves := range []Curves{r.EqualSteps, r.EqualSamples} {
			all = append(all, r.curveFigures(prefix, curves)...)
		}
	}
	return all
}

func figurePrefix(c *Comparison, i int) string {
	if len(c.Groups) == 1 {
		return ""
	}
	return fmt.Sprintf("group%d-", i+1)
}

// against draws the means of the cells against B or B_eff, one curve for each alpha.
func (r Result) against(prefix string, q Quantity, effective bool) figure.Figure {
	f := figure.Figure{
		Name: prefix + q.Key + "-b", Title: sentence(q.Label) + " against B", XLabel: "B", YLabel: q.Label, LogX: true, LogY: q.Scale == Log,
		Caption: fmt.Sprintf("Means over %s of each alpha and B%s.", r.seeds(), figure.WithIntervals),
		Empty:   "no run has this quantity", Finding: r.distanceFinding(q, effective),
	}
	if effective {
		f.Name, f.Title, f.XLabel = prefix+q.Key+"-b-eff", sentence(q.Label)+" against B_eff", "B_eff = B / f"
		f.Caption += " If only the covariance of the noise matters, the curves of all alphas coincide."
	}
	scale := 1.0
	if q.Fraction {
		scale, f.YLabel = 100, q.Label+" (%)"
	}
	for _, c := range r.Cells {
		name := "alpha = " + short(c.Alpha)
		at := slices.IndexFunc(f.Series, func(s figure.Series) bool { return s.Name == name })
		if at < 0 {
			at, f.Series = len(f.Series), append(f.Series, figure.Series{Name: name, Kind: figure.Track})
		}
		x := float64(c.Batch)
		if effective {
			x = c.BEff
		}
		add(&f.Series[at], x, c.quantity(q.Key).Estimate, scale)
	}
	return f
}

// seeds counts those of the cells, in words.
func (r Result) seeds() string {
	fewest, most := math.MaxInt, 0
	for _, c := range r.Cells {
		fewest, most = min(fewest, len(c.Seeds)), max(most, len(c.Seeds))
	}
	if fewest < most {
		return fmt.Sprintf("%d to %d seeds", fewest, most)
	}
	return document.Plural(most, "seed")
}

// distanceFinding is the distance of the curve of the largest alpha from that of the reference, and what it decides.
func (r Result) distanceFinding(q Quantity, effective bool) string {
	for _, c := range r.Collapse {
		rows, at := c.B, "B"
		if effective {
			rows, at = c.BEff, "B_eff"
		}
		if c.Quantity != q.Key || len(rows) == 0 {
			continue
		}
		d := rows[len(rows)-1]
		against := fmt.Sprintf("alpha %s against %s at equal %s", short(d.Alpha), short(c.ReferenceAlpha), at)
		if !d.Value.Defined() {
			return "not comparable at equal " + at + ": " + d.Reason
		}
		if d.Reason != "" {
			return fmt.Sprintf("%s: %s, without a test, since %s", against, r.amount(q.Key, d.Difference), d.Reason)
		}
		return fmt.Sprintf("%s: %s, %s", against, r.amount(q.Key, d.Difference), r.verdict(q.Key, d.Verdict))
	}
	return "one alpha, so that nothing is compared"
}

func add(s *figure.Series, x float64, e Estimate, scale float64) {
	if tooWide(e.Scale, false, e.CI) {
		e.CI = estimate.None()
	}
	s.X, s.Y = append(s.X, x), append(s.Y, scale*float64(e.Mean))
	s.Lo, s.Hi = append(s.Lo, scale*e.CI.Lo), append(s.Hi, scale*e.CI.Hi)
}

// curveFigures draw the curves of one B: that with the most alphas, and if several have as many, the middle one.
func (r Result) curveFigures(prefix string, c Curves) []figure.Figure {
	batch := r.batchOfCurves()
	loss := figure.Figure{Name: prefix + "train_loss-" + c.By, Title: fmt.Sprintf("Training loss at equal %s, B = %d", c.By, batch), YLabel: "training loss", LogY: true}
	accuracy := figure.Figure{Name: prefix + "test_accuracy-" + c.By, Title: fmt.Sprintf("Test accuracy at equal %s, B = %d", c.By, batch), YLabel: "test accuracy (%)"}
	both := []figure.Figure{loss, accuracy}
	for i := range both {
		f := &both[i]
		f.XLabel, f.LogX, f.Empty = c.By, true, "no run has two evaluations"
		if c.By == bySamples {
			f.XLabel = "samples read: B per step for alpha = 1, 2B otherwise"
		}
		f.Finding = c.commonFinding(batch, i == 1)
		f.Caption = fmt.Sprintf("Means over %s%s, from the last evaluation at or before each point, if that is at most a quarter earlier; a curve ends where the "+
			"first of its runs ends. The numbers of every B are in the JSON document.", r.seeds(), figure.WithIntervals)
	}
	for _, cell := range c.Cells {
		if cell.Batch != batch {
			continue
		}
		for i, values := range [][]Estimate{cell.TrainLoss, cell.TestAccuracy} {
			s := figure.Series{Name: "alpha = " + short(cell.Alpha), Kind: figure.Band}
			for k, e := range values {
				if e.N > 0 {
					add(&s, float64(c.At[k]), e, []float64{1, 100}[i])
				}
			}
			both[i].Series = append(both[i].Series, s)
		}
	}
	return both
}

// commonFinding is the values of one B at the last place that all runs reached, alpha by alpha, of many the first and the last.
func (c Curves) commonFinding(batch int, accuracy bool) string {
	at := slices.Index(c.At, c.Common)
	var words []string
	for _, cell := range c.Cells {
		if cell.Batch != batch || at < 0 {
			continue
		}
		value := document.Number(cell.TrainLoss[at].Mean)
		if accuracy {
			value = document.Percent(cell.TestAccuracy[at].Mean)
		}
		if value != document.Undefined {
			words = append(words, value+" at alpha "+short(cell.Alpha))
		}
	}
	if len(words) == 0 {
		return "no place that all runs reached was evaluated"
	}
	const most = 3
	if len(words) > most {
		words = []string{words[0], words[len(words)-1]}
	}
	return fmt.Sprintf("after %s: %s", document.Plural(c.Common, strings.TrimSuffix(c.By, "s")), strings.Join(words, ", "))
}

func (r Result) batchOfCurves() int {
	alphas := map[int]int{}
	most := 0
	for _, c := range r.Cells {
		alphas[c.Batch]++
		most = max(most, alphas[c.Batch])
	}
	var batches []int
	for _, b := range slices.Sorted(maps.Keys(alphas)) {
		if alphas[b] == most {
			batches = append(batches, b)
		}
	}
	return batches[(len(batches)-1)/2]
}
