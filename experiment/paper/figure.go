package paper

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/noiseprobe/noiseprobe/analysis/document"
	"github.com/noiseprobe/noiseprobe/analysis/figure"
)

// Figures are the panels of a figure, side by side as in the paper: accuracy and, where the paper has it, convergence time. A table has
// none. Points are means over seeds and bars one standard deviation, as in the paper; published values stand beside ours.
func (r *Result) Figures() []figure.Figure {
	switch {
	case len(r.Pairs) > 0:
		return r.equalNoiseFigures()
	case len(r.plan.ofModel().Curves) == 0:
		return nil
	case r.Experiment == "fig3":
		return []figure.Figure{r.panel("accuracy", accuracyOf, Row.effectiveBatch, "B / f: B itself for alpha = 1")}
	}
	return []figure.Figure{
		r.panel("accuracy", accuracyOf, Row.batch, "B"),
		r.panel("convergence", convergenceOf, Row.batch, "B"),
	}
}

func accuracyOf(r Row) Measured    { return r.Accuracy }
func convergenceOf(r Row) Measured { return r.ConvergenceTime }

func (r Row) batch() float64          { return float64(r.Batch) }
func (r Row) effectiveBatch() float64 { return r.BEff }

// panel draws a quantity of the curves.
func (r *Result) panel(name string, of func(Row) Measured, x func(Row) float64, label string) figure.Figure {
	f := figure.Figure{
		Name: r.Experiment + "-" + name, Title: r.Model + ", test accuracy", XLabel: label + " (logarithmic)", YLabel: "test accuracy, %", LogX: true,
		Caption: r.caption(), Finding: r.publishedFinding(of),
	}
	if name == "convergence" {
		f.Title, f.YLabel, f.LogY = r.Model+", convergence time", "steps", true
	}
	if r.plan.scale().Note != "" {
		f.Title += " (" + r.Scale + ", not the paper's setting)"
	}
	for _, k := range r.curves() {
		ours, theirs := figure.Series{Name: k.name, Kind: figure.Track}, figure.Series{Name: k.name + ", published", Kind: figure.Track}
		for _, row := range k.rows {
			m := of(row)
			add(&ours, x(row), float64(m.Mean), float64(m.SD))
			if p := m.Published; p != nil {
				add(&theirs, x(row), p.Mean, p.SD)
			}
		}
		f.Series = append(f.Series, ours)
		if len(theirs.X) > 0 {
			f.Series = append(f.Series, theirs)
		}
	}
	return f
}

// publishedFinding counts the cells whose mean is told apart from the published one, without correction for their number, or where none is published is the
// range of the means.
func (r *Result) publishedFinding(of func(Row) Measured) string {
	compared, differ := 0, 0
	least, largest := math.Inf(1), math.Inf(-1)
	for _, row := range r.Rows {
		if m := of(row).Mean; m.Defined() {
			least, largest = min(least, float64(m)), max(largest, float64(m))
		}
		if d := of(row).Difference; d != nil && d.CI.Defined() {
			compared++
			if d.CI.Lo > 0 || d.CI.Hi < 0 {
				differ++
			}
		}
	}
	switch {
	case compared == 0 && least > largest:
		return ""
	case compared == 0:
		return fmt.Sprintf("means from %s to %s", document.Significant(least), document.Significant(largest))
	}
	return fmt.Sprintf("95%% intervals of the difference from the published mean leave out 0 in %d of %d cells", differ, compared)
}

// togetherFinding is what a quantity is more with NE, over all pairs.
func (r *Result) togetherFinding(quantity string) string {
	for _, e := range r.Together {
		if e.Quantity == quantity && e.Value.Defined() {
			words := e.amount() + " with NE"
			if e.Verdict != "" {
				words += ": " + e.Verdict
			}
			return words
		}
	}
	return ""
}

func add(s *figure.Series, x, y, sd float64) {
	s.X, s.Y, s.Lo, s.Hi = append(s.X, x), append(s.Y, y), append(s.Lo, y-sd), append(s.Hi, y+sd)
}

// rowsOf are the rows of one line of a figure.
type rowsOf struct {
	name string
	rows []Row
}

// curves splits the rows into lines: one for each alpha, or for each curve that has a name, in the order of x.
func (r *Result) curves() []rowsOf {
	if len(r.Pairs) > 0 {
		return r.pairCurves()
	}
	var lines []rowsOf
	for _, k := range r.plan.ofModel().Curves {
		alphas := of(k.Alphas, r.Scale)
		if k.Name != "" {
			lines = append(lines, rowsOf{k.Name, r.rows(k, alphas)})
			continue
		}
		for _, alpha := range alphas {
			lines = append(lines, rowsOf{fmt.Sprintf("alpha = %g", alpha), r.rows(k, []float64{alpha})})
		}
	}
	return lines
}

// rows are those of a curve at some of its alphas.
func (r *Result) rows(k curve, alphas []float64) (rows []Row) {
	for _, row := range r.Rows {
		has := func(batch int) bool { return r.plan.at(row.Alpha, batch) == row.Cell }
		if slices.Contains(alphas, row.Alpha) && slices.ContainsFunc(of(k.Batches, r.Scale), has) {
			rows = append(rows, row)
		}
	}
	slices.SortStableFunc(rows, func(a, b Row) int { return cmp.Compare(a.BEff, b.BEff) })
	return rows
}

// pairCurves are NE and SGD, pair by pair.
func (r *Result) pairCurves() []rowsOf {
	ne, sgd := rowsOf{name: "NE"}, rowsOf{name: "SGD"}
	for _, p := range r.Pairs {
		for _, row := range r.Rows {
			switch row.Cell {
			case p.NE:
				ne.rows = append(ne.rows, row)
			case p.SGD:
				sgd.rows = append(sgd.rows, row)
			}
		}
	}
	return []rowsOf{ne, sgd}
}

func (r *Result) caption() string {
	seeds := 0
	for _, row := range r.Rows {
		seeds = max(seeds, row.Accuracy.N)
	}
	text := fmt.Sprintf("%s, %s on %s: means over up to %d seeds, bars one standard deviation. %s", r.Title, r.Model, r.Data, seeds, strings.Join(r.Notes, " "))
	return strings.TrimSpace(text)
}
