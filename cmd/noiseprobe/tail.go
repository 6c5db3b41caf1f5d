package main

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/noiseprobe/noiseprobe/analysis/document"
	"github.com/noiseprobe/noiseprobe/analysis/tail"
	"github.com/noiseprobe/noiseprobe/experiment"
)

type tailOptions struct {
	tail.Settings
	curves bool
	json   bool
	plot   string
	force  bool
}

func tailCommand() command {
	return command{
		name: "tail", args: "FILE|-", one: "file",
		summary: "estimates tail indices of a sample: how heavy its tail is, and what Gaussian data would give",
		detail: `FILE is .npy with one axis, or text with one number on each line, or all in one; - is standard input. Comments after # and a header are
skipped, and commas that may be decimal commas are refused. Several columns are refused: values of
different scales look heavy-tailed when they are pooled, though none of the columns is. The data are not centred.

The first sentence is the conclusion: the tail index by the moment estimate, whose interval covers where the others do not, and whether
that makes the variance finite (all of the interval above 2), infinite (all below 2, the estimate from the largest quarter of these values too, and these follow one power law), or leaves it undecided. The second compares the tail with
that of Gaussian samples of the same size, mean and standard deviation, or, for a sample that begins at a sharp end, as losses and
norms do, of half-normal samples of the same mean and minimum. A tail index alone means nothing: hill finds one in any data.

Then come six estimates from the k largest values (hill, moment, pickands, kernel, gpd, power-law). Without -k each method chooses its
own k: hill and kernel by a double bootstrap (ceil(sqrt n) if that fails), moment and gpd ceil(n^0.6), pickands half of that, and
power-law the number of values where it fits best. The comparison uses a k that depends on n only. Fits of a stable law stand below
(mohammadi, log-moment, mcculloch, koutrouvelis). What is undefined is "-" (null in JSON), and a note below the table says why.

Limits: stable laws with alpha above 1.8 look Gaussian in samples of a few thousand, and log-normal samples, or those with a few values of
another scale, like a power law in any.
`,
		example: `seq 1 500 | awk '{ print (500 / $1) ^ 0.5 }' > sample.txt
noiseprobe tail sample.txt
cut -c1-6 sample.txt | noiseprobe tail -
noiseprobe tail sample.txt -plot thresholds.svg
noiseprobe tail sample.txt -k 50 -tail right -json`,
		define: func(f *flags) func(*session, []string) error {
			o := &tailOptions{}
			f.IntVar(&o.K, "k", 0, "`K` number of largest values, for every method; without it each chooses its own")
			f.TextVar(&o.Side, "tail", tail.Absolute, "`SIDE` side of the sample: absolute (of |x|), left or right")
			f.values["tail"] = []string{tail.Absolute.String(), tail.Left.String(), tail.Right.String()}
			f.Uint64Var(&o.Seed, "seed", 1, "`SEED` seed of the bootstrap and of the Gaussian samples")
			f.IntVar(&o.Replicates, "bootstrap", 0, "`R` number of bootstrap samples for the power law's goodness of fit, -1 for none; without it, 199 up to 20,000 values and none above")
			f.BoolVar(&o.curves, "curves", false, "add the estimates for a range of k to the JSON")
			f.StringVar(&o.plot, "plot", "", "`FILE` .svg file to draw: the estimates against k, and the k that each method chose")
			f.BoolVar(&o.force, "force", false, "replace a file that exists")
			f.BoolVar(&o.json, "json", false, "print the result as JSON instead of text")
			return func(s *session, files []string) error {
				if f.given("k") && o.K < 1 {
					return usageError("-k %d: must be at least 1", o.K)
				}
				return o.run(s, files)
			}
		},
	}
}

func (o *tailOptions) run(s *session, files []string) error {
	switch {
	case o.plot != "" && !strings.EqualFold(filepath.Ext(o.plot), ".svg"):
		return usageError("-plot %s: must end in .svg", o.plot)
	case o.Replicates < -1:
		return usageError("-bootstrap %d: must be at least 1, or -1 for none", o.Replicates)
	case o.Replicates > mostReplicates:
		return usageError("-bootstrap %d: must be at most %d", o.Replicates, mostReplicates)
	}
	name, shape, x, err := s.readNumbers(files[0])
	if err != nil {
		return err
	}
	if len(shape) != 1 {
		return fmt.Errorf("%s: an array of shape %v; tail reads a single sample, with one axis", name, shape)
	}
	if o.plot != "" {
		if err := free("plot", o.plot, o.force); err != nil {
			return err
		}
	}
	release, err := experiment.LockAround(experiment.Observer{}, o.plot)
	if err != nil {
		return err
	}
	defer release()
	if o.curves || o.plot != "" {
		o.CurvePoints = 50
	}
	r := tail.Analyse(x, o.Settings)
	if o.plot != "" {
		if err := put("plot", o.plot, o.force, thresholds(r.Curves, r.Estimates).WriteSVG); err != nil {
			return err
		}
	}
	if !o.curves {
		r.Curves = nil
	}
	return show(s, o.json, r, printTail)
}

