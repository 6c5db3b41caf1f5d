package tail

import (
	"fmt"
	"math"
	"strings"

	"github.com/noiseprobe/noiseprobe/analysis/estimate"
)

// Conclusion is the answer to the two questions about a tail: is the variance finite, and is the tail heavier than one of Gaussian data.
//
// The first is from the moment estimate. Measured at the k that Analyse chooses, in %: coverage of its interval, and how often the variance
// is called finite and infinite (2000 samples of 100 values, 300 of 200, 200 of 2000, 100 of 20,000; for infinite 500 of 200 and of 2000):
//
//	            Pareto 1.5  Pareto 2    t3          t4          Gaussian     stable 1.5  stable 1.9
//	n = 100     93   3   9  92   6   1  91  12   0  88  19   0   99  50   0  91   5   5  73  26   0
//	n = 200     92   1   8  94   5   1  92  14   0  90  23   0  100  71   0  93   1   9  76  23   0
//	n = 2000    94   0  28  94   4   2  93  30   0  94  64   0  100 100   0  96   0  24  88   9   0
//	n = 20,000  94   0  78  91   6   3  92  85   0  91 100   0  100 100   0  95   0  72  93   2   1
//
// No estimate from the largest values gets over two limits. Stable laws with alpha above 1.8 look Gaussian but for the few values in their
// power-law tail, so that small samples of them are said to have a finite variance. And log-normal samples look like power laws at any n: the
// interval contains what their tail looks like and not its limit, and with a standard deviation of log|x| of 2 a third of samples of 2000 are said
// to have an infinite variance. Hence "if the tail continues like this". A few values of another scale, as where 1% of normal ones are 16 times as
// large, are seen by [oneLaw], which came after the table and takes at most 1% from its last columns.
type Conclusion struct {
	Index
	Sentence   string     `json:"sentence"`
	Comparison Comparison `json:"comparison"`
	// Stable is the fit of a stable law that covers: McCulloch's.
	Stable         StableEstimate `json:"stable"`
	StableSentence string         `json:"stable_sentence,omitempty"`
	// PValues counts those of the power law, which have no part in this; Note says what one of so many verdicts and p-values is worth.
	PValues int    `json:"p_values"`
	Note    string `json:"note,omitempty"`
}

// Index is the moment estimate of a tail index, and what it says about the variance.
type Index struct {
	Method string `json:"method"` // "moment"
	K      int    `json:"k"`
	// Gamma is 1 / TailIndex; of a tail lighter than any power law it is not positive, and there is no TailIndex.
	Gamma     estimate.Number   `json:"gamma"`
	TailIndex estimate.Number   `json:"tail_index"`
	CI        estimate.Interval `json:"ci"`
	// Variance is "finite" where the interval is above 2, or none is possible since gamma is below 0; "infinite" where it is below 2,
	// the estimate from the largest quarter of the k values too, and these follow one power law; else "undecided", and Reason says why. If it is decided at a larger k than Analyse would choose, Reason says what it rests on.
	Variance string `json:"variance"`
	Reason   string `json:"reason,omitempty"`
	// ValuesNeeded is about how large a sample would decide, if the index is as measured; 0 where the variance is decided, and where that is not known.
	ValuesNeeded int `json:"values_needed,omitempty"`
}

// Comparison sums up the verdicts, which hold together: for 5% of samples of the counterpart any method is heavier or lighter.
type Comparison struct {
	With     string   `json:"with"` // the law of the counterpart
	Verdicts int      `json:"verdicts"`
	Level    float64  `json:"level"`
	Heavier  []string `json:"heavier"` // methods
	Lighter  []string `json:"lighter"`
	Sentence string   `json:"sentence"`
}

// Values of Conclusion.Variance.
const (
	Finite    = "finite"
	Infinite  = "infinite"
	Undecided = "undecided"
)

// fewestAbove is the k below which the moment interval covers too little for a conclusion: 91% of Pareto samples at k = 10, 93 at 16.
const fewestAbove = 16

// fartherOut is the part of the k largest values that an infinite variance must show in as well. A tail that is a power law looks alike farther out,
// and one that is made by a few values of another scale does not.
const fartherOut = 4

