package report

import (
	"fmt"

	"github.com/noiseprobe/noiseprobe/analysis/document"
	"github.com/noiseprobe/noiseprobe/analysis/estimate"
	"github.com/noiseprobe/noiseprobe/analysis/tail"
)

// artefactSection holds the tail index of the literature, which takes a spread of scales for a tail, against one that does not.
func artefactSection(r *Report) document.Section {
	s := document.Section{ID: "scale-artefact", Title: "Heavy tails, or coordinates of different scales?"}
	c := lastWith(r, func(c Checkpoint) bool { return c.ScaleArtefact != nil })
	if c == nil {
		s.Lines = []string{"Not known, since no checkpoint holds single coordinates."}
		return s
	}
	a := *c.ScaleArtefact
	s.Lines = []string{blockSumWords(r.Run, *c), fmt.Sprintf("The index of block sums, 2 for a Gaussian, from %s of %s gradients%s; %s of the numbers are exact zeros.",
		document.Plural(a.Coordinates, "coordinate"), document.Whole(a.Draws), atStep(r, c), percentOf(a.Zeros, a.Draws*a.Coordinates))}
	s.Table = artefactTable(a)
	s.Notes = survivalWords(a)
	return s
}

// blockSumWords are the verdict.
func blockSumWords(run Run, c Checkpoint) string {
	a := c.ScaleArtefact
	const cancelled = "Where scales cancel, coordinate by coordinate, "
	switch a.Verdict {
	case tail.ConsistentWithGaussian:
		return cancelled + "block sums are consistent with Gaussian gradients" + inBrackets(a.Reason) + ": heavy tails are not seen."
	case tail.LighterThanGaussian:
		return cancelled + "block sums are those of tails lighter than Gaussian."
	case tail.HeavierNotStable:
		return cancelled + "tails are heavier than Gaussian but not stable: the sums of larger blocks are nearer to Gaussian."
	case tail.StableLike:
		return cancelled + "tails are heavy, and stable-like: the index stays below 2 as blocks grow."
	case tail.HeavierUndecided:
		return cancelled + "tails are heavier than Gaussian; whether they are stable is undecided" + afterSemicolon(wouldDo(run, a.Reason, estimate.Needs{Units: a.DrawsNeeded})) + "."
	}
	return "No verdict, since " + again(run, c, orUndefined(a.Reason), estimate.Needs{Units: a.DrawsNeeded}) + "."
}

func percentOf(part, all int) string {
	if all == 0 {
		return document.Undefined
	}
	return document.Significant(100*float64(part)/float64(all)) + "%"
}

func artefactTable(a tail.Artefact) *document.Table {
	t := &document.Table{Header: []string{"definition", "block", "index", "Gaussian, same scales"}}
	t.Add("of the literature: pooled", document.Whole(a.ReferenceK1), document.Number(a.ReferenceAlpha), document.Number(a.SurrogateReferenceAlpha))
	for _, p := range a.Curve {
		t.Add("coordinate by coordinate", document.Whole(p.K1), document.Measured(p.Alpha, p.CI), document.Measured(p.SurrogateAlpha, p.SurrogateBand))
	}
	return t
}

// survivalWords say what the definition of the literature makes of scales, and what is left without them.
func survivalWords(a tail.Artefact) []string {
	v := a.Survives
	if !v.Reference.Defined() || !v.ReferenceSurrogate.Defined() {
		return nil
	}
	words := fmt.Sprintf("By the definition of the literature the index is %s, where Gaussian numbers with the same scales and zeros have %s.",
		document.Number(a.ReferenceAlpha), document.Number(a.SurrogateReferenceAlpha))
	if v.Difference.Defined() {
		words += fmt.Sprintf(" Where scales cancel, in the largest blocks, the index of Gaussian numbers is above that of the gradients by %s.", document.Measured(v.Difference, v.CI))
	}
	return []string{words}
}
