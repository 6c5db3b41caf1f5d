package along

import (
	"math"
	"testing"

	"github.com/noiseprobe/noiseprobe/analysis/covariance"
	"github.com/noiseprobe/noiseprobe/analysis/estimate"
	"github.com/noiseprobe/noiseprobe/analysis/shape"
)

// point has a trace with an interval of a factor either way, a squared gradient and the noise of a step, from 100 units.
func point(step int, trace, factor, gradient, noise float64) Point {
	return Point{Step: step, StepTrace: estimate.Number(noise), Size: &covariance.Size{
		From: covariance.FromRecordedUnits, Samples: 100,
		Trace: estimate.Number(trace), GradientNormSq: estimate.Number(gradient), NoiseScale: estimate.Number(trace / gradient),
		TraceCI: estimate.Interval{Lo: trace / factor, Hi: trace * factor}, NoiseScaleCI: estimate.Interval{Lo: trace / gradient / 2, Hi: trace / gradient * 2},
	}}
}

// TestStrength: with intervals of a factor 1.2 either way two traces are apart beyond 1.2^sqrt(2) = 1.29.
func TestStrength(t *testing.T) {
	for _, c := range []struct {
		name    string
		traces  []float64
		against string
		ratio   float64
		want    Verdict
	}{
		{"falls", []float64{1, 8, 2}, "peak", 0.25, Weaker},
		{"falls a little", []float64{1, 8, 7}, "peak", 0.875, Undecided},
		{"rises", []float64{1, 2, 4}, "first", 4, Stronger},
		{"rises a little", []float64{1, 1.1, 1.2}, "first", 1.2, Undecided},
	} {
		var points []Point
		for i, trace := range c.traces {
			points = append(points, point(10*i, trace, 1.2, 1, 1))
		}
		s := Of(points).Strength
		if s.Against != c.against || float64(s.Ratio) != c.ratio || s.Verdict != c.want || s.First.Step != 0 || s.Last.Step != 20 {
			t.Errorf("%s: %+v", c.name, s)
		}
		if !s.CI.Contains(c.ratio) {
			t.Errorf("%s: %v does not hold %g", c.name, s.CI, c.ratio)
		}
	}
	if s := Of([]Point{point(0, 0, 1, 1, 1), point(1, 1, 1, 1, 1)}).Strength; s != nil {
		t.Errorf("a trace of 0 has a ratio: %+v", s)
	}
	if Of([]Point{point(0, 1, 1, 1, 1)}) != nil {
		t.Error("one checkpoint is no training")
	}
}

// TestWithheldIntervals decide nothing, and say why and how many units would do.
func TestWithheldIntervals(t *testing.T) {
	points := []Point{point(0, 8, 1, 1, 1), point(1, 1, 1, 1, 1)}
	for _, p := range points {
		p.Size.TraceCI, p.Size.NoiseScaleCI, p.Size.Withheld = estimate.None(), estimate.None(), "12 units are too few; 30 would do"
	}
	a := Of(points)
	if a.Strength.Verdict != Undecided || a.Strength.CI.Defined() || a.Strength.Reason != "there is no interval at step 0: 12 units are too few; 30 would do" ||
		a.Signal.Verdict != Undecided || a.Signal.Reason != "there is no interval at step 1: 12 units are too few; 30 would do" {
		t.Errorf("%+v, %+v", a.Strength, a.Signal)
	}
}

// TestAllSamplesDecide: a trace without a sampling error leaves that of the other checkpoint, and a ratio of two exact numbers needs no interval.
func TestAllSamplesDecide(t *testing.T) {
	points := []Point{point(0, 8, 1.2, 1, 1), point(1, 6, 1, 5, 4.9)}
	last := points[1].Size
	last.From, last.TraceCI, last.NoiseScaleCI = covariance.FromAllSamples, estimate.None(), estimate.None()
	a := Of(points)
	if s := a.Strength; s.Verdict != Weaker || !s.Last.Exact || s.First.Exact || math.Abs(s.CI.Hi-0.9) > 1e-12 { // 6/8 * 1.2
		t.Errorf("%+v", s)
	}
	if s := a.Signal; s.Verdict != Gradient || !s.Exact || s.CI.Defined() {
		t.Errorf("%+v", s)
	}
}

// TestUnitsThatWouldDo: log 0.875 is 0.1335, and the interval log 1.2 sqrt 2 = 0.2578 either way: 100 (0.2578/0.1335)^2 = 373. The same of the signal,
// log 1.5 = 0.405 and log 2 = 0.693: 292, or all of 200.
func TestUnitsThatWouldDo(t *testing.T) {
	a := Of([]Point{point(0, 8, 1.2, 1, 1), point(1, 7, 1.2, 1, 1.5)})
	if a.Strength.Reason != "the interval contains 1; about 380 units would do, if the ratio is as measured" || a.Strength.Needs.Units != 380 || a.Signal.Needs.Units != 300 ||
		a.Signal.Reason != "the interval contains 1; about 300 units would do, if the ratio is as measured" {
		t.Errorf("%+v, %+v", a.Strength, a.Signal)
	}
	few := point(1, 7, 1.2, 1, 1.5)
	few.Population = 200
	if s := Of([]Point{point(0, 8, 1.2, 1, 1), few}).Signal; s.Reason != "the interval contains 1; all 200 units would do" || s.Needs.Units != 200 {
		t.Errorf("%+v", s)
	}
}

// TestSignal: the noise of a step over the squared gradient, with the interval of the noise scale, a factor of 2 either way.
func TestSignal(t *testing.T) {
	for _, c := range []struct {
		noise, gradient float64
		want            Verdict
	}{{3, 1, Noise}, {1.5, 1, Undecided}, {0.4, 1, Gradient}, {1, -1, NoSignal}, {1, 0, NoSignal}} {
		s := Of([]Point{point(0, 1, 1, 1, 1), point(7, 5, 1.1, c.gradient, c.noise)}).Signal
		if s.Step != 7 || s.Verdict != c.want || s.Ratio.Defined() != (c.gradient > 0) {
			t.Errorf("noise %g, gradient %g: %+v", c.noise, c.gradient, s)
		}
	}
	p := point(1, 1, 1, 1, 1)
	p.StepTrace = estimate.Undefined()
	if s := Of([]Point{p, p}).Signal; s != nil {
		t.Errorf("no step, yet %+v", s)
	}
}

func TestShapeCounts(t *testing.T) {
	var points []Point
	for i, v := range []shape.Verdict{shape.NotTested, shape.NotToldApart, shape.Heavier, shape.Heavier, shape.Lighter} {
		p := point(i, 1, 1, 1, 1)
		p.Shape = &shape.Shape{Conclusion: &shape.Conclusion{OfGamma: v, Gamma: estimate.Number(i), From: shape.FromRecordedUnits}}
		points = append(points, p)
	}
	points = append(points, point(9, 1, 1, 1, 1))
	s := Of(points).Shape
	if s.Checkpoints != 5 || s.Heavier != 2 || s.Lighter != 1 || s.NotToldApart != 1 || s.Withheld != 1 || s.First.Step != 1 || s.Last.Step != 4 || s.Last.Gamma != 4 {
		t.Errorf("%+v", s)
	}
	if s := Of(points[:2:2]).Shape; s == nil || s.First != s.Last {
		t.Errorf("%+v", s)
	}
	if s := Of(append(points[:1:1], points[0])).Shape; s != nil {
		t.Errorf("no verdict anywhere, yet %+v", s)
	}
}
