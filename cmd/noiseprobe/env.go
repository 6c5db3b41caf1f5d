package main

import (
	"fmt"
	"runtime"

	"github.com/noiseprobe/noiseprobe/experiment"
	"github.com/noiseprobe/noiseprobe/internal/gemm"
	"github.com/noiseprobe/noiseprobe/internal/simd"
	"github.com/noiseprobe/noiseprobe/train/dataset"
)

func envCommand() command {
	return command{
		name: "env", none: "no arguments",
		summary: "prints what a run would use on this machine: processors, matrix products, data",
		example: "noiseprobe env",
		define: func(f *flags) func(*session, []string) error {
			return func(s *session, _ []string) error { return printEnv(s) }
		},
	}
}

// kernels is the set of instructions of the built-in kernels.
func kernels() string {
	set, err := simd.Choose()
	if err != nil {
		return err.Error()
	}
	return string(set)
}

func printEnv(s *session) error {
	line := func(name, format string, args ...any) {
		fmt.Fprintf(s.stdout, "%-15s %s\n", name, fmt.Sprintf(format, args...))
	}
	line("version", "%s, %s %s/%s", experiment.Version, runtime.Version(), runtime.GOOS, runtime.GOARCH)
	line("processors", "%d, %s", runtime.GOMAXPROCS(0), experiment.Processor())
	line("kernels", "%s", kernels())
	line("blas", "%s", gemm.Name())
	for _, set := range dataset.Sets() {
		dir, found, _ := dataset.Locate(set.Name)
		if !found {
			dir = "not found"
		}
		line(set.Name, "%s", dir)
	}
	return dataset.CheckEnv()
}
