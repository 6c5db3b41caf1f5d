package compare

import (
	"fmt"
	"slices"
	"strings"

	"github.com/noiseprobe/noiseprobe/analysis/document"
)

// differenceP heads the p-values of the hypothesis of no difference.
const differenceP = "difference p"

func (r Result) collapseSection(prefix string) document.Section {
	s := document.Section{ID: "collapse", Title: "Do runs with the same B / f agree?", Table: &document.Table{Keys: 2, Header: []string{"quantity", "alpha",
		"distance at equal B", "at equal B_eff", "range of B_eff", differenceP, "verdict at equal B_eff"}}}
	var why missing
	for _, c := range r.Collapse {
		if !r.known(c.Quantity) {
			continue
		}
		for i, d := range c.BEff {
			why.add(r.label(c.Quantity), d.Reason)
			span := "-"
			if d.From.Defined() {
				span = d.span()
			}
			s.Table.Add(r.label(c.Quantity), short(d.Alpha), r.cell(c.Quantity, c.B[i].Difference), r.cell(c.Quantity, d.Difference), span,
				document.Significant(float64(d.PHolm)), verdictWord(d.Verdict, d.Reason))
		}
		if !strings.Contains(c.Quantity, "_at_equal_") {
			s.Figures = append(s.Figures, prefix+c.Quantity+"-b", prefix+c.Quantity+"-b-eff")
		}
	}
	s.Figures = slices.DeleteFunc(s.Figures, func(name string) bool {
		return slices.Contains(r.answerFigures(prefix), name)
	})
	if s.Table.Rows == nil {
		s.Table, s.Lines = nil, []string{"Not known: there is only one alpha."}
		return s
	}
	s.Notes = []string{fmt.Sprintf("Distance: how far the curve of alpha lies above that of alpha = %s, on average over the range of log B, or of log B_eff, "+
		"that both cover; a ratio (x) for positive quantities, points for accuracies. Intervals use Satterthwaite's degrees of freedom. "+
		"The p-value is that of no distance at equal B_eff, after Holm's correction over the alphas of a quantity. "+
		"If alpha matters only through B_eff, there is no distance at equal B_eff.", short(r.group.referenceAlpha()))}
	s.Notes = append(s.Notes, why.notes()...)
	return s
}

// cell is an amount for a table, "-" where there is none.
func (r Result) cell(key string, d Difference) string {
	if !d.Value.Defined() {
		return "-"
	}
	return r.amount(key, d)
}

// references are the kinds of references of all families.
func (r Result) references() []string {
	var all []string
	for _, f := range r.Contrasts {
		if !slices.Contains(all, f.Reference) {
			all = append(all, f.Reference)
		}
	}
	return all
}

// contrastSection has the rows of a reference for the headline quantities in the text; the page folds the others below.
func (r Result) contrastSection(reference string) document.Section {
	s := document.Section{ID: "contrasts-" + anchor(reference), Title: "Each cell against " + reference,
		Table: &document.Table{Keys: 3, Header: contrastHeader, Brief: 24}, DetailTitle: "The other quantities", Detail: &document.Table{Keys: 3, Header: contrastHeader}}
	var why missing
	for _, f := range r.Contrasts {
		if f.Reference != reference || !r.known(f.Quantity) {
			continue
		}
		t := s.Detail
		if slices.Contains(headline, f.Quantity) {
			t = s.Table
		}
		for _, c := range f.Rows {
			why.add(r.label(f.Quantity), c.Reason)
			t.Add(r.label(f.Quantity), short(c.Alpha), document.Whole(c.Batch), document.Significant(c.BEff), document.Whole(c.ReferenceBatch),
				r.cell(f.Quantity, c.Difference), fmt.Sprintf("%d, %d", c.N, c.NReference), c.Method, document.Significant(float64(c.PHolm)), verdictWord(c.Verdict, c.Reason))
		}
	}
	if s.Detail.Rows == nil {
		s.Detail = nil
	}
	if s.Table.Rows == nil {
		s.Table, s.Lines = nil, []string{"Not known."}
		return s
	}
	s.Notes = []string{"Intervals are 95% each, without correction. The p-value is that of no difference; it and the p-value of equivalence, which decides about equality, have " +
		"Holm's correction over the rows of a quantity. Runs are paired by seed where both cells have the same three or more seeds."}
	s.Notes = append(s.Notes, why.notes()...)
	return s
}

var contrastHeader = []string{"quantity", "alpha", "B", "B_eff", "reference B", "difference", "n", "test", differenceP, "verdict"}

func anchor(reference string) string {
	switch reference {
	case SameBatch:
		return "b"
	case SameEffective:
		return "b-eff"
	}
	return "reference"
}

