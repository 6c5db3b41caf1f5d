package shape

import (
	"fmt"

	"github.com/noiseprobe/noiseprobe/analysis/estimate"
	"github.com/noiseprobe/noiseprobe/analysis/tail"
)

// What a [Conclusion] says that gradients differ from Gaussian ones in.
const (
	InGamma      = "gamma"
	InDirections = "directions"
	InNorms      = "norms"
)

// Conclusion is the one answer to whether the gradients of single units at a checkpoint are Gaussian.
type Conclusion struct {
	// Verdict is [NotGaussian] if anything tells the gradients apart, [NotToldApart] if nothing that was tested does, and null if nothing was.
	Verdict Verdict `json:"verdict"`
	// In names what does: [InGamma], [InDirections], [InNorms].
	In []string `json:"in"`
	// From is where Gamma is from: all training samples where their norms are known ([Shape.Population]), and else the recorded units.
	From    string            `json:"from"`
	Gamma   estimate.Number   `json:"gamma"`
	CI      estimate.Interval `json:"ci"`
	OfGamma Verdict           `json:"gamma_verdict"`
	// Recorded says where gamma of the recorded units with its interval lies if Gamma is that of all samples: "below" it, "above" it, or "around"
	// it; empty where there is no interval or no other gamma.
	Recorded string `json:"recorded,omitempty"`
	// Reason says why the recorded units were not tested, and how many would do.
	Reason string         `json:"reason,omitempty"`
	Needs  estimate.Needs `json:"needs,omitzero"`
	// Directions are those that were tested, by their verdicts.
	Directions Directions `json:"directions"`
	Norms      NormTail   `json:"norms"`
}

// Directions names directions by their verdicts.
type Directions struct {
	Tested  int      `json:"tested"`
	Heavier []string `json:"heavier"`
	Lighter []string `json:"lighter"`
	Skewed  []string `json:"skewed"`
}

func (d Directions) found() int { return len(d.Heavier) + len(d.Lighter) + len(d.Skewed) }

// NormTail is the one answer to how heavy the tail of the gradients' norms is.
type NormTail struct {
	// Index is the moment estimate from the N largest norms, of all samples or of the recorded units (From), and what it says about the variance.
	From string `json:"from"`
	N    int    `json:"n"`
	tail.Index
	// Verdict compares the tail of the recorded units' norms with that of Gaussian vectors of their mean and covariance; By are the methods that
	// tell it apart. Methods that contradict each other leave it null.
	Verdict Verdict  `json:"verdict"`
	By      []string `json:"by"`
	// Untested says why there is no verdict, or what keeps a test from rejecting, and how many units or resamples would do.
	Untested string         `json:"untested,omitempty"`
	Needs    estimate.Needs `json:"needs,omitzero"`
}

// conclude sums up a shape whose tests are judged.
func (s *Shape) conclude() {
	c := &Conclusion{
		In: []string{}, From: FromRecordedUnits, Gamma: s.Gamma, CI: s.CI.Gamma, OfGamma: s.Verdict, Reason: s.Withheld, Needs: s.Needs,
		Directions: s.concludeDirections(), Norms: s.concludeNorms(),
	}
	if p := s.Population; p != nil && p.Gamma.Defined() {
		c.From, c.Gamma, c.CI, c.Recorded = FromAllSamples, p.Gamma, p.GammaCI, around(s.CI.Gamma, p.Gamma)
		if p.Verdict.rejects() || c.OfGamma == NotTested {
			c.OfGamma = p.Verdict
		}
	}
	for _, part := range []struct {
		name  string
		found bool
	}{{InGamma, c.OfGamma.rejects()}, {InDirections, c.Directions.found() > 0}, {InNorms, len(c.Norms.By) > 0}} {
		if part.found {
			c.In = append(c.In, part.name)
		}
	}
	switch {
	case len(c.In) > 0:
		c.Verdict = NotGaussian
	case c.OfGamma != NotTested || s.tested():
		c.Verdict = NotToldApart
	case c.Reason == "":
		c.Reason = "no test of so few gradients, or of gradients all alike, is defined"
	}
	s.Conclusion = c
}

func around(v estimate.Interval, x estimate.Number) string {
	switch {
	case !v.Defined():
		return ""
	case v.Hi < float64(x):
		return "below"
	case v.Lo > float64(x):
		return "above"
	}
	return "around"
}

// concludeDirections gives every direction its verdict.
func (s *Shape) concludeDirections() Directions {
	all := Directions{Heavier: []string{}, Lighter: []string{}, Skewed: []string{}}
	for i := range s.Directions {
		d := &s.Directions[i]
		d.Verdict = NotTested
		for _, t := range s.Tests {
			if t.By == ByDAgostino && t.Of == d.Of {
				d.Verdict = t.Verdict
			}
		}
		switch d.Verdict {
		case Heavier:
			all.Heavier = append(all.Heavier, d.Of)
		case Lighter:
			all.Lighter = append(all.Lighter, d.Of)
		case Skewed:
			all.Skewed = append(all.Skewed, d.Of)
		}
		if d.Verdict != NotTested {
			all.Tested++
		}
	}
	return all
}

// concludeNorms sums up the tests of the norms.
func (s *Shape) concludeNorms() NormTail {
	n := s.norms
	n.By = []string{}
	if s.Withheld != "" && n.From == FromRecordedUnits {
		n.CI, n.Variance, n.Reason, n.ValuesNeeded = estimate.None(), tail.Undecided, s.Withheld, 0
	}
	found := map[Verdict][]string{}
	tested, atFloor := 0, false
	for _, t := range s.Tests {
		if t.Of != GradientNorm || t.Verdict == NotTested {
			continue
		}
		tested++
		atFloor = atFloor || t.Verdict == NotToldApart && t.PValue <= t.Floor*(1+1e-9)
		if t.Verdict.rejects() {
			found[t.Verdict] = append(found[t.Verdict], t.By)
		}
	}
	switch {
	case tested == 0:
		if n.Untested == "" {
			n.Untested = "the estimates are undefined"
		}
	case len(found) > 1:
		n.By = append(found[Heavier], found[Lighter]...)
		n.Untested = fmt.Sprintf("heavier by %s, lighter by %s", found[Heavier][0], found[Lighter][0])
	case len(found) == 1:
		for v, by := range found {
			n.Verdict, n.By = v, by
		}
	default:
		n.Verdict = NotToldApart
		if atFloor {
			why := s.beyondSimulations()
			n.Untested, n.Needs = why.String(), why.Needs
		}
	}
	return n
}

// beyondSimulations says how many resamples would let a test reject whose p-value is the least that its simulations allow, alone among all tests.
func (s *Shape) beyondSimulations() estimate.Reason {
	enough := estimate.Enough(resamplesFor(FalseDiscoveryRate / float64(s.Family.Tests)))
	return estimate.Reason{Why: "p is the least that so few Gaussian samples allow", Remedy: fmt.Sprintf("%d resamples would tell", enough),
		Needs: estimate.Needs{Resamples: enough}}
}
