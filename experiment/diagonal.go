package experiment

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/noiseprobe/noiseprobe/internal/npy"
	"github.com/noiseprobe/noiseprobe/probe"
)

// checkDiagonal refuses a name that the variances cannot be written to: before the analysis, not after it.
func checkDiagonal(path string) error {
	if path == "" {
		return nil
	}
	if !strings.EqualFold(filepath.Ext(path), ".npy") {
		return checkRules([]rule{{false, fmt.Sprintf("-diagonal %s: the name must end in .npy", path)}})
	}
	if _, err := os.Stat(path); err == nil {
		return fmt.Errorf("-diagonal %s: exists and is not overwritten", path)
	}
	return nil
}

// WriteDiagonal writes the variance of every parameter's gradient, the diagonal of Sigma (divisor n), as a .npy of P float64,
// layer after layer.
func WriteDiagonal(path string, g *probe.Gradients) error {
	variance := g.Variance()
	return npy.Write(path, []int{len(variance)}, variance)
}