// IndexOf is the [Index] of a sample at the k that [Analyse] chooses, without anything else of that.
func IndexOf(x []float64, side Side) Index {
	y := largest(x, side, len(x))
	return moment.index(moment.examine(moment.estimate(y, undersmoothedK(len(x))), y), y, len(x))
}

// index reads an estimate from y, the side of a sample of n values in descending order.
func (m method) index(e Estimate, y []float64, n int) Index {
	i := Index{Method: e.Method, K: e.K, Gamma: e.Gamma, TailIndex: e.TailIndex, CI: e.CI, Variance: Undecided, Reason: e.Reason}
	if 2*e.K > n {
		i.Reason = fmt.Sprintf("the %d largest are more than half of the values, and no tail", e.K)
		return i
	}
	if e.Gamma.Defined() {
		i.Variance, i.Reason = variance(e, m.unsupported(y, e.K))
	}
	if e.Gamma.Defined() && i.Variance == Undecided {
		i.ValuesNeeded = valuesNeeded(e)
	}
	if farther := e.K / fartherOut; i.Variance == Infinite && !(m.estimate(y, farther).Gamma > 0.5) {
		i.Variance, i.Reason = Undecided, fmt.Sprintf("the %d largest by themselves do not look so heavy", farther)
	}
	if i.Variance == Infinite {
		if p := oneLaw(y, e.K); !(p >= unevenLevel) {
			i.Variance, i.Reason = Undecided, fmt.Sprintf("the %d largest do not follow one power law (Bartlett's test of their logarithms, p = %.2g)", e.K, p)
		}
	}
	if i.Variance != Undecided && e.K > undersmoothedK(n) {
		i.Reason = fmt.Sprintf("provided that there is no bias at the k that was given, which is above n^0.6 = %d", undersmoothedK(n))
	}
	return i
}

// valuesNeeded is the size of a sample whose k = n^0.6 is large enough for a conclusion, and for an interval that does not contain 2.
func valuesNeeded(e Estimate) int {
	k := float64(fewestAbove)
	if e.K >= fewestAbove { // k is NaN where there is no interval
		gamma, end := float64(e.Gamma), 1/e.CI.Lo // that of the interval of gamma which is beyond 1/2
		if gamma > 0.5 {
			end = 1 / e.CI.Hi
		}
		more := (end - gamma) / (0.5 - gamma)
		k = float64(e.K) * more * more
	}
	return estimate.Enough(math.Pow(k, 1/0.6))
}

// conclude reads the row of the moment estimate; y is the side of the sample in descending order.
func (r *Result) conclude(y []float64) Conclusion {
	e := r.Estimates[1] // moment
	c := Conclusion{Index: moment.index(e, y, r.N), Comparison: r.sumUp(), Stable: r.Stable[2], PValues: r.PowerLaw.pValues()}
	c.Sentence, c.Note = c.say(float64(e.Gamma), r), c.multiplicity()
	if c.Stable.CI.Defined() {
		c.StableSentence = fmt.Sprintf("If the sample is from a stable law, which is not tested, its alpha is %.3g (%s) by mcculloch.",
			float64(c.Stable.Alpha), intervalWords(c.Stable.CI))
	}
	return c
}

// multiplicity says how many verdicts and p-values there are, and what one of them is worth.
func (c *Conclusion) multiplicity() string {
	var parts []string
	if n := c.Comparison.Verdicts; n > 0 {
		parts = append(parts, fmt.Sprintf("Verdicts: %d, corrected for their number; at most 5%% of %s samples are called heavier or lighter by any method.",
			n, c.Comparison.With))
	}
	if n := c.PValues; n > 0 {
		parts = append(parts, fmt.Sprintf("P-values of the power law: %d, not corrected; even if nothing is wrong, one of them is below 0.05 in up to %.0f%% of samples.",
			n, 100*(1-math.Pow(0.95, float64(n)))))
	}
	return strings.Join(parts, " ")
}

