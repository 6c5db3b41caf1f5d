package experiment

import (
	"errors"
	"fmt"

	"github.com/noiseprobe/noiseprobe/analysis/report"
	"github.com/noiseprobe/noiseprobe/internal/gemm"
	"github.com/noiseprobe/noiseprobe/probe"
)

// FileSettings says how gradients in files are analysed.
type FileSettings struct {
	GradientSettings
	// Population is N, the number of units that could have been recorded; 0 leaves it to what the files say of it, if anything.
	Population int
	// Diagonal, if not empty, is the .npy that the variance of every parameter's gradient is written to; one that exists is an error.
	Diagonal string
	// Memory is what the analysis may take, in bytes.
	Memory int64
}

// DefaultFileSettings returns the settings of an analysis without flags.
func DefaultFileSettings() FileSettings {
	return FileSettings{GradientSettings: DefaultGradientSettings(), Memory: 1 << 30}
}

// AnalyseFiles describes the gradients in files, which [probe.Open] reads.
func AnalyseFiles(paths []string, s FileSettings, o Observer) (*report.Gradients, error) {
	if err := checkRules([]rule{
		{s.Population >= 0, fmt.Sprintf("-population %d: must be at least 2", s.Population)},
		{s.Memory > 0, fmt.Sprintf("-memory %d: must be positive", s.Memory)},
	}); err != nil {
		return nil, err
	}
	if err := checkDiagonal(s.Diagonal); err != nil {
		return nil, err
	}
	machine := Machine{BLAS: gemm.Auto}
	if err := machine.Check(); err != nil {
		return nil, err
	}
	files, err := probe.Open(paths, float64(s.Memory))
	if errors.Is(err, probe.ErrMemory) {
		return nil, fmt.Errorf("-memory %s: %w", formatBytes(float64(s.Memory)), err)
	}
	if err != nil {
		return nil, err
	}
	defer files.Close()
	if s.Population > 0 && s.Population < files.Units() {
		return nil, fmt.Errorf("-population %d is below the %d gradients", s.Population, files.Units())
	}
	if need := memoryOf(files); need > float64(s.Memory) {
		return nil, fmt.Errorf("-memory %s: the analysis of %d gradients by %d parameters needs about %s", formatBytes(float64(s.Memory)),
			files.Units(), files.Parameters(), formatBytes(need))
	}
	if s.Population > 0 {
		files.Population = s.Population
	}
	if err := machine.Use(); err != nil {
		return nil, err
	}
	showReading(files, o)
	g, err := AnalyseGradients(&files.Gradients, paths, s.GradientSettings)
	if err == nil && s.Diagonal != "" {
		err = WriteDiagonal(s.Diagonal, &files.Gradients)
	}
	return g, err
}

// memoryOf is about what an analysis takes: what is read when files are opened, the blocks of the largest layer, what every
// parameter leaves, the random directions and a copy of the variances among that, and n×n matrices: the Gram matrix, a copy that
// becomes reflections, its eigenvectors and what they are made in, a quarter each for one half of the units and its
// eigenvectors, and resampled minibatches. A half of it all is
// added for what is no longer used but not yet collected, and the program itself.
func memoryOf(f *probe.Files) float64 {
	n, p := float64(f.Units()), float64(f.Parameters())
	blocks, kept := 0.0, (4*randomDirections+8)*p
	for _, l := range f.Layers {
		if s, ok := l.(*probe.Streamed); ok {
			blocks = max(blocks, s.BlockBytes())
			kept += s.KeptBytes()
		}
	}
	return 1.5*(f.LoadedBytes+kept+max(blocks, 8*(5*n*n+4*512*n))) + 32<<20
}

// showReading tells the observer how much of the streamed layers has been read.
func showReading(f *probe.Files, o Observer) {
	const million = 1_000_000
	done, total := 0, 0
	for _, l := range f.Layers {
		if s, ok := l.(*probe.Streamed); ok {
			total += s.Units() * s.Parameters()
			s.Progress = func(numbers int) {
				done += numbers
				o.progress("reading millions of numbers:", done/million, total/million)
			}
		}
	}
}
