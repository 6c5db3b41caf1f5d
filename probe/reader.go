package probe

import (
	"fmt"
	"math"

	"github.com/noiseprobe/noiseprobe/internal/safetensors"
)

// Reader reads files of gradients that [Record], [WriteGradients] and [WriteUnits] have written. Its zero value is ready to use.
type Reader struct {
	// BlockBytes is the memory of each of the two blocks in which a [Streamed] layer is read; 0 is 64 MiB.
	BlockBytes int
}

// ReadUnits is [Reader.Units] with blocks of the default size.
func ReadUnits(path string, directions func(parameters int) []Direction) (*Units, error) {
	return Reader{}.Units(path, directions)
}

// Units reads a file of either kind, verifies its checksum, and reduces it to second moments. From a file of gradients it computes
// the projections onto directions; a file of second moments has the projections that were stored in it.
func (r Reader) Units(path string, directions func(parameters int) []Direction) (*Units, error) {
	f, err := safetensors.OpenVerified(path, GradientsSchema)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	s, err := readStored(f, path)
	if err != nil {
		return nil, err
	}
	if s.about.Record == RecordGram {
		return readMoments(f, path, s.meta, s.about)
	}
	g, err := s.gradients()
	if err != nil {
		return nil, err
	}
	for _, l := range g.Layers {
		r.setBlock(l)
	}
	units := g.Reduce(directions(g.Parameters()))
	return units, g.Err()
}

func (r Reader) setBlock(l Layer) {
	if s, ok := l.(*Streamed); ok && r.BlockBytes > 0 {
		s.SetBlockBytes(r.BlockBytes)
	}
}

// stored is a file of gradients or second moments.
type stored struct {
	file  *safetensors.File
	path  string
	about header
	meta  Meta
}

func readStored(f *safetensors.File, path string) (stored, error) {
	s := stored{file: f, path: path}
	err := readAbout(f, path, &s.about)
	if err == nil {
		s.meta, err = readMeta(f, path, s.about)
	}
	return s, err
}

// layers returns the layers that are still to be opened, and the gradients that they will belong to.
func (s stored) layers() (*Files, []array, error) {
	if len(s.meta.Index) < 2 {
		return nil, nil, fmt.Errorf("%s: holds no gradients of at least 2 units", s.path)
	}
	files := &Files{Gradients: Gradients{Meta: s.meta}, budget: math.Inf(1)}
	arrays, err := tensors{archive: tensorArchive{s.file}, files: files, path: s.path, about: s.about, own: true, trusted: true}.arrays()
	return files, arrays, err
}

func (s stored) gradients() (*Gradients, error) {
	files, arrays, err := s.layers()
	if err == nil {
		err = files.addLayers(arrays)
	}
	if err != nil {
		return nil, err
	}
	return &files.Gradients, nil
}

// OpenRecorded opens a file of gradients that this module wrote, to be closed, without verifying its checksum: what a run has recorded is
// read even where it is NaN.
func OpenRecorded(path string) (*Gradients, error) {
	f, err := safetensors.Open(path)
	if err != nil {
		return nil, err
	}
	s, err := readStored(f, path)
	var g *Gradients
	if err == nil {
		g, err = s.gradients()
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	g.closers = append(g.closers, f)
	return g, nil
}
