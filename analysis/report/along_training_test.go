package report

import (
	"strings"
	"testing"

	"github.com/noiseprobe/noiseprobe/analysis/enhancement"
	"github.com/noiseprobe/noiseprobe/analysis/estimate"
)

// kurtosisPair is a resampled direction whose NE and small-batch arms have these kurtoses, 0.1 on either side.
func kurtosisPair(of string, ne, small float64) []Normality {
	row := func(alpha float64, batch int, g2 float64) Normality {
		return Normality{Of: of, Axis: AxisDraws, Evidence: enhancement.Resampled, Alpha: &alpha, Batch: &batch,
			ExcessKurtosisG2: estimate.Number(g2), CI: estimate.Around(g2, 0.1), ExcessKurtosisPredicted: estimate.Number(g2 + 0.05),
			GaussianSurrogate: estimate.Interval{Lo: -0.1, Hi: 0.1}}
	}
	return []Normality{row(1.5, 500, ne), row(1, 200, small)}
}

func TestComparisonOfArms(t *testing.T) {
	run := Run{Alpha: 1.5, Batch: 500}
	c := Checkpoint{}
	for _, p := range []struct {
		of        string
		ne, small float64
	}{{"a", 0.05, 0.9}, {"b", 0.05, 0.1}, {"c", 0.3, 0.2}, {"d", 0.8, 0.1}} {
		c.Normality = append(c.Normality, kurtosisPair(p.of, p.ne, p.small)...)
	}
	want := comparison{pairs: 4, below: 2, apart: 1, reversed: 1, predicted: 8, predictions: 8, gaussian: 2}
	if got := compareArms(run, []Checkpoint{c}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

// P(X >= 1) with 1/360 each: 0.28% for 1 pair, 1.11% for 4, 6.4% for 24; P(X >= 2) for 24 pairs is 0.2%.
func TestAnswerWeighsChance(t *testing.T) {
	for _, c := range []struct {
		n    comparison
		want string
	}{
		{comparison{pairs: 1, apart: 1}, "stronger without"},
		{comparison{pairs: 4, apart: 1}, "not told apart"},
		{comparison{pairs: 24, apart: 1}, "not told apart"},
		{comparison{pairs: 24, apart: 2}, "stronger without"},
		{comparison{pairs: 24, apart: 9, reversed: 1}, "stronger without"},
		{comparison{pairs: 24, apart: 9, reversed: 2}, "contradicts"},
		{comparison{pairs: 24}, "not told apart"},
	} {
		if got := c.n.answer(); !strings.Contains(got, c.want) {
			t.Errorf("%+v: %s", c.n, got)
		}
	}
}

func traced(step int, trace, half float64) Checkpoint {
	r := sampleReport()
	c := r.Checkpoints[0]
	v := *c.Covariance
	v.TraceUnbiased = estimate.Number(trace)
	v.CI = map[string]estimate.Interval{"trace_unbiased": {Lo: trace / half, Hi: trace * half}}
	c.Step, c.Covariance = step, &v
	return c
}

func TestStrengthWords(t *testing.T) {
	for _, c := range []struct {
		last, half float64
		want       string
	}{
		{20, 1.1, "its largest value: 10.0 [8.74, 11.4] of the first; the noise has not become weak"},
		{1, 1.1, "0.100 [0.0874, 0.114] of the largest value, that of step 5: the noise has become weaker"},
		{9.5, 1.1, "no change can be told"},
		{20, 10, "no change can be told"},
	} {
		with := []Checkpoint{traced(0, 2, c.half), traced(5, 10, c.half), traced(9, c.last, c.half)}
		// The half width of the logarithm of the ratio is sqrt(2) log 1.1 = 0.1348: 0.1 exp(+-0.1348).
		if got := strings.Join(strengthWords(with), " "); !strings.Contains(got, c.want) {
			t.Errorf("%g: %s", c.last, got)
		}
	}
}

// The noise scale is 100 [50, 200] with |grad|^2 = 1; the noise of a step is 1/80 or 1/10 of tr Sigma = 100.
func TestSignalWords(t *testing.T) {
	for trace, want := range map[float64]string{
		1.25: "1.25 [0.625, 2.50] times the squared length of the gradient: which is larger cannot be told",
		10:   "10.0 [5.00, 20.0] times the squared length of the gradient: noise is the larger part",
		0.25: "0.250 [0.125, 0.500] times the squared length of the gradient: the gradient is the larger part",
	} {
		c := traced(9, 100, 1.1)
		c.Covariance.GradientNormSqUnbiased, c.Covariance.NoiseScale = 1, 100
		c.Covariance.CI["noise_scale"] = estimate.Interval{Lo: 50, Hi: 200}
		c.Noise = &Noise{GradientTrace: estimate.Number(trace)}
		if got := signalWords(c); len(got) != 1 || !strings.Contains(got[0], want) {
			t.Errorf("%g: %s", trace, got)
		}
	}
}

func TestAlongTrainingOfOneCheckpoint(t *testing.T) {
	r := sampleReport()
	r.Checkpoints = r.Checkpoints[:1]
	if s := alongTrainingSection(r); s.Table != nil || !strings.HasPrefix(s.Lines[0], "Not known") {
		t.Errorf("%+v", s)
	}
}
