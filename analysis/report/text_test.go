package report

import (
	"bytes"
	"flag"
	"math"
	"os"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/noiseprobe/noiseprobe/analysis/covariance"
	"github.com/noiseprobe/noiseprobe/analysis/enhancement"
	"github.com/noiseprobe/noiseprobe/analysis/estimate"
	"github.com/noiseprobe/noiseprobe/analysis/tail"
)

// textWidth is that of the golden file.
const textWidth = 100

var update = flag.Bool("update", false, "write the golden file of the text summary again")

// notFinite is what no reader should see, apart from words such as "infinite".
var notFinite = regexp.MustCompile(`\bNaN\b|[+-]Inf\b|\bInf\b|%!`)

func summary(t *testing.T, r *Report) string {
	t.Helper()
	var b bytes.Buffer
	if err := Text(&b, r, textWidth); err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(b.String()) {
		if n := utf8.RuneCountInString(strings.TrimRight(line, "\n")); n > textWidth {
			t.Errorf("%d columns: %s", n, line)
		}
	}
	if found := notFinite.FindString(b.String()); found != "" {
		t.Errorf("the text contains %s:\n%s", found, b.String())
	}
	return b.String()
}

// poorReports have missing parts and undefined numbers in many places.
func poorReports() map[string]*Report {
	u, none := estimate.Undefined(), estimate.None()
	undefined := sampleReport()
	undefined.Training.TestAccuracy = u
	last := &undefined.Checkpoints[5]
	last.Covariance.TraceUnbiased, last.Covariance.CI = u, nil
	last.NoiseCorrelation = []enhancement.Correlation{{Measured: u, CI: none, PValue: u, Predicted: u}}
	last.Enhancement = []enhancement.Factor{{Alpha: 1.5, Measured: u, Predicted: u, CI: none,
		Equivalence: enhancement.Equivalence{Margin: u, PValue: u}}}
	last.EffectiveBatch = []enhancement.EffectiveBatch{{Alpha: 1.5, Measured: u, Predicted: u, CI: none, PValue: u}}
	for i := range last.Matched {
		m := &last.Matched[i]
		m.Measured, m.Predicted, m.CI, m.PValue = u, u, none, u
	}
	for i := range last.ScaleExponent {
		last.ScaleExponent[i].ExponentEstimate = enhancement.ExponentEstimate{S: u, CI: none, GaussianSurrogate: none}
	}
	for i := range last.Normality {
		last.Normality[i].ExcessKurtosisG2, last.Normality[i].ExcessKurtosisPredicted, last.Normality[i].CI = u, u, none
	}
	last.Tails = []Tail{{Of: "loss", Axis: AxisUnits, Estimates: []tail.Estimate{{Method: "hill", Gamma: u, TailIndex: u, CI: none}}}}
	notAlpha := sampleReport()
	notAlpha.Run.Alpha = math.NaN()
	plainSGD := sampleReport()
	plainSGD.Run.Alpha = 1
	return map[string]*Report{
		"zero":        {},
		"run only":    {Run: sampleReport().Run, Training: sampleReport().Training},
		"bare":        {Run: sampleReport().Run, Checkpoints: make([]Checkpoint, 2)},
		"empty parts": {Checkpoints: []Checkpoint{{Covariance: &covariance.Covariance{}, Tails: make([]Tail, 1), Normality: make([]Normality, 1)}}},
		"undefined":   undefined,
		"alpha":       notAlpha,
		"plain sgd":   plainSGD,
	}
}

func TestTextGolden(t *testing.T) {
	const path = "testdata/summary.txt"
	got := summary(t, sampleReport())
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("the summary differs from %s (go test -update writes it again):\n%s", path, got)
	}
}

func TestTextSaysWhatIsMissing(t *testing.T) {
	for name, r := range poorReports() {
		t.Run(name, func(t *testing.T) { summary(t, r) })
	}
	bare := summary(t, poorReports()["bare"])
	for _, want := range []string{
		"Not known: no checkpoint holds a covariance.", "Not measured: no checkpoint holds draws.",
		"Not measured: no checkpoint compares the noise", "Not known: no checkpoint holds draws along directions.",
		"Not known: no checkpoint holds tail estimates.",
	} {
		if !strings.Contains(strings.Join(strings.Fields(bare), " "), want) {
			t.Errorf("%q is missing:\n%s", want, bare)
		}
	}
	if sgd := summary(t, poorReports()["plain sgd"]); !strings.Contains(sgd, "plain SGD") || strings.Contains(sgd, "2B") {
		t.Errorf("plain SGD:\n%s", sgd)
	}
	if none := summary(t, &Report{}); !strings.Contains(none, "Checkpoints: None was recorded.") {
		t.Errorf("no checkpoints:\n%s", none)
	}
}

func TestTailVerdict(t *testing.T) {
	band := tail.SurrogateBand{GammaBand: estimate.Interval{Lo: -0.2, Hi: 0.2}}
	for _, c := range []struct {
		gamma estimate.Number
		band  tail.SurrogateBand
		want  string
	}{
		{0.3, band, "heavier than Gaussian"},
		{0.1, band, "consistent with Gaussian"},
		{-0.1, band, "consistent with Gaussian"},
		{-0.3, band, "lighter than Gaussian"},
		{0.3, tail.SurrogateBand{GammaBand: estimate.None()}, "no Gaussian band"},
		{estimate.Undefined(), band, "-"},
	} {
		if got := tailVerdict(tail.Estimate{Gamma: c.gamma}, c.band); got != c.want {
			t.Errorf("gamma = %v: %s, want %s", c.gamma, got, c.want)
		}
	}
}
