package curvature

import (
	"fmt"

	"github.com/noiseprobe/noiseprobe/analysis/estimate"
	"github.com/noiseprobe/noiseprobe/probe"
)

// Preconditioned is about F with the metric D of Adam's moments as they are; see package analysis/optimizer.
type Preconditioned struct {
	// Units is the number of those that Sharpness and SharpnessHeldOut rest on.
	Units int `json:"units"`
	// Sharpness is the largest eigenvalue of D^(1/2) F D^(1/2) of the units, on average above that of all there are; SharpnessHeldOut, along the leading eigenvector of one half of the units as the
	// other sees it, is on average below.
	Sharpness        estimate.Number `json:"sharpness"`
	SharpnessHeldOut estimate.Number `json:"sharpness_held_out"`
	// Edge is the eigenvalue above which steps of Adam with this D grow along its eigenvector: (2 + 2 beta1) / ((1 - beta1) eta) times 1 - beta1^(t+1)
	// (Cohen et al., arXiv:2207.14484).
	Edge estimate.Number `json:"edge"`
	// Step is about the next update, in which a fresh gradient g has the part -c D g with c = eta (1 - beta1) / (1 - beta1^(t+1)), by all units of the curvature:
	//
	//	StepGain         c gbar' D gbar - (c^2/2) (D gbar)' F (D gbar)
	//	StepCost         (c^2/2) tr(F D Sigma_xi D)
	//
	// It is undefined where the next gradient is more than 2% of v, in the first 50 steps at beta2 = 0.999: D is then not what divides it. While D and m stay as they are,
	// the cost is what the noise raises the loss by in the whole update, to second order, whatever m is; the gain is that of the fresh gradient's part alone, without what
	// m adds. Through m the gradient comes to eta D g in later updates: once t is large, its cost over gain in all is up to 1/(1 - beta1) times as large.
	Step
	// CI, Withheld and Reasons are as those of [Curvature], for the step.
	CI       map[string]estimate.Interval `json:"ci,omitempty"`
	Withheld string                       `json:"withheld,omitempty"`
	Needs    estimate.Needs               `json:"needs,omitzero"`
	Reasons  map[string]string            `json:"reasons,omitempty"`
}

// Interval is the interval of the field with this JSON key, [estimate.None] if it has none.
func (p *Preconditioned) Interval(key string) estimate.Interval { return estimate.In(p.CI, key) }

// NoStep is why there is no step, empty where there is one.
func (p *Preconditioned) NoStep() string { return p.Reasons[keyGain] }

func (m *meeting) preconditioned(p *probe.Preconditioned, s Settings) *Preconditioned {
	r := &Preconditioned{
		Units: p.Units, Sharpness: estimate.Number(p.Sharpness), SharpnessHeldOut: estimate.Number(p.HeldOut), Edge: estimate.Number(p.Edge), Step: noStep(),
		Reasons: map[string]string{},
	}
	s.LearningRate = p.Rate
	reason := s.reason(m.u)
	switch {
	case reason != "":
	case p.Share > probe.LargestShare:
		reason = fmt.Sprintf("early moments say little of the next step: its own gradient makes up %.2g%% of the v that divides it, and D is as it was only up to %g%%", 100*p.Share, 100*probe.LargestShare)
	case p.Meeting == nil:
		reason = "the curvature was recorded by an earlier version"
	}
	if reason != "" {
		r.Reasons[keyGain], r.Reasons[keyCost] = reason, reason
		return r
	}
	in := m.inMetric(*p.Meeting)
	withheld := in.withheld()
	r.Withheld, r.Needs = withheld.String(), withheld.Needs
	var j *jackknife
	if r.Withheld == "" {
		j = in.jackknife(in.replicatesSeen())
	}
	steps, all := newStepper(s, m.u), in.seenWithout(-1)
	r.Step, r.CI = steps.step(in, all, j)
	if m.u.N < 3 {
		r.Reasons[KeyCostOverGain] = fmt.Sprintf("%d units are too few; 3 would do", m.u.N)
	}
	steps.explain(r.Step, in, all, j, r.Reasons)
	return r
}

// replicatesSeen are the sums that gradients are in without each of the recorded units.
func (m *meeting) replicatesSeen() []sums {
	out := make([]sums, m.u.N)
	for i := range out {
		out[i] = m.seenWithout(i)
	}
	return out
}
