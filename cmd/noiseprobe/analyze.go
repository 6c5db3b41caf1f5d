package main

import (
	"flag"
	"fmt"
	"os"

	"github.com/noiseprobe/noiseprobe/experiment"
)

func analyzeCommand() command {
	return command{
		name: "analyze", args: "DIR",
		summary: "checks every checksum in a run directory, analyses all checkpoints again, and prints the report",
		example: "noiseprobe analyze runs/f1-alpha1.5-batch500-seed1",
		define: func(f *flag.FlagSet) func(*session, []string) error {
			asJSON := f.Bool("json", false, "print the report as JSON instead of text")
			return func(s *session, files []string) error {
				if len(files) != 1 {
					return usageError("analyze: takes one run directory, got %d arguments", len(files))
				}
				if info, err := os.Stat(files[0]); err != nil {
					return err
				} else if !info.IsDir() {
					return fmt.Errorf("%s: is not a directory; analyze reads run directories", files[0])
				}
				progress := newProgress(s)
				rep, _, err := experiment.Analyze(files[0], experiment.Observer{Notice: progress.notice, Progress: progress.show})
				progress.clear()
				if err != nil {
					return err
				}
				return printReport(s, rep, *asJSON)
			}
		},
	}
}
