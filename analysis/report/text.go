package report

import (
	"bufio"
	"fmt"
	"io"
	"strings"
)

// textWidth is the number of columns that the summary stays within, where no single cell or word is wider.
const textWidth = 100

// Text writes the summary that a person reads in half a minute: what was run, how training went, and the answer to each
// question with its interval in brackets. What is undefined is "-"; what is missing is said.
func Text(w io.Writer, r *Report) error {
	b := bufio.NewWriter(w)
	for _, line := range runLines(r.Run) {
		fmt.Fprintln(b, line)
	}
	for _, s := range sections(r) {
		if s.ID != "warnings" || anyWarning(r) {
			s.text(b)
		}
	}
	return b.Flush()
}

// TextGradients writes the same summary of gradients that belong to no run.
func TextGradients(w io.Writer, g *Gradients) error {
	b := bufio.NewWriter(w)
	for _, line := range wrap("Gradients from "+strings.Join(g.Source, ", "), textWidth) {
		fmt.Fprintln(b, line)
	}
	r := &Report{Run: Run{Alpha: g.Alpha, Batch: g.Batch}, Checkpoints: []Checkpoint{g.Checkpoint}}
	for _, s := range gradientSections(r) {
		if s.ID != "warnings" || anyWarning(r) {
			s.text(b)
		}
	}
	return b.Flush()
}

func (s Section) text(w io.Writer) {
	if len(s.Lines) == 1 && s.Table == nil && s.Notes == nil {
		for _, line := range wrap(s.Title+": "+s.Lines[0], textWidth) {
			fmt.Fprintln(w, line)
		}
		return
	}
	fmt.Fprintln(w, s.Title)
	paragraphs(w, s.Lines)
	if s.Table != nil {
		for _, line := range s.Table.text() {
			fmt.Fprintf(w, "  %s\n", line)
		}
	}
	paragraphs(w, s.Notes)
}

func paragraphs(w io.Writer, texts []string) {
	for _, t := range texts {
		for _, line := range wrap(t, textWidth-2) {
			fmt.Fprintf(w, "  %s\n", line)
		}
	}
}

// runLines say what was run; there are none for gradients that come from no run.
func runLines(run Run) []string {
	if run.Model == "" {
		return []string{"Gradients from files"}
	}
	model := run.Model
	if run.Spec != "" && run.Spec != run.Model {
		model += " = " + run.Spec
	}
	first := fmt.Sprintf("%s (%s parameters), alpha %s, B %s, %s pairs, seed %d", model,
		whole(run.Parameters), plain(run.Alpha), whole(run.Batch), run.Pairing, run.Seed)
	second := fmt.Sprintf("%s, learning rate %s; %s (%s + %s samples, %s); %s products", run.Optimizer, plain(run.LearningRate),
		run.Data.Name, whole(run.Data.Train), whole(run.Data.Test), run.Data.Source, run.BLAS)
	return append(wrap(first, textWidth), wrap(second, textWidth)...)
}

func anyWarning(r *Report) bool {
	return lastWith(r, func(c Checkpoint) bool { return len(c.Warnings) > 0 }) != nil
}
