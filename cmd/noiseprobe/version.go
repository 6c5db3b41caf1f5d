package main

import (
	"fmt"
	"runtime"

	"github.com/noiseprobe/noiseprobe/experiment"
)

func versionCommand() command {
	return command{
		name: "version", none: "no arguments",
		summary: "prints the version",
		example: "noiseprobe version",
		define: func(f *flags) func(*session, []string) error {
			return func(s *session, _ []string) error {
				_, err := fmt.Fprintf(s.stdout, "noiseprobe %s %s %s/%s\n", experiment.Version, runtime.Version(), runtime.GOOS, runtime.GOARCH)
				return err
			}
		},
	}
}
