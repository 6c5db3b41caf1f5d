package report

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/noiseprobe/noiseprobe/analysis/figure"
)

func html(t *testing.T, r *Report, figures []figure.Figure) string {
	t.Helper()
	var b bytes.Buffer
	if err := HTML(&b, r, figures); err != nil {
		t.Fatal(err)
	}
	if found := notFinite.FindString(b.String()); found != "" {
		t.Errorf("the page contains %s", found)
	}
	return b.String()
}

// figureFile is a link to the numbers or the drawing of a figure, which a page alone does without.
var figureFile = regexp.MustCompile(`^figures/[a-z-]+\.(csv|svg)$`)

func TestHTMLIsSelfContained(t *testing.T) {
	page := html(t, sampleReport(), sampleFigures(sampleReport(), 1))
	for _, m := range regexp.MustCompile(`(?:href|src)="([^"]*)"`).FindAllStringSubmatch(page, -1) {
		if m[1] != "https://arxiv.org/abs/2009.13094" && !strings.HasPrefix(m[1], "#") && !figureFile.MatchString(m[1]) {
			t.Errorf("the page needs %s", m[1])
		}
	}
	for _, word := range []string{"<script src", "@import", "url(", "fetch("} {
		if strings.Contains(page, word) {
			t.Errorf("the page contains %s", word)
		}
	}
	for _, target := range regexp.MustCompile(`href="#([^"]*)"`).FindAllStringSubmatch(page, -1) {
		if !strings.Contains(page, fmt.Sprintf(`<h2 id="%s">`, target[1])) {
			t.Errorf("nothing is at #%s", target[1])
		}
	}
}

func TestHTMLHasEveryFigureOnce(t *testing.T) {
	figures := sampleFigures(sampleReport(), 1)
	page := html(t, sampleReport(), figures)
	if got := strings.Count(page, "<svg"); got != len(figures) {
		t.Errorf("%d drawings, want %d", got, len(figures))
	}
	for _, f := range WithFindings(sampleReport(), figures) {
		if f.Finding == "" {
			t.Errorf("%s says nothing of the run", f.Name)
		}
		if !strings.Contains(page, `role="img" aria-label="`+f.Label()+`"`) {
			t.Errorf("%s is missing or has no label", f.Name)
		}
	}
	first, _, _ := strings.Cut(page, "<main>")
	for _, want := range []string{"2.50", "204", "[178, 232]", "What B<sub>eff</sub> does not mean", "Adam"} {
		if !strings.Contains(first, want) {
			t.Errorf("%q is not on the first screen", want)
		}
	}
}

func TestHTMLOfPoorReports(t *testing.T) {
	for name, r := range poorReports() {
		t.Run(name, func(t *testing.T) { html(t, r, nil) })
	}
}

func TestHTMLEscapes(t *testing.T) {
	r := sampleReport()
	const evil = `<b onclick="x">`
	r.Run.Model, r.Run.Data.Source, r.Checkpoints[5].Tails[0].Of = evil, evil, evil
	r.Checkpoints[5].Warnings = []string{evil + " alpha/Sigma.npy"}
	f := newFigure("hill", figure.Series{Name: evil, X: []float64{1, 2}, Y: []float64{1, 2}})
	page := html(t, r, []figure.Figure{f})
	if strings.Contains(page, evil) {
		t.Error("text of the report became markup")
	}
	if !strings.Contains(page, "alpha/Sigma.npy") {
		t.Error("a file name in a warning was typeset")
	}
}
