package normality

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/noiseprobe/noiseprobe/analysis/estimate"
)

// Conclusion is what all tests of a sample or of rows say together. The probability that Gaussian data are rejected is at most Level: Holm's
// correction allows for any dependence between the tests. Measured on Gaussian samples, in %, with the share of samples in which at
// least one of the eight tests has p < 0.05 without it (6000 samples each, 1500 above n = 500):
//
//	n                   8    12    20    50   100   500  2000  6000
//	rejected          2.3   2.6   2.4   3.3   2.8   2.6   2.3   2.9
//	some p < 0.05    10.9  12.3  12.9  14.4  13.9  15.0  14.9  14.3
//
// and for the four tests of rows, 400 samples each:
//
//	n, d            20, 2  50, 2  100, 5  100, 10  100, 20  500, 10  500, 20
//	rejected          3.2    2.0     5.2      4.8      3.2      3.5      5.5
//	some p < 0.05     7.8    8.0    14.5     17.2     35.2     15.2     21.2
//
// Not rejected is no proof: it says that these data do not show a departure.
type Conclusion struct {
	// Gaussian is "rejected", "not rejected", or "undecided" where no test is defined or there are fewer than 8 values.
	Gaussian string     `json:"gaussian"`
	Method   string     `json:"method"` // "holm"
	Level    float64    `json:"level"`
	Tests    int        `json:"tests"`    // that have a p-value and are used
	Rejected int        `json:"rejected"` // of those
	Adjusted []Adjusted `json:"adjusted"` // a row for each test, in the same order
	// Sentence says this to a reader, Note what a single small p among so many tests is worth.
	Sentence string `json:"sentence"`
	Note     string `json:"note"`
}

// Adjusted is the p-value of a test after Holm's correction for the number of tests; Reason says why there is none.
type Adjusted struct {
	Name   string          `json:"name"`
	PValue estimate.Number `json:"p_adjusted"`
	LogP   estimate.Number `json:"log_p_adjusted"`
	Reason string          `json:"reason,omitempty"`
}

// Values of Conclusion.Gaussian.
const (
	Rejected    = "rejected"
	NotRejected = "not rejected"
	Undecided   = "undecided"
)

const level = 0.05

// fewestToConclude is the smallest sample with a conclusion: below, most tests are undefined and the rest are rough.
const fewestToConclude = 8

// conclude applies Holm's correction to the tests but the unreliable ones, which are given with the reason. What the n data are, "sample"
// or "rows", and warnings about ties become part of the sentence.
func conclude(data string, n int, tests []Test, unreliable map[string]string, ties []string) Conclusion {
	c := Conclusion{Gaussian: Undecided, Method: "holm", Level: level}
	logP := make([]float64, len(tests))
	for i, t := range tests {
		reason := t.Reason
		if logP[i] = float64(t.LogP); unreliable[t.Name] != "" {
			logP[i], reason = math.NaN(), unreliable[t.Name]
		}
		c.Adjusted = append(c.Adjusted, Adjusted{Name: t.Name, Reason: reason})
	}
	for i, adjusted := range Holm(logP) {
		c.Adjusted[i].LogP, c.Adjusted[i].PValue = estimate.Number(adjusted), estimate.Number(math.Exp(adjusted))
		if !math.IsNaN(adjusted) {
			c.Tests++
		}
		if adjusted <= math.Log(level) {
			c.Rejected++
		}
	}
	switch {
	case n < fewestToConclude:
	case c.Rejected > 0:
		c.Gaussian = Rejected
	case c.Tests > 0:
		c.Gaussian = NotRejected
	}
	c.say(data, n, len(ties) > 0)
	return c
}

func (c *Conclusion) say(data string, n int, ties bool) {
	subject, verb := "The "+data, "is"
	if data == "rows" {
		verb = "are"
	}
	method := "at 5% after Holm's correction for their number"
	switch c.Gaussian {
	case Undecided:
		why := "no test is defined"
		if n < fewestToConclude {
			why = fmt.Sprintf("a conclusion needs at least %d, got %d", fewestToConclude, n)
		}
		c.Sentence = fmt.Sprintf("Whether the %s %s Gaussian is undecided: %s.", data, verb, why)
		return
	case Rejected:
		c.Sentence = fmt.Sprintf("%s %s not Gaussian: %s %s (%s).", subject, verb, rejections(c.Rejected, c.Tests), method, c.smallest())
		if ties {
			c.Sentence += " Ties alone can cause this: see the warning."
		}
	case NotRejected:
		c.Sentence = fmt.Sprintf("No departure from a Gaussian distribution is found: %s %s (%s). That does not prove the %s Gaussian.",
			rejections(0, c.Tests), method, c.smallest(), data)
	}
	if c.Tests > 1 {
		c.Note = fmt.Sprintf("Among %d tests a single p below 0.05 says little: of Gaussian data about one set in seven has one.", c.Tests)
	}
}

// rejections counts tests in words.
func rejections(rejected, tests int) string {
	switch {
	case tests == 1 && rejected == 1:
		return "the one test rejects"
	case tests == 1:
		return "the one test does not reject"
	case rejected == 0:
		return fmt.Sprintf("none of %d tests rejects", tests)
	case rejected == 1:
		return fmt.Sprintf("1 of %d tests rejects", tests)
	}
	return fmt.Sprintf("%d of %d tests reject", rejected, tests)
}

// smallest names the test with the smallest adjusted p.
func (c *Conclusion) smallest() string {
	defined := slices.DeleteFunc(slices.Clone(c.Adjusted), func(a Adjusted) bool { return math.IsNaN(float64(a.LogP)) })
	least := slices.MinFunc(defined, func(a, b Adjusted) int { return cmp.Compare(a.LogP, b.LogP) })
	if least.PValue == 0 {
		return fmt.Sprintf("smallest adjusted p: below 1e-300, %s", least.Name)
	}
	return fmt.Sprintf("smallest adjusted p: %.2g, %s", float64(least.PValue), least.Name)
}
