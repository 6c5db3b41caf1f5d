package main

import (
	"github.com/noiseprobe/noiseprobe/experiment"
)

func reportCommand() command {
	return command{
		name: "report", args: "DIR", one: "directory",
		summary: "draws report.html and the figures of a run, or of an analysis with -out, again, from report.json and figures/*.csv",
		example: `noiseprobe report runs/f1-alpha1.5-batch500-seed1
noiseprobe report runs/f1-alpha1.5-batch500-seed1 -pdf -figure-width 3.25`,
		define: func(f *flags) func(*session, []string) error {
			how := &drawingOptions{}
			how.define(f)
			return func(s *session, files []string) error {
				if err := how.check(""); err != nil {
					return err
				}
				if _, err := experiment.Render(files[0], how.Drawing); err != nil {
					return err
				}
				s.say("wrote %s", experiment.Directory(files[0]).HTMLPath())
				return nil
			}
		},
	}
}
