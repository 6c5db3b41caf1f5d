package probe

import (
	"fmt"
	"math"

	"github.com/noiseprobe/noiseprobe/internal/safetensors"
)

// ReadUnits reads a file of [Record], [WriteGradients] or [WriteUnits], verifies its checksum, and reduces it to second moments. From a file of
// gradients it computes the projections onto directions; a file of second moments has the projections that were stored in it.
func ReadUnits(path string, directions func(parameters int) []Direction) (*Units, error) {
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
	units := g.Reduce(directions(g.Parameters()))
	return units, g.Err()
}

// stored is a file of gradients or second moments.
type stored struct {
	file  *safetensors.File
	path  string
	about header
	meta  Meta
}

// openStored does not verify the checksum.
func openStored(path string) (stored, error) {
	f, err := safetensors.Open(path)
	if err != nil {
		return stored{}, err
	}
	s, err := readStored(f, path)
	if err != nil {
		f.Close()
	}
	return s, err
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

// OpenRecorded opens a file of gradients that this module wrote, which has to be closed. It does not verify the checksum, and refuses no NaN: what a
// run has recorded is analysed as it is.
func OpenRecorded(path string) (*Gradients, error) {
	s, err := openStored(path)
	if err != nil {
		return nil, err
	}
	g, err := s.gradients()
	if err != nil {
		s.file.Close()
		return nil, err
	}
	g.closers = append(g.closers, s.file)
	return g, nil
}
