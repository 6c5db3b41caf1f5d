package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/noiseprobe/noiseprobe/analysis/compare"
	"github.com/noiseprobe/noiseprobe/experiment"
	"github.com/noiseprobe/noiseprobe/experiment/sweep"
	"github.com/noiseprobe/noiseprobe/internal/atomicfile"
)

type compareOptions struct {
	compare.Settings
	points, percent    float64
	reference          string
	csv, html, figures string
	drawingOptions
	force, json bool
}

func compareCommand() command {
	return command{
		name: "compare", args: "DIR...",
		summary: "compares runs: accuracy, loss, convergence, noise and kurtosis against alpha, B and B_eff",
		detail: `DIR is a run directory, a sweep, or a folder of either; of a run, report.json and metrics.csv are enough. Runs that differ in
nothing but alpha, B and seed are compared with each other; runs that differ in anything else form separate groups. Runs that are
unfinished, interrupted, damaged or missing are left out and listed.

Do runs with the same B_eff = B / f agree? The distance between the curves of different alphas, at equal B and at equal B_eff, has an
interval, a p-value and a verdict: "different"; "equal within margin", which takes a test of equality and never follows from a large
p-value; or "undecided". The runs of each alpha and B are also compared with plain SGD at the same B and at the same B_eff, paired by seed if the
seeds agree. p-values are corrected by Holm's method over the comparisons of one quantity. If any runs stopped at convergence, only
these count at the end of training.
`,
		example: `noiseprobe sweep -model '[16],[8]' -alpha 1,2 -batch 20,100 -seeds 2 -out sweeps/small
noiseprobe compare sweeps/small
noiseprobe compare sweeps/small -html compare.html -csv compare.csv -figures compare-figures
noiseprobe compare sweeps/small -reference alpha=1,batch=100 -json`,
		define: func(f *flags) func(*session, []string) error {
			o := &compareOptions{Settings: compare.DefaultSettings()}
			f.Float64Var(&o.points, "margin-accuracy", 100*o.AccuracyMargin, "`M` percentage points within which accuracies count as equal")
			f.Float64Var(&o.percent, "margin-ratio", 100*o.RatioMargin, "`M` percentage within which losses, times and traces count as equal")
			f.StringVar(&o.reference, "reference", "", "`CELL` cell that every other is compared with, as alpha=A,batch=B; without it, alpha = 1 at the same B and at the same B_eff")
			f.StringVar(&o.csv, "csv", "", "`FILE` file to write: a line for each quantity of each run")
			f.StringVar(&o.html, "html", "", "`FILE` file to write: a page with figures that needs no other file")
			f.StringVar(&o.figures, "figures", "", "`DIR` directory to write: every figure as .svg, and the numbers behind it as .csv")
			o.drawingOptions.define(f)
			f.BoolVar(&o.force, "force", false, "replace files that exist")
			f.BoolVar(&o.json, "json", false, "print the result as JSON instead of text")
			return o.run
		},
	}
}

func (o *compareOptions) run(s *session, dirs []string) error {
	if len(dirs) == 0 {
		return usageError("compare: takes one directory or more")
	}
	if err := o.settle(); err != nil {
		return err
	}
	if err := o.check("figures"); err != nil {
		return err
	}
	set, err := compare.Read(dirs)
	if err != nil {
		return err
	}
	addMissing(s, set, dirs)
	for _, l := range set.LeftOut {
		s.say("left out %s: %s", l.Dir, l.Reason)
	}
	c, err := compare.Compare(set, o.Settings)
	if err != nil {
		return err
	}
	if err := o.write(s, c); err != nil {
		return err
	}
	if o.json {
		return s.printJSON(c)
	}
	return c.Text(s.stdout, s.width)
}

// addMissing adds the runs of sweeps that are not there.
func addMissing(s *session, set *compare.Set, dirs []string) {
	for _, dir := range dirs {
		missing, err := sweep.Missing(dir)
		if err != nil {
			s.say("%v: it cannot be told whether runs are missing", err)
		}
		for _, path := range missing {
			l := compare.LeftOut{Dir: path, Reason: "is missing, and sweep.json lists it"}
			if !slices.Contains(set.LeftOut, l) {
				set.LeftOut = append(set.LeftOut, l)
			}
		}
	}
}

// settle reads what the flags say together.
func (o *compareOptions) settle() error {
	o.AccuracyMargin, o.RatioMargin = o.points/100, o.percent/100
	if err := o.Check(); err != nil {
		return usageError("compare: %w", err)
	}
	if o.reference == "" {
		return nil
	}
	alpha, batch, ok := strings.Cut(strings.TrimPrefix(o.reference, "alpha="), ",batch=")
	a, alphaErr := strconv.ParseFloat(alpha, 64)
	b, batchErr := strconv.Atoi(batch)
	if !ok || alphaErr != nil || batchErr != nil {
		return usageError("-reference %s: must be alpha=A,batch=B", o.reference)
	}
	o.Reference = &compare.Reference{Alpha: a, Batch: b}
	return nil
}

// outputFile is a file to be written.
type outputFile struct {
	flag, path string
	fill       func(io.Writer) error
}

// page writes the page, with links to the files of figures where these are written.
func (o *compareOptions) page(c *compare.Comparison) func(io.Writer) error {
	page := c.Page()
	if to, err := filepath.Rel(filepath.Dir(o.html), o.figures); err == nil && o.figures != "" {
		page.Files = filepath.ToSlash(to) + "/"
	}
	return func(w io.Writer) error { return page.HTML(w, c.Figures()) }
}

// write writes all files, or none where one of them exists.
func (o *compareOptions) write(s *session, c *compare.Comparison) error {
	var outputs []outputFile
	if o.csv != "" {
		outputs = append(outputs, outputFile{"csv", o.csv, c.WriteCSV})
	}
	if o.html != "" {
		outputs = append(outputs, outputFile{"html", o.html, o.page(c)})
	}
	if o.figures != "" {
		if _, err := atomicfile.DirTaken(o.figures); err != nil {
			return fmt.Errorf("-figures %w", err)
		}
		for _, f := range c.Figures() {
			for _, file := range o.Files(f) {
				outputs = append(outputs, outputFile{"figures", filepath.Join(o.figures, f.Name+file.Ending), file.Write})
			}
		}
	}
	var paths []string
	for _, out := range outputs {
		paths = append(paths, out.path)
		if err := free(out.flag, out.path, o.force); err != nil {
			return err
		}
	}
	release, err := experiment.LockAround(experiment.Observer{}, paths...)
	if err != nil {
		return err
	}
	defer release()
	if o.figures != "" {
		if err := os.MkdirAll(o.figures, 0o777); err != nil {
			return err
		}
	}
	for _, out := range outputs {
		if err := put(out.flag, out.path, o.force, out.fill); err != nil {
			return err
		}
	}
	for _, path := range []string{o.csv, o.html, o.figures} {
		if path != "" {
			s.say("wrote %s", path)
		}
	}
	return nil
}
