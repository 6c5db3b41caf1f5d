package main

import (
	"fmt"

	"github.com/noiseprobe/noiseprobe/experiment/bench"
)

type benchOptions struct {
	bench.Settings
	json bool
}

func benchCommand() command {
	return command{
		name: "bench", none: "no files",
		summary: "times the engine on this machine: gradients, steps, per-unit gradients and their Gram matrix",
		detail: `Times the gradient of a step (of B samples if alpha is 1, of 2B otherwise) without and with Adam's update, a bare matrix product for
comparison, and the recording of per-sample gradients and their Gram matrix. Each figure is the median of the
repeats in about 1.5 s, at least 5, on random pixels in memory: no data are read or gathered.
`,
		example: `noiseprobe bench
noiseprobe bench -model '[64],[32]' -alpha 1.5 -batch 100 -units 0 -json`,
		endsWell: true,
		define: func(f *flags) func(*session, []string) error {
			o := &benchOptions{Settings: bench.Default()}
			o.define(f)
			return func(s *session, _ []string) error {
				o.FillIn(f.given("units"))
				return o.run(s)
			}
		},
	}
}

func (o *benchOptions) define(f *flags) {
	f.model(&o.Model, "")
	f.IntVar(&o.Batch, "batch", o.Batch, "`B` minibatch size")
	f.Float64Var(&o.Alpha, "alpha", o.Alpha, "`A` noise enhancement; a step reads B samples if it is 1, and 2B otherwise")
	f.IntVar(&o.Units, "units", o.Units, fmt.Sprintf("`n` number of gradients to record, 0 for none (default %d, with convolutions 16)", o.Units))
	f.machine(&o.Memory, &o.BLAS, &o.Workers)
	f.BoolVar(&o.json, "json", false, "print the figures as JSON instead of text")
}

func (o *benchOptions) run(s *session) error {
	progress := newProgress(s)
	r, err := bench.Run(s.ctx, o.Settings, progress.observer())
	progress.clear()
	if err != nil {
		return err
	}
	return show(s, o.json, r, printBench)
}

func printBench(w page, r *bench.Result) {
	model := r.Model
	if r.Spec != r.Model {
		model += " = " + r.Spec
	}
	fmt.Fprintf(w, "%s (%d parameters), alpha %g, B %d: %d samples a step\n", model, r.Parameters, r.Alpha, r.Batch, r.Samples)
	fmt.Fprintf(w, "%s; %s products\n", r.CPU, r.BLAS)
	fmt.Fprintf(w, "  %-38s %10s %10s %10s          %s\n", "what", "median", "lowest", "highest", "repeats")
	row := func(what, key, unit string) {
		t := r.Timings[key]
		fmt.Fprintf(w, "  %-38s %10.4g %10.4g %10.4g %-8s %7d\n", what, t.Median, t.Lowest, t.Highest, unit, t.Repeats)
	}
	row(fmt.Sprintf("gradient of %d samples", r.Samples), "gradient_ms", "ms")
	row("step: the gradient and Adam's update", "step_ms", "ms")
	if r.Gram != nil {
		what := fmt.Sprintf("record of %d per-sample gradients", r.Gram.Units)
		if r.Gram.UnitSize > 1 {
			what = fmt.Sprintf("record of %d ghost batches of %d", r.Gram.Units, r.Gram.UnitSize)
		}
		row(what, "record_ms", "ms")
		row("Gram matrix of these", "gram_ms", "ms")
	}
	row("matrix product 1000x500x500", "gemm_gflops", "GFLOP/s")
	fmt.Fprintf(w, "The gradient reaches %.3g GFLOP/s, %.0f%% of the bare matrix product; steps read %.4g samples a second.\n",
		r.GradientGFLOPS, 100*r.GemmShare, r.SamplesPerSecond)
	if r.Gram != nil {
		fmt.Fprintf(w, "Record and Gram matrix stay in %.4g MiB.\n", float64(r.Gram.Bytes)/(1<<20))
	}
	fmt.Fprintln(w, "Batches are not gathered: the samples lie in memory, and reading data is no part of the times.")
}
