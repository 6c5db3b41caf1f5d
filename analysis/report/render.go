package report

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/noiseprobe/noiseprobe/analysis/document"
	"github.com/noiseprobe/noiseprobe/analysis/figure"
)

// Text writes the summary that a person reads in half a minute, in lines of at most so many columns: what was run, how training went, and
// the answer to each question with its interval in brackets. What is undefined is "-"; what is missing is said.
func Text(w io.Writer, r *Report, width int) error {
	return document.Document{Heading: headLines(r), Sections: unlessEmpty(textSections(r))}.Text(w, width)
}

// TextAlone is Text for a report that is written nowhere, and cannot be referred to.
func TextAlone(w io.Writer, r *Report, width int) error {
	return document.Document{Heading: headLines(r), Sections: unlessEmpty(textSections(r)), Hidden: "more rows: -out DIR writes a report with all"}.Text(w, width)
}

// HTML writes one page that needs nothing else. Figures appear in the section that their name belongs to.
func HTML(w io.Writer, r *Report, figures []figure.Figure) error {
	return Page(r).HTML(w, WithFindings(r, figures))
}

// Page is the page of a report.
func Page(r *Report) document.Document {
	return document.Document{
		Title:    pageTitle(r.Run),
		Subtitle: subtitle(r),
		Cards:    cards(r),
		Meaning:  meaning(r.Run),
		Sections: sections(r),
		Settings: settings(r),
		Glossary: glossary,
		Footer:   "All numbers at full precision are in report.json, those behind the figures in figures/*.csv.",
		Files:    "figures/",
	}
}

// sections answers the questions in reading order. What is missing is said in its place; what makes no sense without a run, an alpha or
// several checkpoints is left out.
func sections(r *Report) []document.Section {
	ofRun, several := r.Analysis == nil, len(r.Checkpoints) > 1
	all := []document.Section{}
	add := func(wanted bool, of func(*Report) document.Section) {
		if wanted {
			all = append(all, of(r))
		}
	}
	add(ofRun, trainingSection)
	add(true, noiseSection)
	add(true, enhancementSection)
	add(ofRun || finite(r.Run.Alpha), effectiveBatchSection)
	add(lastWith(r, withOptimizer) != nil || optimizerUndefined(r) != "", optimizerSection)
	add(ofRun || lastWith(r, withCurvature) != nil, curvatureSection)
	add(ofRun || finite(r.Run.Alpha), shapeSection)
	add(true, tailSection)
	add(true, artefactSection)
	add(ofRun || several, alongTrainingSection)
	add(ofRun || several, checkpointSection)
	add(true, warningSection)
	return all
}

// textSections show the layers as well where there is no run whose layers are known: on a page they are folded.
func textSections(r *Report) []document.Section {
	all := sections(r)
	if r.Analysis == nil || all[0].Detail == nil || len(all[0].Detail.Rows) < 2 {
		return all
	}
	layers := *all[0].Detail
	layers.Brief = 12
	return slices.Insert(all, 1, document.Section{ID: "layers", Title: all[0].DetailTitle, Table: &layers})
}

// unlessEmpty leaves the warnings out of a text where there are none.
func unlessEmpty(all []document.Section) []document.Section {
	if last := all[len(all)-1]; last.ID == warningsID && last.Lines[0] == noWarnings {
		return all[:len(all)-1]
	}
	return all
}

// headLines say what was run, or where gradients that belong to no run came from.
func headLines(r *Report) []string {
	run := r.Run
	if r.Analysis != nil {
		return []string{"Gradients from " + strings.Join(r.Analysis.Source, ", ")}
	}
	model := run.Model
	if run.Spec != "" && run.Spec != run.Model {
		model += " = " + run.Spec
	}
	alpha := document.Plain(run.Alpha)
	if run.sibling() {
		alpha += " by " + run.Noise
	}
	return []string{
		fmt.Sprintf("%s (%s parameters), alpha %s, B %s, %s pairs, seed %d", model,
			document.Whole(run.Parameters), alpha, document.Whole(run.Batch), run.Pairing, run.Seed),
		fmt.Sprintf("%s, learning rate %s; %s (%s + %s samples, %s); %s products", run.OptimizerName(), document.Plain(run.LearningRate),
			run.Data.Name, document.Whole(run.Data.Train), document.Whole(run.Data.Test), run.Data.Source, run.BLAS),
	}
}
