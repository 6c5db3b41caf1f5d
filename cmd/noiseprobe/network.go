package main

import (
	"slices"

	"github.com/noiseprobe/noiseprobe/train/dataset"
)

// model declares the flag of the network; of what it says where none is given.
func (f *flags) model(spec *string, of string) {
	f.StringVar(spec, "model", *spec, "`SPEC` of the network: f1, c1, c2, or such as 7x[500]"+of)
	f.values["model"] = []string{"f1", "c1", "c2"}
}

// data declares the flag of the data set.
func (f *flags) data(set *string, usage string) {
	f.StringVar(set, "data", *set, usage)
	f.values["data"] = slices.Concat([]string{"auto", "synthetic", "embedded"}, setNames())
}

// unit declares the flag of what a gradient belongs to.
func (f *flags) unit(unit *string) {
	f.choice(unit, "unit", "`WHAT` one gradient belongs to", "auto", "sample", "ghost-batch")
}

func (f *flags) ghost(size *int) {
	f.IntVar(size, "ghost", *size, "`SIZE` of a ghost batch, in networks with ghost batch normalisation")
}

// setNames are the names of the data sets that come in files.
func setNames() (names []string) {
	for _, set := range dataset.Sets() {
		names = append(names, set.Name)
	}
	return names
}
