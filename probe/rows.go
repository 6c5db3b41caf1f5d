package probe

import (
	"io"

	"github.com/noiseprobe/noiseprobe/internal/atomicfile"
	"github.com/noiseprobe/noiseprobe/internal/npy"
	"github.com/noiseprobe/noiseprobe/internal/safetensors"
)

// WriteRows writes the gradients of all units as dense rows, one after another, so that only one of them is in memory. A path that
// ends in .safetensors gets a tensor [n, P] for every layer, any other path a .npy [n, P] with the layers side by side. progress,
// which may be nil, is told how many of all rows have been written; an error that it returns ends the work. A finite value beyond
// the range of T is an error. An error leaves no file.
func WriteRows[T float32 | float64](path string, g *Gradients, progress func(done, total int) error) error {
	return atomicfile.Write(path, func(file io.Writer) error { return rowsTo[T](file, path, g, progress) })
}

// WriteNewRows is [WriteRows] where no file may be replaced: one that is there at the end, which another process may have written
// meanwhile, is an [fs.ErrExist].
func WriteNewRows[T float32 | float64](path string, g *Gradients, progress func(done, total int) error) error {
	return atomicfile.WriteNew(path, func(file io.Writer) error { return rowsTo[T](file, path, g, progress) })
}

// rowsTo writes the contents of the file that is to have the name path.
func rowsTo[T number](file io.Writer, path string, g *Gradients, progress func(done, total int) error) error {
	done, total := 0, g.Units()
	written := func() error {
		if done++; progress == nil {
			return nil
		}
		return progress(done, total)
	}
	if extension(path) != ".safetensors" {
		return npy.WriteStream(file, []int{g.Units(), g.Parameters()}, func(emit func([]T) error) error {
			return writeRows(g, emit, written)
		})
	}
	m, err := metadata(DenseSchema, g.header(""))
	if err != nil {
		return err
	}
	total *= 2 * len(g.Layers) // every tensor is made for the checksum and for the file
	var tensors []safetensors.Tensor
	for _, l := range g.Layers {
		part := &Gradients{Layers: []Layer{l}}
		tensors = append(tensors, safetensors.Stream(l.Name(), []int{l.Units(), l.Parameters()}, func(emit func([]T) error) error {
			return writeRows(part, emit, written)
		}))
	}
	return safetensors.WriteTo(file, m, tensors)
}

// writeRows passes the rows to emit, and calls written after each.
func writeRows[T number](g *Gradients, emit func([]T) error, written func() error) error {
	row := make([]T, g.Parameters())
	for i := range g.Units() {
		gradient := g.Unit(i)
		if err := g.Err(); err != nil {
			return err
		}
		if err := convertTo(row, gradient, i); err != nil {
			return err
		}
		if err := emit(row); err != nil {
			return err
		}
		if err := written(); err != nil {
			return err
		}
	}
	return nil
}
