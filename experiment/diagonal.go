package experiment

import (
	"errors"
	"fmt"
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
	err := checkWritable(path, false)
	var exists *ExistsError
	if errors.As(err, &exists) {
		err = fmt.Errorf("-diagonal %s: exists and is not overwritten", path)
	}
	return err
}

// WriteDiagonal writes the variance of every parameter's gradient, the diagonal of Sigma (divisor n), as a .npy of P float64,
// layer after layer.
func WriteDiagonal(path string, g *probe.Gradients) error {
	variance := g.Variance()
	return npy.Write(path, []int{len(variance)}, variance)
}
