package main

import (
	"github.com/noiseprobe/noiseprobe/experiment"
)

func reportCommand() command {
	return command{
		name: "report", args: "DIR",
		summary: "draws report.html and the figures of a run, or of an analysis with -out, again, from report.json and figures/*.csv",
		example: "noiseprobe report runs/f1-alpha1.5-batch500-seed1",
		define: func(f *flags) func(*session, []string) error {
			return func(s *session, files []string) error {
				if len(files) != 1 {
					return usageError("report: takes one directory, got %d arguments", len(files))
				}
				if _, err := experiment.Render(files[0]); err != nil {
					return err
				}
				s.say("wrote %s", experiment.Directory(files[0]).HTMLPath())
				return nil
			}
		},
	}
}
