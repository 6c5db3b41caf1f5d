package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/noiseprobe/noiseprobe/analysis/document"
	"github.com/noiseprobe/noiseprobe/analysis/figure"
)

// Text writes the summary that a person reads in half a minute, in lines of at most so many columns: what was run, how training went, and
// the answer to each question with its interval in brackets. What is undefined is "-"; what is missing is said.
func Text(w io.Writer, r *Report, width int) error {
	return document.Document{Heading: runLines(r.Run), Sections: unlessEmpty(sections(r))}.Text(w, width)
}

// TextGradients writes the same summary of gradients that belong to no run.
func TextGradients(w io.Writer, g *Gradients, width int) error {
	r := &Report{Run: Run{Alpha: g.Alpha, Batch: g.Batch}, Checkpoints: []Checkpoint{g.Checkpoint}}
	heading := []string{"Gradients from " + strings.Join(g.Source, ", ")}
	return document.Document{Heading: heading, Sections: unlessEmpty(gradientSections(r))}.Text(w, width)
}

// HTML writes one page that needs nothing else. Figures appear in the section that their name belongs to.
func HTML(w io.Writer, r *Report, figures []figure.Figure) error {
	return document.Document{
		Title:    pageTitle(r.Run),
		Subtitle: subtitle(r.Run),
		Cards:    cards(r),
		Meaning:  meaning(r.Run),
		Sections: sections(r),
		Settings: settings(r.Run),
		Glossary: glossary,
		Footer:   "All numbers at full precision are in report.json, those behind the figures in figures/*.csv.",
	}.HTML(w, figures)
}

// sections answers the questions in reading order. What is missing is said in its place.
func sections(r *Report) []document.Section {
	var all []document.Section
	if r.Run.Model != "" {
		all = append(all, trainingSection(r))
	}
	all = append(all, noiseSection(r), enhancementSection(r), effectiveBatchSection(r), curvatureSection(r), shapeSection(r), tailSection(r),
		artefactSection(r), alongTrainingSection(r), checkpointSection(r))
	return append(all, warningSection(r))
}

// gradientSections are those that make sense without a run: what is about one alpha only where there is one.
func gradientSections(r *Report) []document.Section {
	noise := noiseSection(r)
	all := []document.Section{noise}
	if layers := noise.Detail; layers != nil && len(layers.Rows) > 1 {
		layers.Brief = 12
		all = append(all, document.Section{ID: "layers", Title: noise.DetailTitle, Table: layers})
	}
	all = append(all, enhancementSection(r))
	if lastWithCurvature(r) != nil {
		all = append(all, curvatureSection(r))
	}
	if finite(r.Run.Alpha) {
		all = append(all, effectiveBatchSection(r), shapeSection(r))
	}
	return append(all, tailSection(r), artefactSection(r), warningSection(r))
}

// unlessEmpty leaves the warnings out of a text where there are none.
func unlessEmpty(all []document.Section) []document.Section {
	if last := all[len(all)-1]; last.ID == warningsID && last.Lines[0] == noWarnings {
		return all[:len(all)-1]
	}
	return all
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
	return []string{
		fmt.Sprintf("%s (%s parameters), alpha %s, B %s, %s pairs, seed %d", model,
			document.Whole(run.Parameters), document.Plain(run.Alpha), document.Whole(run.Batch), run.Pairing, run.Seed),
		fmt.Sprintf("%s, learning rate %s; %s (%s + %s samples, %s); %s products", run.Optimizer, document.Plain(run.LearningRate),
			run.Data.Name, document.Whole(run.Data.Train), document.Whole(run.Data.Test), run.Data.Source, run.BLAS),
	}
}
