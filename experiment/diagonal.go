package experiment

import (
	"errors"
	"io"
	"io/fs"
	"path/filepath"
	"strings"

	"github.com/noiseprobe/noiseprobe/internal/atomicfile"
	"github.com/noiseprobe/noiseprobe/internal/npy"
	"github.com/noiseprobe/noiseprobe/probe"
)

// checkDiagonal refuses a name that the variances cannot be written to: before the analysis, not after it.
func checkDiagonal(path string, force bool) error {
	if path == "" {
		return nil
	}
	if !strings.EqualFold(filepath.Ext(path), ".npy") {
		return Usagef("-diagonal %s: the name must end in .npy", path)
	}
	return checkWritable(path, force)
}

// writeDiagonal writes the variance of every parameter's gradient, the diagonal of Sigma (divisor n), as a .npy of P float64,
// layer after layer.
func writeDiagonal(path string, force bool, g *probe.Gradients) error {
	variance := g.Variance()
	return writeArray(path, force, []int{len(variance)}, variance)
}

// writeArray writes a .npy file. Unless forced, a file that another process has made meanwhile stays, and is an [*ExistsError].
func writeArray(path string, force bool, shape []int, data []float64) error {
	err := atomicfile.Put(path, force, func(w io.Writer) error {
		return npy.WriteStream(w, shape, func(emit func([]float64) error) error { return emit(data) })
	})
	if !force && errors.Is(err, fs.ErrExist) {
		err = &ExistsError{Dir: path}
	}
	return err
}
