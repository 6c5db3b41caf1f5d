package report

import (
	"fmt"

	"github.com/noiseprobe/noiseprobe/analysis/document"
	"github.com/noiseprobe/noiseprobe/analysis/tail"
)

// artefactSection holds the tail index of the literature, which takes a spread of scales for a tail, against one that does not.
func artefactSection(r *Report) document.Section {
	s := document.Section{ID: "scale-artefact", Title: "Heavy tails, or coordinates of different scales?"}
	c := lastWith(r, func(c Checkpoint) bool { return c.ScaleArtefact != nil })
	if c == nil {
		s.Lines = []string{"Not known: no checkpoint holds single coordinates."}
		return s
	}
	a := *c.ScaleArtefact
	s.Lines = []string{fmt.Sprintf("%s of %s gradients%s, %s of the numbers exact zeros; alpha of block sums (Gaussian: 2).",
		document.Plural(a.Coordinates, "coordinate"), document.Whole(a.Draws), atStep(r, c), percentOf(a.Zeros, a.Draws*a.Coordinates))}
	s.Table = artefactTable(a)
	s.Notes = []string{survivalWords(a)}
	return s
}

func percentOf(part, all int) string {
	if all == 0 {
		return document.Undefined
	}
	return document.Significant(100*float64(part)/float64(all)) + "%"
}

func artefactTable(a tail.Artefact) *document.Table {
	t := &document.Table{Header: []string{"definition", "K1", "alpha", "Gaussian, same scales"}}
	t.Add("of the literature: pooled", document.Whole(a.ReferenceK1), document.Number(a.ReferenceAlpha), document.Number(a.SurrogateReferenceAlpha))
	for _, p := range a.Curve {
		t.Add("coordinate by coordinate", document.Whole(p.K1), document.Measured(p.Alpha, p.CI), document.Measured(p.SurrogateAlpha, p.SurrogateBand))
	}
	return t
}

func survivalWords(a tail.Artefact) string {
	words := "Verdict: " + a.Verdict + "."
	if a.ReferenceAlpha.Defined() && a.Survives.Difference.Defined() {
		words += fmt.Sprintf(" The literature's definition is %s below 2; of that, %s survives where scales cancel and Gaussian noise "+
			"is taken off.", document.Number(2-a.ReferenceAlpha), document.Measured(a.Survives.Difference, a.Survives.CI))
	}
	return words
}
