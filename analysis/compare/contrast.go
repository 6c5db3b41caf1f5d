package compare

import (
	"fmt"
	"math"
	"slices"
)

// Family is all comparisons of one quantity with one kind of reference in a group. Holm's correction is made over them.
type Family struct {
	Quantity  string     `json:"quantity"`
	Evidence  string     `json:"evidence"`
	Reference string     `json:"reference"`
	Size      int        `json:"size"`
	Rows      []Contrast `json:"rows"`
}

// Contrast compares a cell with its reference.
type Contrast struct {
	Alpha          float64 `json:"alpha"`
	Batch          int     `json:"batch"`
	BEff           float64 `json:"b_eff"`
	ReferenceAlpha float64 `json:"reference_alpha"`
	ReferenceBatch int     `json:"reference_batch"`
	Tested
	// Reason says why there is no test.
	Reason string `json:"reason"`
}

// The kinds of references.
const (
	SameBatch     = "alpha = 1 at the same B"
	SameEffective = "alpha = 1 at the same B_eff"
)

// sameEffective is the relative difference up to which two B_eff count as the same.
const sameEffective = 0.02

// contrasts compare every cell with its references.
func (g *Group) contrasts(q Quantity, s Settings) []Family {
	if s.Reference != nil {
		name := fmt.Sprintf("alpha = %s, B = %d", short(s.Reference.Alpha), s.Reference.Batch)
		return g.family(q, s, name, func(*Cell) *Cell { return g.Cell(s.Reference.Alpha, s.Reference.Batch) })
	}
	same := g.family(q, s, SameBatch, func(c *Cell) *Cell { return g.Cell(1, c.Batch) })
	return append(same, g.family(q, s, SameEffective, g.sameEffective)...)
}

// sameEffective is the cell of plain SGD whose B is nearest to the B_eff of c, nil if none is near.
func (g *Group) sameEffective(c *Cell) *Cell {
	var best *Cell
	nearest := math.Log1p(sameEffective)
	for _, other := range g.Cells {
		if d := math.Abs(math.Log(other.BEff() / c.BEff())); other.Alpha == 1 && d <= nearest {
			best, nearest = other, d
		}
	}
	return best
}

// family is empty where no cell has a reference but itself.
func (g *Group) family(q Quantity, s Settings, name string, reference func(*Cell) *Cell) []Family {
	f := Family{Quantity: q.Key, Evidence: q.Evidence, Reference: name}
	for _, c := range g.Cells {
		if ref := reference(c); ref != nil && ref != c {
			f.Rows = append(f.Rows, g.contrast(q, c, ref, s.margin(q)))
		}
	}
	if len(f.Rows) == 0 {
		return nil
	}
	var tests []*Tested
	for i := range f.Rows {
		tests = append(tests, &f.Rows[i].Tested)
		if f.Rows[i].PValue.Defined() {
			f.Size++
		}
	}
	Judge(tests)
	return []Family{f}
}

// contrast pairs the values by seed where both cells have the same three or more seeds; otherwise it uses Welch's test.
func (g *Group) contrast(q Quantity, c, ref *Cell, margin float64) Contrast {
	out := Contrast{Alpha: c.Alpha, Batch: c.Batch, BEff: c.BEff(), ReferenceAlpha: ref.Alpha, ReferenceBatch: ref.Batch}
	a, seeds := q.values(g, c)
	b, others := q.values(g, ref)
	if slices.Equal(seeds, others) {
		out.Difference = Matched(a, b, q.Scale)
	} else {
		out.Difference = Welch(a, b, q.Scale)
	}
	out.Equivalence = out.EqualWithin(margin)
	switch {
	case out.PValue.Defined():
	case len(a) == 0 || len(b) == 0:
		out.Reason = "no run counts"
	case len(a) == 1 || len(b) == 1:
		out.Reason = "one seed"
	default:
		out.Reason = "no spread between seeds"
	}
	return out
}
