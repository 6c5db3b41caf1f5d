package compare

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/noiseprobe/noiseprobe/analysis/document"
	"github.com/noiseprobe/noiseprobe/analysis/estimate"
)

// Text writes the comparison for people, in lines of at most width columns: the answers first, then the tables that they are based on.
func (c *Comparison) Text(w io.Writer, width int) error {
	return document.Document{Sections: c.sections(false), Hidden: "more rows: -html FILE writes a page with all"}.Text(w, width)
}

// HTML writes one self-contained page with the figures.
func (c *Comparison) HTML(w io.Writer) error { return c.Page().HTML(w, c.Figures()) }

// Page is the page, for [Comparison.Figures].
func (c *Comparison) Page() document.Document {
	runs := 0
	var names []string
	for _, g := range c.Groups {
		runs, names = runs+len(g.Runs), append(names, g.Name)
	}
	return document.Document{
		Title: "Comparison of " + document.Plural(runs, "run"), Subtitle: strings.Join(names, "; "),
		Cards: c.cards(), Sections: c.sections(true), Glossary: glossary,
		Footer: "All numbers at full precision are in the JSON document of noiseprobe compare -json.",
	}
}

// cards are distances at equal B_eff in the first group, for the largest alpha: of the accuracy and of the steps to convergence and to equal loss.
func (c *Comparison) cards() []document.Card {
	var cards []document.Card
	g := c.Groups[0]
	for _, row := range g.Collapse {
		if !slices.Contains(headline[:3], row.Quantity) || len(row.BEff) == 0 {
			continue
		}
		d := row.BEff[len(row.BEff)-1]
		if d.Value.Defined() {
			cards = append(cards, document.Card{Label: fmt.Sprintf("%s, alpha %s against %s at equal B_eff", g.label(row.Quantity), short(d.Alpha),
				short(row.ReferenceAlpha)), Value: value(g.fraction(row.Quantity), d.Difference), Note: g.amount(row.Quantity, d.Difference) + ": " + d.Verdict})
		}
	}
	return cards
}

func value(fraction bool, d Difference) string {
	d.CI = estimate.None()
	return amount(fraction, d)
}

// sections are those of every group, and the runs that were left out. The page shows long tables in full.
func (c *Comparison) sections(page bool) []document.Section {
	var all []document.Section
	for i, g := range c.Groups {
		prefix, title := figurePrefix(c, i), ""
		if prefix != "" {
			title = fmt.Sprintf("[%d] ", i+1)
		}
		for _, s := range g.sections(c.differing(i), prefix) {
			s.ID, s.Title = prefix+s.ID, title+s.Title
			s.Notes = append(s.Notes, aboutFew(s.Table)...)
			if page && s.Table != nil {
				s.Table.Brief = 0
			}
			all = append(all, s)
		}
	}
	if len(c.LeftOut) > 0 {
		all = append(all, leftOutSection(c.LeftOut))
	}
	return all
}

// differing are the settings by which a group differs from others.
func (c *Comparison) differing(at int) []string {
	var all []string
	for _, s := range c.Groups[at].Settings {
		if slices.ContainsFunc(c.Groups, func(other Result) bool { return !slices.Contains(other.Settings, s) }) {
			all = append(all, s.Name+" "+s.Value)
		}
	}
	return all
}

func leftOutSection(rows []LeftOut) document.Section {
	s := document.Section{ID: "left-out", Title: "Runs left out", Table: &document.Table{Header: []string{"run", "reason"}}}
	for _, row := range rows {
		s.Table.Add(row.Dir, row.Reason)
	}
	return s
}

func (r Result) sections(differing []string, prefix string) []document.Section {
	all := append([]document.Section{r.runsSection(differing)}, r.answerSections(prefix)...)
	all = append(all, r.cellSection())
	if r.known("convergence_time") {
		all = append(all, r.convergenceSection())
	}
	all = append(all, r.noiseSection(), r.collapseSection(prefix))
	for _, reference := range r.references() {
		all = append(all, r.contrastSection(reference))
	}
	return append(all, r.equalSection(prefix), r.weakNoiseSection())
}

