package main

import (
	"fmt"
	"math"
	"strings"

	"github.com/noiseprobe/noiseprobe/analysis/criticalbatch"
	"github.com/noiseprobe/noiseprobe/analysis/document"
	"github.com/noiseprobe/noiseprobe/analysis/estimate"
	"github.com/noiseprobe/noiseprobe/analysis/figure"
	"github.com/noiseprobe/noiseprobe/experiment/branch"
)

func criticalBatchDocument(r *branch.Result) document.Document {
	d := document.Document{
		Title: "Critical batch size", Subtitle: fmt.Sprintf("%s after %s", r.Dir, document.Plural(r.Checkpoint.Step, "step")),
		Sections: []document.Section{criticalAnswer(r), stepsSection(r), proxySection(r)},
		Glossary: criticalBatchGlossary,
		Footer:   "All numbers at full precision are in " + criticalBatchName + ".json.",
	}
	for _, f := range r.Fits {
		label := "critical batch size"
		if len(r.Fits) > 1 {
			label += ", alpha = " + document.Plain(f.Alpha)
		}
		card := document.Card{Label: label, Value: "none in this range", Note: f.Where}
		if f.Verdict == criticalbatch.Measured {
			card.Value, card.Note = document.Number(f.CriticalBatch), "samples "+document.Interval(f.CI)
		}
		d.Cards = append(d.Cards, card)
	}
	return d
}

var criticalBatchGlossary = []document.Term{
	{Name: "Critical batch size", Text: "E_min / S_min of the law S = S_min + E_min / B (McCandlish, Kaplan, Amodei et al. 2018, arXiv:1812.06162): a training at this B takes twice the fewest steps and twice the fewest samples. Smaller batches save samples, larger ones steps."},
	{Name: "Steps", Text: "The updates after which the monotone trend of the training loss reaches the target loss, linear between its parts."},
	{Name: "Samples", Text: "B times the steps. Noise enhancement reads as many again, for the minibatches B'."},
	{Name: "Brackets", Text: "95% intervals over seeds, by the profile of the weighted sum of squares of log S. Where the batch sizes lie further from the law than seeds explain, they rest on these distances. That of a ratio is by the method of variance estimates recovery."},
	{Name: "Proxies", Text: "Numbers of the run at this checkpoint that cost no other runs: the noise scale tr Sigma / |grad L|^2, the same in the optimizer's metric D, tr(F Sigma) / gbar' F gbar with the Gauss-Newton matrix F, and the noise scale of the log of norms. Their ratio is to the measured critical batch size of plain minibatches."},
}

// ruleLine states what the numbers depend on.
func ruleLine(r *branch.Result) string {
	from := "given"
	if r.TargetFrom == branch.Reference {
		from = "to which a branch with the settings of the run came"
	}
	at := "B = " + document.Whole(r.Checkpoint.Batch)
	if r.Checkpoint.Alpha != 1 {
		at += " and alpha = " + document.Plain(r.Checkpoint.Alpha)
	}
	return fmt.Sprintf("Training loss %s (%s), from %s; lr-rule %s: %s, and is %s at %s.", document.Number(r.TargetLoss), from,
		document.Significant(r.Checkpoint.TrainLoss), r.Rule, r.RuleText(), document.Significant(r.Checkpoint.LearningRate), at)
}

func criticalAnswer(r *branch.Result) document.Section {
	s := document.Section{ID: "answer", Title: "How large a batch pays?"}
	for _, f := range r.Fits {
		line := criticalSentence(f, r.Rows)
		if len(r.Fits) > 1 || f.Alpha != 1 {
			line = "alpha = " + document.Plain(f.Alpha) + ": " + line
		}
		s.Lines = append(s.Lines, line)
	}
	for _, m := range r.Moves {
		s.Lines = append(s.Lines, moveSentence(m))
	}
	s.Notes = append(s.Notes, ruleLine(r))
	for _, f := range r.Fits {
		if f.LackOfFit < 1-estimate.Level {
			s.Notes = append(s.Notes, fmt.Sprintf("alpha = %s: the steps do not quite follow the law (%s).", document.Plain(f.Alpha), document.PValue(f.LackOfFit)))
		}
	}
	return s
}

func criticalSentence(f criticalbatch.Fit, rows []branch.Row) string {
	if f.Verdict == criticalbatch.Measured {
		return fmt.Sprintf("The critical batch size is %s samples: S_min = %s steps, E_min = %s samples.", document.Measured(f.CriticalBatch, f.CI),
			document.Measured(f.SMin, f.SMinCI), document.Measured(f.EMin, f.EMinCI))
	}
	smallest, largest := rows[0].Batch, 0
	for _, r := range rows {
		smallest, largest = min(smallest, r.Batch), max(largest, r.Batch)
	}
	none := fmt.Sprintf("No critical batch size is measured in this range, %s to %s: ", document.Whole(smallest), document.Whole(largest))
	switch f.Where {
	case criticalbatch.Above:
		if !math.IsInf(f.CI.Hi, 1) {
			return none + fmt.Sprintf("by the law it is larger, %s.", document.Measured(f.CriticalBatch, f.CI))
		}
		return none + fmt.Sprintf("the runs do not show where steps cease to fall. It is above %s.", document.Significant(f.CI.Lo))
	case criticalbatch.Below:
		if f.CI.Lo > 0 {
			return none + fmt.Sprintf("by the law it is smaller, %s.", document.Measured(f.CriticalBatch, f.CI))
		}
		return none + fmt.Sprintf("the runs do not show that steps fall with B. It is below %s.", document.Significant(f.CI.Hi))
	case criticalbatch.TooFew:
		return none + fmt.Sprintf("%s reached the loss, and %d are needed. The others may reach it with a smaller learning rate (-lr-rule), or in more -steps.",
			document.Plural(f.Batches, "batch size"), criticalbatch.FewestBatches)
	}
	return none + "the runs do not show how steps go with B."
}

