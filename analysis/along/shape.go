package along

import (
	"github.com/noiseprobe/noiseprobe/analysis/estimate"
	"github.com/noiseprobe/noiseprobe/analysis/shape"
)

// Shape counts the verdicts on gamma, see [shape.Conclusion].
type Shape struct {
	Checkpoints  int `json:"checkpoints"`
	Heavier      int `json:"heavier"`
	Lighter      int `json:"lighter"`
	NotToldApart int `json:"not_told_apart"`
	// Withheld counts the checkpoints whose units cannot bear a verdict; Reason says why they do not at the last of these.
	Withheld int            `json:"withheld"`
	Reason   string         `json:"reason,omitempty"`
	Needs    estimate.Needs `json:"needs,omitzero"`
	// First and Last are gamma at the first and the last of the others.
	First Gamma `json:"first"`
	Last  Gamma `json:"last"`
}

// Gamma is the excess relative variance of |x|^2 at a step, of the recorded units or of all samples, see [shape.Conclusion].
type Gamma struct {
	Step  int               `json:"step"`
	From  string            `json:"from"`
	Gamma estimate.Number   `json:"gamma"`
	CI    estimate.Interval `json:"ci"`
}

func shapes(points []Point) *Shape {
	var s Shape
	for _, p := range points {
		if p.Shape == nil || p.Shape.Conclusion == nil {
			continue
		}
		s.Checkpoints++
		c := p.Shape.Conclusion
		switch c.OfGamma {
		case shape.Heavier:
			s.Heavier++
		case shape.Lighter:
			s.Lighter++
		case shape.NotToldApart:
			s.NotToldApart++
		default:
			s.Withheld++
			s.Reason, s.Needs = c.Reason, c.Needs
			continue
		}
		g := Gamma{Step: p.Step, From: c.From, Gamma: c.Gamma, CI: c.CI}
		if s.Heavier+s.Lighter+s.NotToldApart == 1 {
			s.First = g
		}
		s.Last = g
	}
	if s.Checkpoints == s.Withheld {
		return nil
	}
	return &s
}