func (r Result) runsSection(differing []string) document.Section {
	s := document.Section{ID: "runs", Title: r.Name}
	var settings []string
	for _, x := range r.Settings[2:] {
		if x.Name != "data" {
			settings = append(settings, x.Name+" "+x.Value)
		}
	}
	converged, diverged := 0, 0
	for _, c := range r.Cells {
		converged, diverged = converged+c.Converged, diverged+c.Diverged
	}
	s.Lines = []string{
		strings.Join(settings, ", ") + ".",
		fmt.Sprintf("%s in %s of alpha and B; %d converged, %d diverged.", document.Plural(len(r.Runs), "run"), document.Plural(len(r.Cells), "cell"), converged, diverged),
	}
	if len(differing) > 0 {
		s.Lines = append(s.Lines, "Compared separately from the other groups because of its "+strings.Join(differing, ", ")+".")
	}
	switch left := len(r.Runs) - converged - diverged; {
	case r.AtConvergence && left > 0:
		s.Lines = append(s.Lines, fmt.Sprintf("%s did not converge. Such runs count only at equal steps and equal samples; the times of their cells are "+
			"those of the other runs, and so biased down.", document.Plural(left, "run")))
	case !r.AtConvergence && converged > 0:
		s.Lines = append(s.Lines, "Training went on after convergence: the end of training is the last step, and convergence times are those of the runs that converged.")
	case !r.AtConvergence:
		s.Lines = append(s.Lines, "No run converged: the end of training is the last step.")
	}
	s.Lines = append(s.Lines, r.Notes...)
	return s
}

// answerSections are the questions, in the order of the answers. The first has the figures that show the answer.
func (r Result) answerSections(prefix string) []document.Section {
	var all []document.Section
	for _, a := range r.Answers {
		if len(all) == 0 || all[len(all)-1].Title != a.Question {
			all = append(all, document.Section{ID: fmt.Sprintf("answer%d", len(all)+1), Title: a.Question})
		}
		s := &all[len(all)-1]
		s.Notes = append(s.Notes, a.Text)
	}
	if len(all) > 0 {
		all[0].Figures = r.answerFigures(prefix)
	}
	if len(all) > 0 && r.Answers[0].Quantity != "" {
		all[0].Notes = append(all[0].Notes, "Difference p: the hypothesis is that there is no difference. Equivalence p: the hypothesis is a difference of the margin or more, so that a small p shows equality. Undecided: neither hypothesis is rejected.")
	}
	return all
}

func (r Result) answerFigures(prefix string) []string {
	var names []string
	for _, key := range headline[:3] {
		if r.known(key) {
			names = append(names, prefix+key+"-b", prefix+key+"-b-eff")
		}
	}
	return names
}

// cellSection is the table by alpha and B of what training gives.
func (r Result) cellSection() document.Section {
	s := document.Section{ID: "cells", Title: "Accuracy and loss, by alpha and B", Table: &document.Table{Keys: 3, Header: []string{"alpha", "B", "B_eff", "n", "accuracy %", "SD",
		"best %", "test loss", "train loss"}}}
	for _, c := range r.Cells {
		accuracy := c.quantity("test_accuracy")
		s.Table.Add(short(c.Alpha), document.Whole(c.Batch), document.Significant(c.BEff), strconv.Itoa(accuracy.N), percentOf(accuracy.Estimate), percentNumber(accuracy.SD),
			percentNumber(c.quantity("test_accuracy_best").Mean), mean(c, "test_loss"), mean(c, "train_loss"))
	}
	s.Notes = []string{"Means over n seeds with 95% t-intervals, those of accuracies from their logits; SD has the divisor n - 1. Losses are geometric means with intervals from logarithms. " +
		"Accuracy is that of the last evaluation; the best of all evaluations is selected on the test set and is optimistic."}
	if r.single() {
		s.Notes = append(s.Notes, "Cells of one seed have no interval over seeds.")
	}
	return s
}

