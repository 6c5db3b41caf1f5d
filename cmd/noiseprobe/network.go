package main

import (
	"slices"

	"github.com/noiseprobe/noiseprobe/experiment"
	"github.com/noiseprobe/noiseprobe/probe"
	"github.com/noiseprobe/noiseprobe/train/dataset"
)

// model declares the flag of the network, with more to its description.
func (f *flags) model(spec *string, more string) {
	f.StringVar(spec, "model", *spec, "`SPEC` network: f1, c1, c2, or layers such as 7x[500]"+more)
	f.values["model"] = []string{"f1", "c1", "c2"}
}

// data declares the flag of the data set.
func (f *flags) data(set *string, usage string) {
	f.StringVar(set, "data", *set, usage)
	f.values["data"] = slices.Concat([]string{dataset.Auto, dataset.Synthetic, dataset.Embedded}, dataset.Names())
}

// unit declares the flag of what a gradient belongs to.
func (f *flags) unit(unit *string) {
	f.choice(unit, "unit", "`WHAT` what one gradient belongs to", experiment.UnitAuto, probe.UnitSample, probe.UnitGhostBatch)
}

// curvature takes its values from package experiment.
func (f *flags) curvature(kind *string, where string) {
	f.StringVar(kind, "curvature", *kind, "`HOW` how the curvature is computed"+where+": exact (by all classes), sampled (by labels drawn from the model), "+
		"auto (exact for samples of few classes, else sampled, for as many units as take little time, which may be fewer than -units), hessian (auto, and the Hessian itself by many passes) or off")
	f.values["curvature"] = []string{experiment.CurvatureAuto, experiment.CurvatureExact, experiment.CurvatureSampled, experiment.CurvatureHessian, experiment.CurvatureOff}
}

func (f *flags) ghost(size *int) {
	f.IntVar(size, "ghost", *size, "`SIZE` number of samples in a ghost batch, for networks with ghost batch normalisation")
}