// variance says whether the moment estimate decides it, and why not.
func variance(e Estimate, unsupported string) (verdict, reason string) {
	switch {
	case unsupported != "":
		return Undecided, unsupported
	case e.K < fewestAbove:
		return Undecided, fmt.Sprintf("intervals from fewer than %d values cover too little", fewestAbove)
	case e.CI.Lo > 2 || !e.CI.Defined(): // for so many values there is none only where gamma is surely negative
		return Finite, ""
	case e.CI.Hi < 2:
		return Infinite, ""
	}
	return Undecided, "the interval contains 2"
}

func (c *Conclusion) say(gamma float64, r *Result) string {
	if math.IsNaN(gamma) {
		return fmt.Sprintf("No conclusion on the tail index or the variance: at k = %d %s.", c.K, c.Reason)
	}
	from, variance := "largest", "the variance"
	if r.Tail != Absolute {
		from, variance = "outermost", fmt.Sprintf("the part of the variance from the %s tail", r.Tail)
	}
	from = fmt.Sprintf("by the moment estimate from the %d %s of %d values", c.K, from, r.N)
	index := fmt.Sprintf("The tail index is %.3g (%s) %s", float64(c.TailIndex), intervalWords(c.CI), from)
	switch {
	case gamma <= 0 && c.CI.Defined():
		index = fmt.Sprintf("No power-law tail is found, and the tail index is at least %.3g (95%% interval) %s", c.CI.Lo, from)
	case gamma <= 0:
		index = "No power-law tail is found " + from
	}
	if c.Variance == Undecided {
		return fmt.Sprintf("%s: whether %s is finite is undecided, since %s.", index, variance, c.Reason)
	}
	sentence := fmt.Sprintf("%s: %s is %s", index, variance, c.Variance)
	if c.Variance == Infinite {
		sentence += " if the tail continues like this"
	}
	if c.Reason != "" {
		sentence += ", " + c.Reason
	}
	return sentence + "."
}

func intervalWords(ci estimate.Interval) string {
	switch {
	case !ci.Defined():
		return "no interval"
	case math.IsInf(ci.Hi, 1):
		return fmt.Sprintf("95%% interval from %.3g up", ci.Lo)
	}
	return fmt.Sprintf("95%% interval %.3g to %.3g", ci.Lo, ci.Hi)
}

// sumUp counts the verdicts.
func (r *Result) sumUp() Comparison {
	c := Comparison{With: r.Counterpart.Law, Level: 1 - estimate.Level, Heavier: []string{}, Lighter: []string{}}
	for _, v := range r.Surrogate {
		switch v.Verdict {
		case "heavier":
			c.Heavier = append(c.Heavier, v.Method)
		case "lighter":
			c.Lighter = append(c.Lighter, v.Method)
		case "undefined":
			continue
		}
		c.Verdicts++
	}
	samples := "Gaussian samples of the same size, mean and standard deviation"
	switch {
	case c.With == HalfNormal && r.Counterpart.Scale < 0:
		samples = "half-normal samples of the same size, mean and maximum"
	case c.With == HalfNormal:
		samples = "half-normal samples of the same size, mean and minimum"
	}
	of := fmt.Sprintf("of %d methods", c.Verdicts)
	switch {
	case c.Verdicts == 0:
		c.Sentence = fmt.Sprintf("The tail is not compared with %s: no method has a verdict.", samples)
		return c
	case len(c.Heavier)+len(c.Lighter) == 0:
		c.Sentence = fmt.Sprintf("The tail is not told apart from that of %s by any %s.", samples, of)
	case len(c.Lighter) == 0:
		c.Sentence = fmt.Sprintf("The tail is heavier than that of %s by %d %s.", samples, len(c.Heavier), of)
	case len(c.Heavier) == 0:
		c.Sentence = fmt.Sprintf("The tail is lighter than that of %s by %d %s.", samples, len(c.Lighter), of)
	default:
		c.Sentence = fmt.Sprintf("Compared with that of %s, the tail is heavier by %d and lighter by %d %s.", samples, len(c.Heavier), len(c.Lighter), of)
	}
	return c
}

// pValues counts those of a fit.
func (f PowerLawFit) pValues() int {
	count := 0
	if f.PValue.Defined() {
		count++
	}
	for _, a := range f.Alternatives {
		if a.PValue.Defined() {
			count++
		}
	}
	return count
}
