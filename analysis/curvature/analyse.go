package curvature

import (
	"fmt"
	"math"

	"github.com/noiseprobe/noiseprobe/analysis/estimate"
	"github.com/noiseprobe/noiseprobe/probe"
)

// Of describes the curvature of some of the recorded units beside the gradients of all of them, in time that grows as K n. It panics if c belongs to
// another number of units.
//
// Intervals are by delete-one jackknife over the recorded units, with Student quantiles of K - 1 degrees of freedom: on the log scale for what is
// positive, and by Fieller's method for ratios whose denominator may vanish. They are withheld where too few units carry what is estimated.
func Of(c *probe.Curvature, u *probe.Units, s Settings) *Curvature {
	if c.N != u.N {
		panic(fmt.Sprintf("curvature: of %d units, and gradients of %d", c.N, u.N))
	}
	m := meet(c, u)
	withheld := m.withheld()
	r := &Curvature{Kind: Exact, Units: c.K(), CI: map[string]estimate.Interval{}, Reasons: map[string]string{}, Withheld: withheld.String(), Needs: withheld.Needs, Step: noStep()}
	if c.Drawn {
		r.Kind, r.Labels = Sampled, c.Each
	}
	for _, v := range c.Eigenvalues {
		r.Eigenvalues = append(r.Eigenvalues, estimate.Number(v))
	}
	all := m.sums()
	m.plugin(r)
	r.unbiased(all, u)
	var j *jackknife
	if r.Withheld == "" {
		j = m.jackknife(m.replicates())
		r.addIntervals(m, all, j)
	}
	if reason := s.reason(u); reason != "" {
		r.Reasons[keyGain], r.Reasons[keyCost] = reason, reason
	} else {
		r.addStep(newStepper(s, u), m, all, j)
	}
	if p := c.Preconditioned; p != nil {
		r.Preconditioned = m.preconditioned(p, s)
	}
	r.Eigenbasis = m.directions(r.Withheld == "")
	if r.Hessian = hessianOf(c.Hessian, r.Withheld == ""); r.Hessian != nil && !r.Hessian.NoiseTrace.Defined() {
		r.Reasons["hessian"] = fmt.Sprintf("%d units are too few; 4 would do", u.N)
	}
	for i, l := range c.Layers {
		r.Layers = append(r.Layers, m.layer(l, u.Layers[i]))
	}
	return r
}

// plugin takes the units as the population.
func (m *meeting) plugin(r *Curvature) {
	k, n := float64(m.K()), float64(m.u.N)
	trace, square, noise := estimate.Sum(m.Trace)/k, estimate.Sum(m.Pair)/(k*k), estimate.Sum(m.met.Deviation)/(k*n)
	r.Frobenius = estimate.Number(math.Sqrt(square))
	r.NoiseTrace = estimate.Number(noise)
	r.Alignment = estimate.Number(noise / math.Sqrt(square*m.all.TraceSquare))
	r.Anisotropy = estimate.Number(float64(m.u.Parameters) * noise / (trace * m.all.Trace))
	r.GradientCurvature = estimate.Number(estimate.Sum(m.met.MeanSq) / k)
	if m.Drawn && m.Each == 1 {
		r.Reasons["frobenius"] = "one label was drawn for each unit; two would do"
		r.Reasons["alignment"] = r.Reasons["frobenius"]
	}
}

// unbiased runs over distinct units.
func (r *Curvature) unbiased(s sums, u *probe.Units) {
	r.Trace = estimate.Number(s.traceF())
	r.FrobeniusUnbiased = estimate.Number(s.frobenius())
	r.NoiseTraceUnbiased, r.AnisotropyUnbiased = estimate.Number(s.noiseTrace()), estimate.Number(s.anisotropy(u.Parameters))
	r.GradientCurvatureUnbiased = estimate.Number(s.gradientCurvature())
	r.AlignmentUnbiased = estimate.Number(s.alignment())
	if a := float64(r.AlignmentUnbiased); a > 1 {
		r.AlignmentUnbiased, r.Reasons[KeyAlignment] = estimate.Undefined(), fmt.Sprintf("the estimate is above 1 by %.2g, which no alignment is", a-1)
	}
	r.NoiseScale = positiveRatio(s.noiseTrace(), s.gradientCurvature()) * estimate.Number(max(u.UnitSize, 1)) // samples
	few := func(have int, need int, keys ...string) {
		for _, key := range keys {
			if have < need {
				r.Reasons[key] = fmt.Sprintf("%d units are too few; %d would do", have, need)
			}
		}
	}
	few(u.N, 4, KeyAlignment)
	few(u.N, 3, KeyNoiseTrace, KeyAnisotropy, KeyGradientCurvature, KeyNoiseScale, KeyStepGain, KeyStepCost, KeyCostOverGain)
	few(r.Units, 2, KeyFrobenius, KeyAlignment)
	if r.Reasons[KeyNoiseScale] == "" && !r.NoiseScale.Defined() {
		r.Reasons[KeyNoiseScale] = "gbar' F gbar is not told apart from 0: the estimate is not positive"
	}
}

