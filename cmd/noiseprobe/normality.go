package main

import (
	"fmt"
	"io"

	"github.com/noiseprobe/noiseprobe/analysis/document"
	"github.com/noiseprobe/noiseprobe/analysis/estimate"
	"github.com/noiseprobe/noiseprobe/analysis/normality"
)

type normalityOptions struct {
	normality.MultivariateOptions
	json bool
}

func normalityCommand() command {
	return command{
		name: "normality", args: "FILE|-",
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
			return func(s *session, files []string) error { return o.run(s, files) }
		},
	}
}

func (o *normalityOptions) run(s *session, files []string) error {
	switch {
	case len(files) != 1:
		return usageError("normality: takes one file, got %d arguments", len(files))
	case o.Replicates < 0:
		return usageError("-replicates %d: must not be negative", o.Replicates)
	case o.MaxRows < 3:
		return usageError("-max-rows %d: must be at least 3", o.MaxRows)
	}
	name, shape, data, err := s.readNumbers(files[0])
	switch {
	case err != nil:
		return err
	case len(shape) == 1:
		return o.print(s, normality.Univariate(data), printSample)
	case shape[0] == 1:
		return fmt.Errorf("%s: one row of %d numbers; tests of rows need more than one, and a sample has one number on each line", name, len(data))
	}
	rows := normality.Rows{N: shape[0], D: len(data) / shape[0], X: data}
	return o.print(s, normality.Multivariate(rows, o.MultivariateOptions), printRows)
}

// print writes a result as JSON, or as text.
func (o *normalityOptions) print(s *session, result any, text func(io.Writer, any)) error {
	if !o.json {
		text(s.stdout, result)
		return nil
	}
	return s.printJSON(result)
}

func printSample(w io.Writer, result any) {
	r := result.(normality.UnivariateResult)
	printSentence(w, r.Conclusion.Sentence)
	fmt.Fprintf(w, "sample of %d values\n", r.N)
	fmt.Fprintf(w, "  %-20s %10s\n", "mean", digits(r.Mean))
	fmt.Fprintf(w, "  %-20s %10s   divisor n-1\n", "variance", digits(r.Variance))
	fmt.Fprintf(w, "  %-20s %10s   95%% interval %s; adjusted for n, G1 = %s\n", "skewness g1", digits(r.Skewness.Biased), span(r.Skewness.CI), digits(r.Skewness.Adjusted))
	k := r.ExcessKurtosis
	fmt.Fprintf(w, "  %-20s %10s   95%% interval %s; adjusted for n, G2 = %s; no sample of this size exceeds %s\n",
		"excess kurtosis g2", digits(k.Biased), span(k.CI), digits(k.Adjusted), digits(k.Ceiling))
	printTests(w, r.Tests, r.Conclusion, r.Warnings)
}

func printRows(w io.Writer, result any) {
	r := result.(normality.MultivariateResult)
	printSentence(w, r.Conclusion.Sentence)
	fmt.Fprintf(w, "%d rows in %d dimensions\n", r.N, r.D)
	fmt.Fprintf(w, "  %-20s %10s   Mardia's skewness\n", "b1", digits(r.Mardia.B1))
	fmt.Fprintf(w, "  %-20s %10s   Mardia's kurtosis; the mean for normal rows is %s\n", "b2", digits(r.Mardia.B2), digits(r.Mardia.Expected))
	printTests(w, r.Tests, r.Conclusion, r.Warnings)
}

// probability is a p-value, which is 0 only below the smallest number.
func probability(p estimate.Number) string {
	if p == 0 {
		return "<1e-300"
	}
	return digits(p)
}

// printSentence breaks a sentence into lines of at most 100 columns.
func printSentence(w io.Writer, sentence string) {
	for _, line := range document.Wrap(sentence, 100) {
		fmt.Fprintln(w, line)
	}
}

func printTests(w io.Writer, tests []normality.Test, c normality.Conclusion, warnings []string) {
	fmt.Fprintf(w, "  %-20s %10s %12s %10s %12s\n", "test", "statistic", "p", "log p", "adjusted p")
	for i, t := range tests {
		fmt.Fprintf(w, "  %-20s %10s %12s %10s %12s", t.Name, digits(t.Statistic), probability(t.PValue), digits(t.LogP), probability(c.Adjusted[i].PValue))
		switch {
		case t.Replicates > 0:
			fmt.Fprintf(w, "   from %d bootstrap samples: p cannot be below %s", t.Replicates, digits(t.Floor))
		case t.Floor > 0 && t.PValue <= t.Floor:
			fmt.Fprint(w, "   p is at most this: its table ends here")
		}
		fmt.Fprintln(w)
	}
	fmt.Fprintln(w, "  log p: natural logarithm; adjusted p: after Holm's correction for the number of tests")
	printSentence(w, c.Note)
	for _, warning := range warnings {
		fmt.Fprintf(w, "warning: %s\n", warning)
	}
}
