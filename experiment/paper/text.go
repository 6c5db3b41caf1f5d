package paper

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/noiseprobe/noiseprobe/analysis/document"
	"github.com/noiseprobe/noiseprobe/analysis/estimate"
)

// Text writes the result for people.
func (r *Result) Text(w io.Writer) error {
	var b strings.Builder
	data := ""
	if r.Train > 0 {
		data = fmt.Sprintf(" on %s (%d + %d samples)", r.Data, r.Train, r.Test)
	}
	fmt.Fprintf(&b, "%s: %s%s, scale %s\n", r.Title, r.Model, data, r.Scale)
	for _, note := range r.Notes {
		fmt.Fprintln(&b, note)
	}
	r.table(&b)
	fmt.Fprintf(&b, "Mean ± standard deviation (divisor n - 1) over n seeds. Published: over %d seeds. Difference: ours less\n"+
		"the published, with a 95%% interval (Welch) that counts both spreads; for one seed, the published spread on both sides.\n", theSettings.PublishedSeeds)
	r.pairsText(&b)
	for _, f := range r.Findings {
		fmt.Fprintln(&b, f)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func (r *Result) table(w io.Writer) {
	t := document.Table{Header: []string{"alpha", "B", "B/f", "n", "accuracy %", "published", "difference", "n", "steps to L**", "published", "difference"}}
	for _, row := range r.Rows {
		a, c := row.Accuracy, row.ConvergenceTime
		t.Add(
			document.Plain(row.Alpha), strconv.Itoa(row.Batch), strconv.FormatFloat(row.BEff, 'f', 0, 64),
			strconv.Itoa(a.N), spread(a.Mean, a.SD, 2), a.published(2), a.difference(2),
			strconv.Itoa(c.N), spread(c.Mean, c.SD, 0), c.published(0), c.difference(0))
	}
	t.Text(w)
	for _, row := range r.Rows {
		if row.Diverged > 0 || row.NotConverged > 0 {
			fmt.Fprintf(w, "alpha %g, B %d: %d of %d runs diverged, %d did not converge.\n", row.Alpha, row.Batch, row.Diverged, row.Runs, row.NotConverged)
		}
	}
}

func spread(mean, sd estimate.Number, decimals int) string {
	if !mean.Defined() {
		return "-"
	}
	text := fixed(float64(mean), decimals)
	if sd.Defined() {
		text += " ± " + fixed(float64(sd), decimals)
	}
	return text
}

func (m Measured) published(decimals int) string {
	if m.Published == nil {
		return "-"
	}
	return fixed(m.Published.Mean, decimals) + " ± " + fixed(m.Published.SD, decimals)
}

func (m Measured) difference(decimals int) string {
	if m.Difference == nil {
		return "-"
	}
	text := fmt.Sprintf("%+.*f", decimals, float64(m.Difference.Value))
	if ci := m.Difference.CI; ci.Defined() {
		text += " [" + fixed(ci.Lo, decimals) + ", " + fixed(ci.Hi, decimals) + "]"
	}
	return text
}

func fixed(x float64, decimals int) string { return strconv.FormatFloat(x, 'f', decimals, 64) }
