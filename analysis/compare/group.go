package compare

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/noiseprobe/noiseprobe/noise"
)

// Group is the runs that differ in nothing but alpha, B and seed: only these are compared with each other.
type Group struct {
	// Settings are what all of them share.
	Settings []Setting
	Runs     []*Run
	// Cells have the runs of each alpha and B, in this order.
	Cells []*Cell
}

// Setting is one thing that all runs of a group share.
type Setting struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Cell is the runs of one alpha and B: its seeds.
type Cell struct {
	Alpha float64
	Batch int
	// Runs are in the order of their seeds.
	Runs []*Run
}

// F is alpha^2 + (1 - alpha)^2.
func (c *Cell) F() float64 { return noise.Factor(c.Alpha) }

// BEff is B / f.
func (c *Cell) BEff() float64 { return EffectiveBatch(c.Alpha, c.Batch) }

func short(x float64) string { return strconv.FormatFloat(x, 'g', 6, 64) }

// settingsOf are the settings that runs must share to be compared. The numbers of recorded units and of draws are not among them, since they
// change how precisely a quantity is known, not the quantity; nor are the place of the data and the machine.
func settingsOf(r *Run) []Setting {
	run := r.Report.Run
	unit := notRecorded
	if c := r.last(); c != nil {
		unit = c.Unit
		if c.UnitSize > 1 {
			unit += " of " + strconv.Itoa(c.UnitSize)
		}
	}
	if r.elsewhere() {
		return []Setting{
			{"gradients", fromElsewhere}, {"parameters", parametersOf(r)}, {"population", populationOf(r)}, {"pairing", run.Pairing}, {unitName, unit},
		}
	}
	all := []Setting{
		{"model", run.Model},
		{"spec", run.Spec},
		{"parameters", strconv.Itoa(run.Parameters)},
		{"data", run.Data.Name},
		{"samples", fmt.Sprintf("%d + %d", run.Data.Train, run.Data.Test)},
		{"optimizer", run.OptimizerName()},
		{"learning rate", short(run.LearningRate)},
		{"eps", short(run.AdamEps)},
		{"pairing", run.Pairing},
		{unitName, unit},
	}
	if run.Noise != "" {
		all = append(all, Setting{"noise", run.Noise})
	}
	if run.LossMeasure == "" { // a report that does not say
		return append(all, Setting{"criterion", notRecorded})
	}
	criterion := fmt.Sprintf("L* %s, L** %s by %s", short(run.LStar), short(run.LStop), run.LossMeasure)
	if run.UntilConverged {
		criterion += ", until converged"
	}
	all = append(all, Setting{"criterion", criterion}, Setting{"evaluated", upTo(run.Eval)})
	if run.Ghost > 0 {
		all = append(all, Setting{"ghost batch", strconv.Itoa(run.Ghost)})
	}
	return all
}

const (
	unitName      = "unit"
	notRecorded   = "not recorded"
	fromElsewhere = "from elsewhere"
)

// parametersOf and populationOf are P and N of a training elsewhere, of which only the checkpoints are known.
func parametersOf(r *Run) string {
	if c := r.last(); c != nil && c.Parameters > 0 {
		return strconv.Itoa(int(c.Parameters))
	}
	return "not known"
}

func populationOf(r *Run) string {
	if c := r.last(); c != nil && c.Population > 0 {
		return strconv.Itoa(c.Population)
	}
	return "not known"
}

// canCompare reports whether runs with these settings can be compared. A run that diverged before its first checkpoint has no unit, and is
// compared with those that have one.
func canCompare(a, b []Setting) bool {
	return slices.EqualFunc(a, b, func(x, y Setting) bool {
		return x == y || x.Name == unitName && y.Name == unitName && (x.Value == notRecorded || y.Value == notRecorded)
	})
}

func upTo(eval int) string {
	if eval == 0 {
		return "on all samples"
	}
	return "on at most " + strconv.Itoa(eval) + " samples"
}

// groupsOf sorts runs into groups, in the order of their first run with a checkpoint, and each group into cells.
func groupsOf(runs []*Run) []*Group {
	var groups []*Group
	for _, recorded := range []bool{true, false} {
		for _, r := range runs {
			if recorded != (r.last() != nil) {
				continue
			}
			settings := settingsOf(r)
			at := slices.IndexFunc(groups, func(g *Group) bool { return canCompare(g.Settings, settings) })
			if at < 0 {
				at, groups = len(groups), append(groups, &Group{Settings: settings})
			}
			groups[at].Runs = append(groups[at].Runs, r)
		}
	}
	for _, g := range groups {
		slices.SortStableFunc(g.Runs, func(a, b *Run) int {
			return cmp.Or(cmp.Compare(a.Alpha(), b.Alpha()), cmp.Compare(a.Batch(), b.Batch()), cmp.Compare(a.Seed(), b.Seed()))
		})
		for _, r := range g.Runs {
			c := g.Cell(r.Alpha(), r.Batch())
			if c == nil {
				c = &Cell{Alpha: r.Alpha(), Batch: r.Batch()}
				g.Cells = append(g.Cells, c)
			}
			c.Runs = append(c.Runs, r)
		}
	}
	return groups
}

// Cell is the cell of an alpha and a B, nil if there is none.
func (g *Group) Cell(alpha float64, batch int) *Cell {
	for _, c := range g.Cells {
		if c.Alpha == alpha && c.Batch == batch {
			return c
		}
	}
	return nil
}

// Alphas are those of the group, ascending.
func (g *Group) Alphas() []float64 {
	var all []float64
	for _, c := range g.Cells {
		if !slices.Contains(all, c.Alpha) {
			all = append(all, c.Alpha)
		}
	}
	return all
}

// Name is the model and the data, which of a training elsewhere are not known.
func (g *Group) Name() string {
	if g.setting("gradients") == fromElsewhere {
		return "gradients from elsewhere, " + g.setting("parameters") + " parameters"
	}
	return g.setting("model") + " on " + g.setting("data")
}

func (g *Group) setting(name string) string {
	for _, s := range g.Settings {
		if s.Name == name {
			return s.Value
		}
	}
	return ""
}

// Converging reports whether training of any run of the group ended at convergence: its runs are then compared there.
func (g *Group) Converging() bool { return slices.ContainsFunc(g.Runs, (*Run).Stopped) }

// notes say what about the runs limits the comparison.
func (g *Group) notes() []string {
	var notes []string
	if versions := distinct(g.Runs, func(r *Run) string { return r.Report.Run.Version }); len(versions) > 1 {
		notes = append(notes, "The runs were made by different versions of noiseprobe: "+strings.Join(versions, ", ")+".")
	}
	steps := distinct(g.Runs, func(r *Run) string {
		if r.Stopped() || r.Diverged() {
			return ""
		}
		return strconv.Itoa(r.Report.Training.Steps)
	})
	steps = slices.DeleteFunc(steps, func(s string) bool { return s == "" })
	if len(steps) > 1 {
		notes = append(notes, "Runs that did not stop at convergence ended after different numbers of steps: "+strings.Join(steps, ", ")+".")
	}
	return notes
}

// distinct are the values of the runs, in the order of their appearance.
func distinct(runs []*Run, value func(*Run) string) []string {
	var all []string
	for _, r := range runs {
		if v := value(r); !slices.Contains(all, v) {
			all = append(all, v)
		}
	}
	return all
}