func (r *Curvature) addIntervals(m *meeting, s sums, j *jackknife) {
	u := m.u
	anisotropy := func(s sums) float64 { return s.anisotropy(u.Parameters) }
	r.put(KeyTrace, j.positive(s.traceF(), sums.traceF))
	r.put(KeyFrobenius, j.positive(s.frobenius(), sums.frobenius))
	r.put(KeyNoiseTrace, j.positive(s.noiseTrace(), sums.noiseTrace))
	if r.AlignmentUnbiased.Defined() {
		if ci := j.positive(s.alignment(), sums.alignment); ci.Lo < 1 {
			r.put(KeyAlignment, estimate.Interval{Lo: ci.Lo, Hi: min(ci.Hi, 1)}) // no alignment is above 1
		}
	}
	r.put(KeyAnisotropy, j.positive(anisotropy(s), anisotropy))
	if reason := m.few("the curvature along the gradient", m.met.MeanSq); reason.Why != "" {
		r.Reasons[KeyGradientCurvature] = NoInterval + reason.String()
		if r.NoiseScale.Defined() {
			r.Reasons[KeyNoiseScale] = r.Reasons[KeyGradientCurvature]
		}
		return
	}
	r.put(KeyGradientCurvature, j.around(s.gradientCurvature(), sums.gradientCurvature))
	r.put(KeyNoiseScale, j.ratio(s, sums.noiseTrace, sums.gradientCurvature).Times(float64(max(u.UnitSize, 1))))
}

func (r *Curvature) put(key string, v estimate.Interval) {
	if v.Defined() {
		r.CI[key] = v
	}
}

func (r *Curvature) addStep(p stepper, m *meeting, s sums, j *jackknife) {
	step, ci := p.step(m, s, j)
	r.Step, r.BreakEven = step, p.breakEven(s)
	p.explain(step, m, s, j, r.Reasons)
	for key, v := range ci {
		r.put(key, v)
	}
}

// NoInterval begins the reason for a missing interval of a number that is there.
const NoInterval = "no interval: "

// explain says why there is no ratio of cost and gain, or no interval of it.
func (p stepper) explain(step Step, m *meeting, s sums, j *jackknife, reasons map[string]string) {
	switch few := m.few("the curvature along the gradient", m.met.MeanSq); {
	case reasons[KeyCostOverGain] != "":
	case !step.CostOverGain.Defined():
		reasons[KeyCostOverGain] = "the gain is not told apart from 0: the estimate is not positive"
	case j != nil && few.Why != "" && !p.straight(s):
		reasons[KeyCostOverGain] = NoInterval + few.String()
	}
}

func verdict(ratio estimate.Interval) string {
	switch {
	case ratio.Hi < 1:
		return Gain
	case ratio.Lo > 1:
		return Cost
	case ratio.Defined():
		return Undecided
	}
	return ""
}

// layer has the estimates of a layer's block.
func (m *meeting) layer(l probe.LayerCurvature, own probe.LayerMoments) Layer {
	k, n, parameters := float64(m.K()), float64(m.u.N), float64(l.Parameters)
	trace, plugin := l.Trace/k, l.Deviation/(k*n)
	noise := (l.Deviation - l.OwnDeviation*n/(n-1)) / (k * (n - 2))
	gradient := (l.MeanSq-2*l.OwnAlong/(n-1)+l.OwnDeviation/((n-1)*(n-1)))/k - noise/(n-1)
	return Layer{
		Name: l.Name, Parameters: l.Parameters, Trace: estimate.Number(trace),
		NoiseTrace: estimate.Number(plugin), NoiseTraceUnbiased: estimate.Number(noise),
		Anisotropy:                estimate.Number(parameters * plugin / (trace * own.Trace)),
		AnisotropyUnbiased:        estimate.Number(parameters * noise / (trace * own.Trace * n / (n - 1))),
		GradientCurvature:         estimate.Number(l.MeanSq / k),
		GradientCurvatureUnbiased: estimate.Number(gradient),
	}
}