// convergenceSection is the table of how long training took, and of how many runs converged or diverged.
func (r Result) convergenceSection() document.Section {
	s := document.Section{ID: "convergence", Title: "Convergence, by alpha and B", Table: &document.Table{Keys: 3, Header: []string{"alpha", "B", "B_eff", "runs", "converged",
		"diverged", "steps", "samples read"}}}
	for _, c := range r.Cells {
		s.Table.Add(short(c.Alpha), document.Whole(c.Batch), document.Significant(c.BEff), strconv.Itoa(len(c.Seeds)), strconv.Itoa(c.Converged), strconv.Itoa(c.Diverged),
			mean(c, "convergence_time"), mean(c, "samples_to_convergence"))
	}
	s.Notes = []string{"Geometric means over the runs that converged. A step reads B samples for alpha = 1 and 2B otherwise."}
	return s
}

func (r Result) single() bool {
	return slices.ContainsFunc(r.Cells, func(c CellResult) bool { return c.quantity("test_accuracy").N == 1 })
}

func (r Result) noiseSection() document.Section {
	s := document.Section{ID: "noise", Title: "Noise at the last checkpoint, by alpha and B", Table: &document.Table{Keys: 3, Header: []string{"alpha", "B", "B_eff", "n",
		"tr Sigma, direct", "tr Sigma, units", "noise scale", "g2 of losses", "of norms", "of NE noise"}}}
	for _, c := range r.Cells {
		s.Table.Add(short(c.Alpha), document.Whole(c.Batch), document.Significant(c.BEff), strconv.Itoa(c.quantity("trace_units").N), mean(c, "trace_direct"),
			mean(c, "trace_units"), mean(c, "noise_scale"), mean(c, "kurtosis_loss"), mean(c, "kurtosis_gradient_norm"), mean(c, "kurtosis_noise"))
	}
	s.Notes = []string{"Geometric means of traces and noise scales. An interval marked * is from one run, over its units or draws, not over seeds. Direct: from the NE gradient over real minibatches, " +
		"by Eqs. 4 and 10 of the paper; units: from the recorded gradients, among which the few samples that make up most of the loss near convergence may be missing. g2: excess kurtosis."}
	missing := 0
	for _, c := range r.Cells {
		missing += c.quantity("noise_scale").Missing
	}
	if missing > 0 {
		s.Notes = append(s.Notes, fmt.Sprintf("The noise scale of %s is undefined or does not count; the means are over the other runs.", document.Plural(missing, "run")))
	}
	return s
}

// fewWords take the place of an interval that says nothing; the notes below the tables explain them.
const fewWords = " [too few]"

// aboutFew explains them where a table has some.
func aboutFew(t *document.Table) []string {
	if t == nil {
		return nil
	}
	for _, row := range t.Rows {
		if slices.ContainsFunc(row, func(cell string) bool { return strings.HasSuffix(cell, fewWords) }) {
			return []string{"[too few]: so few seeds do not support an interval, which would span three decades or more."}
		}
	}
	return nil
}

// measured is a mean with its interval, marked where that is the one of a single run.
func measured(e Estimate) string {
	if tooWide(e.Scale, false, e.CI) {
		return document.Number(e.Mean) + fewWords
	}
	text := document.Measured(e.Mean, e.CI)
	if e.From == WithinRun {
		text += " *"
	}
	return text
}

func mean(c CellResult, key string) string {
	return measured(c.quantity(key).Estimate)
}

func percentNumber(x estimate.Number) string {
	if !x.Defined() {
		return document.Significant(float64(x))
	}
	return strconv.FormatFloat(100*float64(x), 'f', 2, 64)
}

func percentOf(e Estimate) string {
	text := percentNumber(e.Mean)
	if e.CI.Defined() {
		text += fmt.Sprintf(" [%s, %s]", percentNumber(estimate.Number(e.CI.Lo)), percentNumber(estimate.Number(e.CI.Hi)))
	}
	return text
}
