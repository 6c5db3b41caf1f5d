package main

import (
	"fmt"
	"runtime"

	"github.com/noiseprobe/noiseprobe/experiment"
)

func versionCommand() command {
	return command{
		name:    "version",
		summary: "prints the version",
		example: "noiseprobe version",
		define: func(f *flags) func(*session, []string) error {
			return func(s *session, files []string) error {
				if len(files) > 0 {
					return usageError("version: takes no arguments, got %q", files[0])
				}
				_, err := fmt.Fprintf(s.stdout, "noiseprobe %s %s %s/%s\n", experiment.Version, runtime.Version(), runtime.GOOS, runtime.GOARCH)
				return err
			}
		},
	}
}
