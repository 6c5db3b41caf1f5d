package report

import (
	"bytes"
	"flag"
	"io"
	"math"
	"os"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/noiseprobe/noiseprobe/analysis/covariance"
	"github.com/noiseprobe/noiseprobe/analysis/document"
	"github.com/noiseprobe/noiseprobe/analysis/enhancement"
	"github.com/noiseprobe/noiseprobe/analysis/estimate"
	"github.com/noiseprobe/noiseprobe/analysis/shape"
	"github.com/noiseprobe/noiseprobe/analysis/tail"
	"github.com/noiseprobe/noiseprobe/probe"
)

// textWidth is that of the golden file.
const textWidth = document.DefaultWidth

var update = flag.Bool("update", false, "write the golden file of the text summary again")

// notFinite is what no reader should see, apart from words such as "infinite".
var notFinite = regexp.MustCompile(`\bNaN\b|[+-]Inf\b|\bInf\b|%!`)

func summary(t *testing.T, r *Report) string {
	t.Helper()
	return textBy(t, Text, r)
}

// textBy is what write makes of a report, which is not too wide and has no NaN.
func textBy(t *testing.T, write func(io.Writer, *Report, int) error, r *Report) string {
	t.Helper()
	var b bytes.Buffer
	if err := write(&b, r, textWidth); err != nil {
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
	for i := range last.ScaleExponent {
		last.ScaleExponent[i].ExponentEstimate = enhancement.ExponentEstimate{S: u, CI: none, GaussianSurrogate: none}
	}
	last.Shape = &shape.Shape{Gamma: u, CI: shape.Intervals{Gamma: none, NormExcessUnit: none}, Withheld: "12 units are too few; 30 would do",
		Rows:       []shape.Row{{Arm: enhancement.ArmNE, Evidence: shape.Exact, NormExcess: u, CI: none, Unbiased: u, UnbiasedCI: none, Predicted: u, PValue: u}},
		Directions: []shape.Direction{{Of: "noise top1", SkewnessG1: u, SkewnessCI: none, ExcessKurtosisG2: u, CI: none}}}
	last.Covariance.Withheld, last.Shape.NoDirect = last.Shape.Withheld, last.Shape.Withheld
	last.Shape.Conclusion = &shape.Conclusion{Gamma: u, CI: none, Reason: last.Shape.Withheld,
		Norms: shape.NormTail{N: 12, Untested: last.Shape.Withheld, Index: tail.Index{Method: "moment", K: 5, TailIndex: u, CI: none, Variance: tail.Undecided, Reason: "the estimate is too small"}}}
	last.PopulationNorms, last.NoiseSize = nil, covariance.SizeOf(&probe.Units{Meta: probe.Meta{Population: 10000}, N: 12}, last.Covariance, nil)
	undefined.Along = sampleAlong(undefined)
	last.Tails = []shape.Tail{{Of: "loss", Axis: shape.AxisUnits, Estimates: []tail.Estimate{{Method: "hill", Gamma: u, TailIndex: u, CI: none}}}}
	notAlpha := sampleReport()
	notAlpha.Run.Alpha = math.NaN()
	plainSGD := sampleReport()
	plainSGD.Run.Alpha = 1
	return map[string]*Report{
		"zero":        {},
		"run only":    {Run: sampleReport().Run, Training: sampleReport().Training},
		"bare":        {Run: sampleReport().Run, Checkpoints: make([]Checkpoint, 2)},
		"empty parts": {Checkpoints: []Checkpoint{{Covariance: &covariance.Covariance{}, Tails: make([]shape.Tail, 1), Normality: make([]shape.Normality, 1), Shape: &shape.Shape{}}}},
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
		"Not known, since no checkpoint holds a covariance.", "Not measured: that takes direct draws of real minibatches (-draws).",
		"Not known, since no checkpoint holds gradients.", "Not known, since no checkpoint holds tail estimates.",
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
