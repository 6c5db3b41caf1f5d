package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/noiseprobe/noiseprobe/analysis/tail"
	"github.com/noiseprobe/noiseprobe/internal/atomicfile"
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
		name: "tail", args: "FILE|-",
		summary: "estimates tail indices of a sample: how heavy its tail is, and what Gaussian data would give",
		detail: `FILE is .npy with one axis, or text with one number on each line; - is standard input. Several columns are refused: values of
different scales look heavy-tailed when they are pooled, though none of the columns is. The data are not centred.

Beside each estimate from the k largest values (hill, moment, pickands, kernel, gpd, power-law) stands the range that holds 95% of the
estimates from Gaussian samples of the same size, mean and scale, at the same k. A tail index alone means nothing: hill finds one in any
data. Without -k each method chooses its own k: hill and kernel by a double bootstrap (ceil(sqrt n) if that fails), moment and gpd
ceil(n^(2/3)), pickands half of that, and power-law the number of values from its xmin on. Fits of a stable law stand below (mohammadi,
log-moment, mcculloch, koutrouvelis). What is undefined is "-" (null in JSON), and a warning says why.
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
			f.values["tail"] = []string{"absolute", "left", "right"}
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
	case len(files) != 1:
		return usageError("tail: takes one file, got %d arguments", len(files))
	case o.plot != "" && filepath.Ext(o.plot) != ".svg":
		return usageError("-plot %s: must end in .svg", o.plot)
	case o.Replicates < -1:
		return usageError("-bootstrap %d: must be at least 1, or -1 for none", o.Replicates)
	}
	name, shape, x, err := s.readNumbers(files[0])
	if err != nil {
		return err
	}
	if len(shape) != 1 {
		return fmt.Errorf("%s: an array of shape %v; tail reads a single sample, with one axis", name, shape)
	}
	if err := o.checkPlot(); err != nil {
		return err
	}
	if o.curves || o.plot != "" {
		o.CurvePoints = 50
	}
	r := tail.Analyse(x, o.Settings)
	if o.plot != "" {
		if err := atomicfile.Write(o.plot, thresholds(r.Curves, r.Estimates).WriteSVG); err != nil {
			return err
		}
	}
	if !o.curves {
		r.Curves = nil
	}
	if !o.json {
		printTail(s.stdout, r)
		return nil
	}
	return s.printJSON(r)
}

// checkPlot finds out before the work whether the plot may be written.
func (o *tailOptions) checkPlot() error {
	if _, err := os.Lstat(o.plot); o.plot != "" && !o.force && err == nil {
		return &hintError{fmt.Errorf("-plot %s: already exists", o.plot), "-force replaces it"}
	}
	return nil
}

func printTail(w io.Writer, r tail.Result) {
	fmt.Fprintf(w, "%s tail of %d values (seed %d)\n", r.Tail, r.N, r.Seed)
	fmt.Fprintf(w, "  %-12s %8s %9s %11s  %-20s %-22s %s\n", "method", "k", "gamma", "tail index", "95% interval", "Gaussian data give", "verdict")
	for i, e := range r.Estimates {
		v := r.Surrogate[i]
		fmt.Fprintf(w, "  %-12s %8d %9s %11s  %-20s %-22s %s\n", e.Method, e.K, digits(e.Gamma), digits(e.TailIndex), span(e.CI), gaussian(v), v.Verdict)
	}
	if c := r.KChoice; c != nil && c.K > 0 {
		fmt.Fprintf(w, "k = %d by double bootstrap, %d by its other constant; hill over %d to %d: %s\n", c.K, c.KRoot, (c.K+1)/2, 2*c.K, span(c.Band))
	}
	printPowerLaw(w, r.PowerLaw)
	fmt.Fprintf(w, "  %-12s %9s %9s %9s %9s  %s\n", "stable law", "alpha", "beta", "scale", "location", "95% interval of alpha")
	for _, e := range r.Stable {
		fmt.Fprintf(w, "  %-12s %9s %9s %9s %9s  %s\n", e.Method, digits(e.Alpha), digits(e.Beta), digits(e.Scale), digits(e.Location), span(e.CI))
	}
	for _, e := range r.Stable {
		for _, warning := range e.Warnings {
			fmt.Fprintf(w, "warning: %s: %s\n", e.Method, warning)
		}
	}
	for _, warning := range r.Warnings {
		fmt.Fprintf(w, "warning: %s\n", warning)
	}
}

func printPowerLaw(w io.Writer, f tail.PowerLawFit) {
	if f.NTail == 0 {
		return
	}
	fmt.Fprintf(w, "power law with an xmin of its own: density x^-%s from %s on, %d values, KS %s", digits(f.Exponent), digits(f.Xmin), f.NTail, digits(f.KS))
	if f.Replicates > 0 {
		fmt.Fprintf(w, ", goodness of fit p = %s (%d bootstrap samples)", digits(f.PValue), f.Replicates)
	}
	fmt.Fprintln(w)
	for _, a := range f.Alternatives {
		fmt.Fprintf(w, "  against %-12s log-likelihood ratio %s, z = %s, log p = %s\n", a.Name, digits(a.Ratio), digits(a.Z), digits(a.LogP))
	}
}

// gaussian shows the tail indices of surrogates, whose gamma may be negative throughout.
func gaussian(v tail.Verdict) string {
	if v.GammaBand.Defined() && !v.Band.Defined() {
		return "none: gamma < 0"
	}
	return span(v.Band)
}