func moveSentence(m criticalbatch.Move) string {
	said := map[string]string{
		criticalbatch.AsPredicted: "as predicted, within " + document.Plain(100*(criticalbatch.Margin-1)) + "%",
		criticalbatch.Different:   "which is another", criticalbatch.Open: "undecided",
	}[m.Verdict]
	return fmt.Sprintf("Noise enhancement at alpha = %s moves it by the factor %s, predicted f = %s: %s.", document.Plain(m.Alpha), document.Measured(m.Ratio, m.CI),
		document.Significant(m.Predicted), said)
}

func stepsSection(r *branch.Result) document.Section {
	s := document.Section{ID: "steps", Title: "Steps and samples to the loss", Figures: []string{"critical-batch"},
		Table: &document.Table{Header: []string{"alpha", "B", "learning rate", "seeds", "steps", "samples", "law", "not reached"}, Keys: 2}}
	for _, f := range r.Fits {
		for _, g := range groupsOf(r.Rows, f.Alpha) {
			steps := estimate.Number(g.mean())
			s.Table.Add(document.Plain(f.Alpha), document.Whole(g.batch), document.Significant(g.rate), document.Whole(len(g.steps)), document.Number(steps),
				document.Number(steps*estimate.Number(g.batch)), document.Significant(f.At(float64(g.batch))), document.Whole(g.missing))
		}
	}
	s.Notes = append(s.Notes, "Steps are geometric means over the seeds that reached the loss; lr-rule "+r.Rule+".")
	return s
}

// rowGroup is the branches of one alpha and batch size.
type rowGroup struct {
	batch   int
	rate    float64
	steps   []float64
	missing int
}

func (g rowGroup) mean() float64 {
	total := 0.0
	for _, v := range g.steps {
		total += math.Log(v) / float64(len(g.steps))
	}
	if len(g.steps) == 0 {
		return math.NaN()
	}
	return math.Exp(total)
}

func groupsOf(rows []branch.Row, alpha float64) (groups []rowGroup) {
	for _, r := range rows {
		if r.Alpha != alpha {
			continue
		}
		if n := len(groups); n == 0 || groups[n-1].batch != r.Batch {
			groups = append(groups, rowGroup{batch: r.Batch, rate: r.LearningRate})
		}
		g := &groups[len(groups)-1]
		if r.Steps.Defined() {
			g.steps = append(g.steps, float64(r.Steps))
		} else {
			g.missing++
		}
	}
	return groups
}

func proxySection(r *branch.Result) document.Section {
	s := document.Section{ID: "proxies", Title: "What cheaper numbers say", Table: &document.Table{Header: []string{"proxy", "samples", "over measured", "remark"}}}
	for _, p := range r.Proxies {
		s.Table.Add(strings.ReplaceAll(p.Name, "_", " "), document.Measured(p.Value, p.CI), document.Measured(p.Ratio, p.RatioCI), p.Reason)
	}
	s.Notes = append(s.Notes, "lr-rule "+r.Rule+": another rule has another critical batch size.")
	return s
}

// criticalFinding is the critical batch size of each alpha in few words.
func criticalFinding(r *branch.Result) string {
	var words []string
	for _, f := range r.Fits {
		size := "none in this range"
		if f.Verdict == criticalbatch.Measured {
			size = document.Measured(f.CriticalBatch, f.CI) + " samples"
		}
		if len(r.Fits) > 1 {
			size += " at alpha = " + document.Plain(f.Alpha)
		}
		words = append(words, size)
	}
	return "critical batch size: " + strings.Join(words, ", ")
}

// criticalBatchFigure shows steps against samples, both to the loss.
func criticalBatchFigure(r *branch.Result) figure.Figure {
	f := figure.Figure{
		Name: criticalBatchName, Title: "Steps against samples", XLabel: "samples to the loss", YLabel: "steps to the loss", LogX: true, LogY: true, Scatter: true,
		Empty:   "no branch reached the loss",
		Finding: criticalFinding(r),
		Caption: fmt.Sprintf("A point for each of %s, to the training loss %s, and the fitted law (S / S_min - 1) (E / E_min - 1) = 1: on the left small batches, which take the fewest "+
			"samples, below large ones, which take the fewest steps; the critical batch size is at the bend. Lr-rule %s.", document.Plural(len(r.Rows), "run"), document.Number(r.TargetLoss), r.Rule),
	}
	for _, fit := range r.Fits {
		name := "alpha = " + document.Plain(fit.Alpha)
		points, law := figure.Series{Name: name, Kind: figure.Points}, figure.Series{Name: "law, " + name, Kind: figure.Line, For: name}
		smallest, largest := math.Inf(1), 0.0
		for _, row := range r.Rows {
			if row.Alpha == fit.Alpha {
				points.Add(float64(row.Samples), row.Steps, estimate.None())
				smallest, largest = min(smallest, float64(row.Batch)), max(largest, float64(row.Batch))
			}
		}
		const parts = 60
		for k := range parts + 1 {
			b := smallest / 1.5 * math.Pow(2.25*largest/smallest, float64(k)/parts)
			law.Add(b*fit.At(b), estimate.Number(fit.At(b)), estimate.None())
		}
		f.Series = append(f.Series, points, law)
	}
	return f
}
