package experiment

import (
	"fmt"

	"github.com/noiseprobe/noiseprobe/internal/gemm"
	"github.com/noiseprobe/noiseprobe/internal/parallel"
)

// UseMachine chooses the matrix products and the number of goroutines of the whole process.
func UseMachine(blas string, workers int) error {
	if err := gemm.Use(blas, workers); err != nil {
		return fmt.Errorf("-blas %s: %w", blas, err)
	}
	gemm.Install()
	parallel.SetWorkers(workers)
	return nil
}
