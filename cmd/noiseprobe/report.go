package main

import (
	"github.com/noiseprobe/noiseprobe/experiment"
)

func reportCommand() command {
	return command{
		name: "report", args: "DIR",
		summary: "draws report.html and the figures of a run, or of an analysis with -out, again, from report.json and figures/*.csv",
		example: `noiseprobe report runs/f1-alpha1.5-batch500-seed1
noiseprobe report runs/f1-alpha1.5-batch500-seed1 -pdf -figure-width 3.25`,
		define: func(f *flags) func(*session, []string) error {
			var how experiment.Drawing
			f.BoolVar(&how.PNG, "png", false, "draw the figures as PNG as well, 300 pixels to the inch")
			f.BoolVar(&how.PDF, "pdf", false, "draw the figures as PDF as well, with their fonts in them")
			f.Float64Var(&how.Width, "figure-width", 0, "`INCHES` width of the files of figures (default 6.5): 3.25 is about one column of a paper, 6.5 two")
			return func(s *session, files []string) error {
				if len(files) != 1 {
					return usageError("report: takes one directory, got %d arguments", len(files))
				}
				if f.given("figure-width") && !(how.Width >= 2 && how.Width <= 20) {
					return usageError("-figure-width %g: must be between 2 and 20 inches", how.Width)
				}
				if _, err := experiment.Render(files[0], how); err != nil {
					return err
				}
				s.say("wrote %s", experiment.Directory(files[0]).HTMLPath())
				return nil
			}
		},
	}
}