// equalSection compares at the last step, and the last number of samples, that all runs reached.
func (r Result) equalSection(prefix string) document.Section {
	s := document.Section{ID: "equal", Title: "At equal steps, and at equal samples read", Table: &document.Table{Keys: 3, Header: []string{"alpha", "B", "B_eff", "n",
		"train loss", "accuracy %", "train loss", "accuracy %", "steps"}}}
	for _, c := range r.Cells {
		s.Table.Add(short(c.Alpha), document.Whole(c.Batch), document.Significant(c.BEff), document.Whole(c.quantity("train_loss_at_equal_steps").N),
			mean(c, "train_loss_at_equal_steps"), percentOf(c.quantity("test_accuracy_at_equal_steps").Estimate),
			mean(c, "train_loss_at_equal_samples"), percentOf(c.quantity("test_accuracy_at_equal_samples").Estimate),
			mean(c, "steps_to_equal_loss"))
	}
	s.Lines = []string{fmt.Sprintf("The first loss and accuracy: after %s, the most that all runs made. The second: after %s read, the most that all runs reached.", document.Plural(r.EqualSteps.Common, "step"),
		document.Plural(r.EqualSamples.Common, "sample"))}
	if r.EqualLoss.Defined() {
		s.Lines[0] += fmt.Sprintf(" Last column: steps to the training loss %s, the smallest that all runs reached.", document.Significant(float64(r.EqualLoss)))
	}
	s.Notes = []string{"A step reads B samples for alpha = 1 and 2B otherwise. A value is that of the last evaluation at or before this number of steps or samples, and undefined if that is more than a quarter earlier. " +
		"At equal samples read plain SGD makes twice the steps of NE at the same B."}
	if n := len(r.Checkpoints); n > 0 {
		s.DetailTitle, s.Detail = "Noise at the steps that all runs recorded", r.checkpointTable()
	}
	for _, by := range []string{bySteps, bySamples} {
		s.Figures = append(s.Figures, prefix+"train_loss-"+by, prefix+"test_accuracy-"+by)
	}
	s.Figures = append(s.Figures, prefix+"test_accuracy_at_equal_samples-b", prefix+"test_accuracy_at_equal_samples-b-eff")
	return s
}

func (r Result) checkpointTable() *document.Table {
	t := &document.Table{Keys: 3, Header: []string{"step", "alpha", "B"}}
	for _, q := range r.Checkpoints[0].Cells[0].Quantities {
		t.Header = append(t.Header, r.label(q.Quantity))
	}
	for _, at := range r.Checkpoints {
		for _, c := range at.Cells {
			row := []string{document.Whole(at.Step), short(c.Alpha), document.Whole(c.Batch)}
			for _, q := range c.Quantities {
				row = append(row, measured(q.Estimate))
			}
			t.Add(row...)
		}
	}
	return t
}

func (r Result) weakNoiseSection() document.Section {
	s := document.Section{ID: "weak-noise", Title: "tr Sigma at the end of training, against alpha and B", Table: &document.Table{Header: []string{"evidence",
		"d: f at fixed B_eff", "p of d = 0", "d at equal loss", "s: B at fixed alpha", "d - s: f at fixed B", "cells", "runs"}}}
	for _, w := range r.WeakNoise {
		if w.Reason != "" {
			s.Lines = append(s.Lines, fmt.Sprintf("tr Sigma, %s: not known (%s).", w.Evidence, w.Reason))
			continue
		}
		s.Table.Add(w.Evidence, document.Measured(w.LogF.Value, w.LogF.CI), document.Significant(float64(w.LogF.PValue)),
			document.Measured(w.AtLoss.LogF.Value, w.AtLoss.LogF.CI), document.Measured(w.LogBEff.Value, w.LogBEff.CI),
			document.Measured(w.LogFAtB.Value, w.LogFAtB.CI), document.Whole(w.Cells), document.Whole(w.Runs))
	}
	if s.Table.Rows == nil {
		s.Table = nil
		return s
	}
	s.Notes = []string{"Exponents of tr Sigma = const B_eff^s f^d, by least squares over the means of the cells on the log scale, with standard errors HC3. If alpha mattered " +
		"only through B_eff, d would be 0. At equal loss: with the training loss at the last checkpoint as one more term, where it differs between cells."}
	return s
}

// glossary explains the words of the page.
var glossary = []document.Term{
	{Name: "B_eff", Text: "B / f with f = alpha^2 + (1 - alpha)^2: the minibatch of plain SGD whose gradient noise has the same covariance."},
	{Name: "Distance", Text: "Mean vertical distance of two curves over the range of log B, or of log B_eff, that both cover; on the log scale a ratio."},
	{Name: "Equal within margin", Text: "Two one-sided t-tests reject the hypothesis that the difference is the margin or more."},
	{Name: "Different", Text: "A two-sided t-test rejects the hypothesis of no difference, after Holm's correction over its family."},
	{Name: "Undecided", Text: "The runs show neither a difference nor equality: more seeds are needed."},
	{Name: "Direct and units", Text: "Two estimates of tr Sigma: from real minibatches of the whole training set, and from the gradients of the recorded units."},
	{Name: "tr F, anisotropy", Text: "Trace of the Gauss-Newton matrix F of the loss, its curvature summed over all directions, and P tr(F Sigma) / (tr F tr Sigma): how much more of it the " +
		"noise meets than noise that is the same in all directions."},
	{Name: "Update noise, drift of updates", Text: "Trace of the covariance of the next update over real minibatches, and the squared length of the mean update once the moments that " +
		"Adam divides by have settled to the noise."},
	{Name: "Excess kurtosis g2", Text: "Fourth moment over the squared variance, minus 3."},
	{Name: "[lo, hi]", Text: "95% interval; over seeds where n > 1. A dash is undefined."},
}
