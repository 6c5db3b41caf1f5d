package main

import (
	"fmt"
	"strings"

	"github.com/noiseprobe/noiseprobe/analysis/estimate"
	"github.com/noiseprobe/noiseprobe/analysis/normality"
)

type normalityOptions struct {
	normality.MultivariateOptions
	json bool
}

func normalityCommand() command {
	return command{
		name: "normality", args: "FILE|-", one: "file",
		summary: "computes moments and normality tests of a sample, or of rows",
		detail: `FILE is .npy, or text with a row of numbers on each line, separated by blanks or commas; - is standard input. An array with one axis,
text with one number on each line, and a single row are a sample: it gets skewness and kurtosis with intervals, and the tests of Jarque and Bera,
D'Agostino, Shapiro and Wilk, Anderson and Darling, Lilliefors, Cramer and von Mises. An array with two axes is rows (further axes are
taken as columns): they get Mardia's skewness and kurtosis, the test of Henze and Zirkler, and the energy test, whose p-value is
from a bootstrap.

The first sentence is the conclusion of all tests together, with Holm's correction for their number: Gaussian data are rejected in at
most 5% of cases (measured: 2 to 3% for a sample). A single p below 0.05 is no such conclusion, since about one Gaussian sample in seven
has one among its eight tests. What is undefined is "-" (null in JSON), and a warning says why.
`,
		example: `printf '%s\n' 0.3 -1.2 0.8 -0.4 0.1 1.1 -0.7 0.2 6.5 -0.1 > sample.txt
noiseprobe normality sample.txt
noiseprobe normality sample.txt -json`,
		define: func(f *flags) func(*session, []string) error {
			o := &normalityOptions{}
			f.Uint64Var(&o.Seed, "seed", 1, "`SEED` seed of what is random in tests of rows: the bootstrap of the energy test, and subsets")
			f.IntVar(&o.Replicates, "replicates", 0, "`R` number of bootstrap samples for the energy test; without it 19 to 999, the fewer the larger the rows")
			f.IntVar(&o.MaxRows, "max-rows", 5000, "`M` largest number of rows for henze-zirkler and energy, which compare all pairs; of more rows they take a random subset")
			f.BoolVar(&o.json, "json", false, "print the result as JSON instead of text")
			return o.run
		},
	}
}

func (o *normalityOptions) run(s *session, files []string) error {
	switch {
	case o.Replicates < 0:
		return usageError("-replicates %d: must not be negative", o.Replicates)
	case o.Replicates > mostReplicates:
		return usageError("-replicates %d: must be at most %d", o.Replicates, mostReplicates)
	case o.MaxRows < 3:
		return usageError("-max-rows %d: must be at least 3", o.MaxRows)
	}
	name, shape, data, err := s.readNumbers(files[0])
	switch {
	case err != nil:
		return err
	case len(shape) == 1:
		return show(s, o.json, normality.Univariate(data), printSample)
	case shape[0] == 1:
		return fmt.Errorf("%s: one row of %d numbers; tests of rows need more than one, and a sample has one number on each line", name, len(data))
	}
	rows := normality.Rows{N: shape[0], D: len(data) / shape[0], X: data}
	return show(s, o.json, normality.Multivariate(rows, o.MultivariateOptions), printRows)
}

func printSample(p page, r normality.UnivariateResult) {
	p.sentence(r.Conclusion.Sentence)
	fmt.Fprintf(p, "sample of %d values\n", r.N)
	p.value("mean", r.Mean, "")
	p.value("variance", r.Variance, "divisor n-1")
	g, k := r.Skewness, r.ExcessKurtosis
	p.value("skewness g1", g.Biased, fmt.Sprintf("95%% interval %s; adjusted for n, G1 = %s", span(g.CI), digits(g.Adjusted)))
	p.value("excess kurtosis g2", k.Biased, fmt.Sprintf("95%% interval %s; adjusted for n, G2 = %s; no sample of this size exceeds %s",
		span(k.CI), digits(k.Adjusted), digits(k.Ceiling)))
	printTests(p, r.Tests, r.Conclusion, r.Warnings)
}

func printRows(p page, r normality.MultivariateResult) {
	p.sentence(r.Conclusion.Sentence)
	fmt.Fprintf(p, "%d rows in %d dimensions\n", r.N, r.D)
	p.value("b1", r.Mardia.B1, "Mardia's skewness")
	p.value("b2", r.Mardia.B2, "Mardia's kurtosis; the mean for normal rows is "+digits(r.Mardia.Expected))
	printTests(p, r.Tests, r.Conclusion, r.Warnings)
}

// value is a line of a name, a number, and what there is to say of it.
func (p page) value(name string, x estimate.Number, text string) {
	p.fold(fmt.Sprintf("  %-20s %10s   ", name, digits(x)), strings.Repeat(" ", 36), text)
}

// probability is a p-value, which is 0 only below the smallest number.
func probability(p estimate.Number) string {
	if p == 0 {
		return "<1e-300"
	}
	return digits(p)
}

func printTests(p page, tests []normality.Test, c normality.Conclusion, warnings []string) {
	fmt.Fprintf(p, "  %-20s %10s %12s %10s %12s\n", "test", "statistic", "p", "log p", "adjusted p")
	notes := newNotes()
	for i, t := range tests {
		fmt.Fprintf(p, "  %-20s %10s %12s %10s %12s\n", t.Name, digits(t.Statistic), probability(t.PValue), digits(t.LogP), probability(c.Adjusted[i].PValue))
		switch {
		case t.Replicates > 0:
			notes.add(t.Name, fmt.Sprintf("p is from %d bootstrap samples and cannot be below %s", t.Replicates, digits(t.Floor)))
		case t.Floor > 0 && t.PValue <= t.Floor:
			notes.add(t.Name, "p is at most this: its table ends here")
		}
	}
	notes.print(p)
	p.note("log p: natural logarithm; adjusted p: after Holm's correction for the number of tests")
	p.sentence(c.Note)
	p.warnings(warnings)
}
