package experiment

import (
	"fmt"
	"runtime/debug"

	"github.com/noiseprobe/noiseprobe/internal/gemm"
	"github.com/noiseprobe/noiseprobe/internal/parallel"
)

// Machine says how the whole process computes.
type Machine struct {
	// BLAS names the matrix products, auto, builtin, system or gonum; empty leaves those in use.
	BLAS string
	// Workers is the number of goroutines and BLAS threads, 0 for all processors.
	Workers int
	// Memory is a number of bytes that the garbage collector keeps to, 0 leaves its limit.
	Memory int64
}

// machine is what a run uses.
func (c *Config) machine() Machine {
	return Machine{BLAS: c.BLAS, Workers: c.Workers, Memory: c.Memory}
}

// Check says why the matrix products are not to be had here. It changes nothing.
func (m Machine) Check() error {
	if m.BLAS == "" {
		return nil
	}
	return m.named(gemm.Check(m.BLAS))
}

// Use makes the process compute so from now on. It is for where the work begins, once all is checked.
func (m Machine) Use() error {
	if m.BLAS != "" {
		if err := gemm.Use(m.BLAS, m.Workers); err != nil {
			return m.named(err)
		}
	}
	gemm.Install()
	parallel.SetWorkers(m.Workers)
	if m.Memory > 0 {
		debug.SetMemoryLimit(m.Memory)
	}
	return nil
}

// named adds the flag that an error is about.
func (m Machine) named(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("-blas %s: %w", m.BLAS, err)
}