func printTail(p page, r tail.Result) {
	p.sentence(r.Conclusion.Sentence)
	p.sentence(r.Conclusion.Comparison.Sentence)
	p.sentence(r.Conclusion.StableSentence)
	fmt.Fprintf(p, "%s tail of %d values (seed %d)\n", r.Tail, r.N, r.Seed)
	printEstimates(p, r)
	printComparison(p, r)
	printPowerLaw(p, r.PowerLaw)
	printStable(p, r.Stable)
	p.sentence(r.Conclusion.Note)
	p.warnings(r.Warnings)
}

func printEstimates(p page, r tail.Result) {
	fmt.Fprintf(p, "  %-12s %8s %9s %11s  %s\n", "method", "k", "gamma", "tail index", "95% interval")
	notes := newNotes()
	for _, e := range r.Estimates {
		fmt.Fprintf(p, "  %-12s %8d %9s %11s  %s\n", e.Method, e.K, digits(e.Gamma), digits(e.TailIndex), span(e.CI))
		notes.add(e.Method, e.Reason)
	}
	p.note("k: number of the largest values that are used; gamma: 1 / tail index, larger for heavier tails")
	notes.print(p)
	k := r.KChoice
	if k == nil {
		p.note("the intervals of hill, kernel and power-law are right only if there is no bias at the k that was given")
		return
	}
	root := tail.DefaultK(r.N)
	p.note(fmt.Sprintf("the intervals of hill, kernel and power-law are right only if there is no bias at k = %d; at a larger k they are widened to contain the interval at %d", root, root))
	if k.K > 0 {
		p.note(fmt.Sprintf("k of hill and kernel is from a double bootstrap, which gives %d with another published constant; from k = %d to %d the tail index of hill is in %s",
			k.KRoot, (k.K+1)/2, 2*k.K, span(k.Band)))
	}
}

// printComparison shows gammas, since those of Gaussian samples are often negative and have no tail index.
func printComparison(p page, r tail.Result) {
	c := r.Counterpart
	p.sentence(fmt.Sprintf("compared with %d %s samples (location %s, scale %s), of which at least 95%% have all of their gammas in these ranges",
		r.Surrogate[0].Replicates, c.Law, digits(c.Location), digits(c.Scale)))
	fmt.Fprintf(p, "  %-12s %8s %9s  %-24s %s\n", "method", "k", "gamma", c.Law+" samples", "verdict")
	notes := newNotes()
	for _, v := range r.Surrogate {
		fmt.Fprintf(p, "  %-12s %8d %9s  %-24s %s\n", v.Method, v.K, digits(v.Gamma), span(v.GammaBand), verdictWord(v))
		notes.add(v.Method, v.Reason)
	}
	notes.print(p)
}

func verdictWord(v tail.Verdict) string {
	if v.Reason != "" {
		return document.Undefined
	}
	return v.Verdict
}

func printStable(p page, rows []tail.StableEstimate) {
	fmt.Fprintf(p, "  %-12s %9s %9s %9s %9s  %s\n", "stable law", "alpha", "beta", "scale", "location", "95% interval of alpha")
	notes := newNotes()
	for _, e := range rows {
		fmt.Fprintf(p, "  %-12s %9s %9s %9s %9s  %s\n", e.Method, digits(e.Alpha), digits(e.Beta), digits(e.Scale), digits(e.Location), span(e.CI))
		notes.add(e.Method, e.Reason)
		for _, warning := range e.Warnings {
			notes.add(e.Method, warning)
		}
	}
	notes.print(p)
	p.note("these are of the whole sample, and any gets an alpha; if it is from a stable law, the interval of mcculloch is the most reliable")
}

func printPowerLaw(p page, f tail.PowerLawFit) {
	if f.NTail == 0 {
		return
	}
	p.sentence(fmt.Sprintf("power law fitted to the %d values from %s on (where it fits best): density proportional to x^-%s", f.NTail, digits(f.Xmin), digits(f.Exponent)))
	fmt.Fprintf(p, "  %-24s %9s %9s\n", "test", "statistic", "p")
	fmt.Fprintf(p, "  %-24s %9s %9s\n", "is it a power law? (KS)", digits(f.KS), digits(f.PValue))
	notes := newNotes()
	for _, a := range f.Alternatives {
		fmt.Fprintf(p, "  %-24s %9s %9s\n", "or "+a.Name+"? (z)", digits(a.Z), probability(a.PValue))
		notes.add(a.Name, a.Reason)
	}
	if f.Replicates > 0 {
		p.note(fmt.Sprintf("the p of KS is from %d bootstrap samples; a small one says that it is no power law", f.Replicates))
	} else {
		p.note("KS: no p, since the bootstrap was not run (-bootstrap)")
	}
	p.note("z: positive where the power law fits better, negative where the other law does")
	notes.print(p)
}
