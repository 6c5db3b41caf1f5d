package report

import (
	"strings"
	"testing"

	"github.com/noiseprobe/noiseprobe/analysis/estimate"
	"github.com/noiseprobe/noiseprobe/analysis/tail"
)

func TestArtefactSection(t *testing.T) {
	r := sampleReport()
	if s := artefactSection(r); !strings.Contains(s.Lines[0], "no checkpoint holds single coordinates") {
		t.Errorf("without coordinates: %+v", s)
	}
	u, none := estimate.Undefined(), estimate.None()
	r.Checkpoints[2].ScaleArtefact = &tail.Artefact{
		Draws: 500, Coordinates: 200, Zeros: 25_000, ReferenceK1: 250, ReferenceAlpha: 1.25, SurrogateReferenceAlpha: 1.5, K1: 32, Alpha: 1.875,
		CI: estimate.Around(1.875, 0.125), SurrogateAlpha: 2, SurrogateBand: estimate.Around(2, 0.125),
		Curve:    []tail.ArtefactPoint{{K1: 32, Alpha: 1.875, CI: estimate.Around(1.875, 0.125), SurrogateAlpha: 2, SurrogateBand: none}},
		Survives: tail.Survival{Reference: 0.75, ReferenceSurrogate: 0.5, Data: 0.125, Surrogate: 0, Difference: 0.125, CI: estimate.Around(0.125, 0.25)}, Verdict: tail.ConsistentWithGaussian,
	}
	s := artefactSection(r)
	// 25,000 of 500 x 200 numbers are 25%; 2 - 1.25 = 0.75
	for _, want := range []string{"25.0% of the numbers are exact zeros", "consistent with Gaussian", "the index is 1.25, where Gaussian numbers with the same scales and zeros have 1.50.",
		"the index of Gaussian numbers is above that of the gradients by 0.125 [-0.125, 0.375]"} {
		if !strings.Contains(strings.Join(append(s.Lines, s.Notes...), " "), want) {
			t.Errorf("no %q in %+v", want, s)
		}
	}
	if len(s.Table.Rows) != 2 || s.Table.Rows[1][2] != "1.88 [1.75, 2.00]" {
		t.Errorf("table %q", s.Table.Rows)
	}
	r.Checkpoints[2].ScaleArtefact = &tail.Artefact{ReferenceAlpha: u, SurrogateReferenceAlpha: u, Verdict: tail.TooFewDraws, Reason: "12 are too few; 128 would do", DrawsNeeded: 128,
		Survives: tail.Survival{Reference: u, ReferenceSurrogate: u, Data: u, Surrogate: u, Difference: u, CI: none}}
	if text := strings.Join(artefactSection(r).Lines, " "); !strings.Contains(text, "No verdict, since 12 are too few; 128 would do (-units 128).") {
		t.Errorf("too few draws:\n%s", text)
	}
	summary(t, r)
}
