package main

import (
	"github.com/noiseprobe/noiseprobe/experiment"
)

// drawingOptions say how the files of figures are drawn.
type drawingOptions struct {
	experiment.Drawing
	flags *flags
}

func (d *drawingOptions) define(f *flags) {
	d.flags = f
	f.BoolVar(&d.PNG, "png", false, "draw the figures as PNG as well, 300 pixels to the inch")
	f.BoolVar(&d.PDF, "pdf", false, "draw the figures as PDF as well, with their fonts in them")
	f.Float64Var(&d.Width, "figure-width", 0, "`INCHES` width of the files of figures (default 6.5): 3.25 is about one column of a paper, 6.5 two")
}

// check refuses a width that no page has, and flags without the one that says where figures go.
func (d *drawingOptions) check(into string) error {
	if d.flags.given("figure-width") && !(d.Width >= 2 && d.Width <= 20) {
		return usageError("-figure-width %g: must be between 2 and 20 inches", d.Width)
	}
	for _, name := range []string{"png", "pdf", "figure-width"} {
		if into != "" && d.flags.given(name) && !d.flags.given(into) {
			return usageError("-%s: is about files of figures, which -%s DIR writes", name, into)
		}
	}
	return nil
}
