package safetensors

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"maps"

	"github.com/noiseprobe/noiseprobe/internal/filekind"
)

// maxHeader is the longest header that the format's own library reads, in bytes.
const maxHeader = 100_000_000

// File is an open file whose header has been checked against its size. It can be read from several goroutines.
type File struct {
	path     string
	r        io.ReaderAt
	dataAt   int64
	metadata map[string]string
	tensors  []Tensor
	index    map[string]entry
	close    func() error
}

// Open opens a file and checks its whole header; the data are not read. An error is one line with the path and the
// reason.
func Open(path string) (*File, error) {
	file, size, err := filekind.Open(path)
	if err != nil {
		return nil, err
	}
	f, err := newFile(file, size)
	if err != nil {
		file.Close()
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	f.path, f.close = path, file.Close
	return f, nil
}

// OpenVerified opens a file that this package wrote: it must have the schema, and its contents the checksum, in its metadata.
func OpenVerified(path, schema string) (*File, error) {
	f, err := Open(path)
	if err != nil {
		return nil, err
	}
	if got := f.metadata[schemaKey]; got != schema {
		err = fmt.Errorf("%s: schema is %.60q, want %q", path, got, schema)
	} else {
		err = f.Verify()
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

func newFile(r io.ReaderAt, size int64) (*File, error) {
	text, err := readHeader(r, size)
	var metadata map[string]string
	var entries []entry
	if err == nil {
		metadata, entries, err = parseHeader(text)
	}
	if kind := filekind.At(r); err != nil && kind.Name != "" && kind != filekind.Safetensors {
		return nil, errors.New(kind.Instead("not a safetensors file"))
	}
	if err != nil {
		return nil, err
	}
	f := &File{r: r, dataAt: int64(8 + len(text)), metadata: metadata, index: map[string]entry{}}
	if err := checkLayout(entries, int(size-f.dataAt)); err != nil {
		return nil, err
	}
	for _, e := range entries {
		e.Data = func(w io.Writer) error {
			_, err := io.Copy(w, f.section(e))
			return err
		}
		f.tensors = append(f.tensors, e.Tensor)
		f.index[e.Name] = e
	}
	return f, nil
}

// readHeader returns the text of the header. Its length, in the first bytes, is compared with the size of the file before anything is
// allocated.
func readHeader(r io.ReaderAt, size int64) ([]byte, error) {
	switch {
	case size == 0:
		return nil, errors.New("empty file")
	case size < 8:
		return nil, errors.New("file ends inside the header")
	}
	var prefix [8]byte
	if _, err := r.ReadAt(prefix[:], 0); err != nil {
		return nil, err
	}
	length := binary.LittleEndian.Uint64(prefix[:])
	switch {
	case length > uint64(size-8):
		return nil, errors.New("header length is larger than the file")
	case length > maxHeader:
		return nil, fmt.Errorf("header of %d bytes is longer than the %d that the format allows", length, maxHeader)
	}
	text := make([]byte, length)
	_, err := io.ReadFull(io.NewSectionReader(r, 8, int64(length)), text)
	return text, err
}

// Names returns the names of the tensors in the order of the header.
func (f *File) Names() []string {
	names := make([]string, len(f.tensors))
	for i, t := range f.tensors {
		names[i] = t.Name
	}
	return names
}

// Metadata returns a copy of the metadata, empty where the file has none.
func (f *File) Metadata() map[string]string { return maps.Clone(f.metadata) }

// Tensor returns dtype and shape of a tensor, and its data as they are in the file: the result can be given to Write while the file is
// open.
func (f *File) Tensor(name string) (Tensor, error) {
	e, err := f.entry(name)
	return e.Tensor, err
}

func (f *File) entry(name string) (entry, error) {
	e, ok := f.index[name]
	if !ok {
		return e, fmt.Errorf("%s: no tensor %q", f.path, name)
	}
	return e, nil
}

func (f *File) section(e entry) *io.SectionReader {
	return io.NewSectionReader(f.r, f.dataAt+int64(e.begin), int64(e.end-e.begin))
}

// Close closes the file.
func (f *File) Close() error {
	if f.close == nil {
		return nil
	}
	return f.close()
}
