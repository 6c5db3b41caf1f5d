package npy

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/noiseprobe/noiseprobe/internal/filekind"
	"github.com/noiseprobe/noiseprobe/internal/strided"
)

// File is an open .npy or .npz file, of which only the headers have been read.
type File struct {
	// Arrays are in the order of the file; the array of a .npy file has no name.
	Arrays []Stored
	file   *os.File
}

// Stored is an array that is still in its file.
type Stored struct {
	Name  string
	Shape []int
	// Packed is the number of bytes of a deflated member of an archive when it is inflated, 0 for an array that is not compressed.
	Packed int64
	matrix strided.Matrix
	member *zip.File // nil for a .npy file
	file   io.ReaderAt
	path   string
	size   int64 // bytes in all, inflated
	start  int64 // bytes before the data
	// notFloat is why the array is no matrix of floating-point numbers, nil if it is one.
	notFloat error
}

// Open opens a file whose name ends in .npz as an archive, and any other as a .npy file, without reading the data. It refuses what Read
// refuses. In an archive, folders and what operating systems add are passed over; any other member that is no .npy array is an error,
// and so are two arrays of one name, and none.
func Open(path string) (*File, error) {
	file, size, err := filekind.Open(path)
	if err != nil {
		return nil, err
	}
	f := &File{file: file}
	if err := f.open(path, size); err != nil {
		file.Close()
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return f, nil
}

func (f *File) open(path string, size int64) error {
	if strings.EqualFold(filepath.Ext(path), ".npz") {
		return f.openArchive(path, f.file, size)
	}
	s, err := Parse(f.file, size)
	if err != nil {
		return err
	}
	s.path = path
	f.Arrays = []Stored{*s}
	return nil
}

// Parse reads the header of a .npy file of size bytes. Errors, those of the array's methods too, name no file.
func Parse(r io.ReaderAt, size int64) (*Stored, error) {
	s := &Stored{file: r, size: size}
	if err := s.readHeader(io.NewSectionReader(r, 0, size)); err != nil {
		return nil, explain(err, r)
	}
	s.matrix.R = io.NewSectionReader(r, s.start, size-s.start)
	return s, nil
}

// Close closes the file; matrices can then no longer be read.
func (f *File) Close() error { return f.file.Close() }

func (f *File) openArchive(path string, r io.ReaderAt, size int64) error {
	members, err := arrayMembers(r, size)
	if err != nil {
		return err
	}
	for _, member := range members {
		name, _ := arrayName(member.Name)
		s := Stored{Name: name, path: path, file: r, member: member, size: int64(member.UncompressedSize64)}
		if err := s.openMember(size); err != nil {
			return fmt.Errorf("array %q: %w", s.Name, err)
		}
		f.Arrays = append(f.Arrays, s)
	}
	return nil
}

func (s *Stored) openMember(archiveSize int64) error {
	if err := checkPacked(s.member, archiveSize); err != nil {
		return err
	}
	r, err := s.member.Open()
	if err != nil {
		return err
	}
	defer r.Close()
	if err := s.readHeader(r); err != nil {
		return err
	}
	if s.member.Method != zip.Store {
		s.Packed = s.size
		return nil
	}
	at, err := s.member.DataOffset()
	s.matrix.R = io.NewSectionReader(s.file, at+s.start, s.size-s.start)
	return err
}

// readHeader reads the header of an array, and checks that the rest are exactly its data.
func (s *Stored) readHeader(r io.Reader) error {
	h, dataSize, err := readHeader(r, s.size)
	if err != nil {
		return err
	}
	d, err := parseDType[float64](h.descr)
	if err != nil {
		return err
	}
	element, ok := elementsOf[strings.TrimLeft(h.descr, "<>=|")]
	if !ok {
		s.notFloat = fmt.Errorf("dtype %s holds no floating-point numbers", h.descr)
	}
	if _, err := checkSize(h.shape, d.size, dataSize); err != nil {
		return err
	}
	s.Shape, s.start = h.shape, s.size-dataSize
	s.matrix = strided.Matrix{Element: element, BigEndian: d.swap, Fortran: h.fortran, Shape: h.shape}
	return nil
}

// elementsOf are the dtypes that a matrix can have.
var elementsOf = map[string]strided.Element{"f2": strided.Float16, "f4": strided.Float32, "f8": strided.Float64}

// CheckFloat returns an error unless the array holds floating-point numbers.
func (s *Stored) CheckFloat() error {
	if s.notFloat != nil {
		return s.failed(s.notFloat)
	}
	return nil
}

// failed adds the name of the file, and of the array in an archive, to an error.
func (s *Stored) failed(err error) error {
	if s.member != nil {
		err = fmt.Errorf("array %q: %w", s.Name, err)
	}
	if s.path == "" {
		return err
	}
	return fmt.Errorf("%s: %w", s.path, err)
}

// Load reads an array, as [Read] does.
func Load[T Number](s *Stored) (*Array[T], error) {
	r, err := s.open()
	if err != nil {
		return nil, s.failed(err)
	}
	defer r.Close()
	a, err := readArray[T](r, s.size)
	if err == nil {
		_, err = io.Copy(io.Discard, r) // to its end, where archive/zip verifies the checksum
	}
	if err != nil {
		return nil, s.failed(err)
	}
	return a, nil
}

// open returns all bytes of an array, inflated.
func (s *Stored) open() (io.ReadCloser, error) {
	if s.member == nil {
		return io.NopCloser(io.NewSectionReader(s.file, 0, s.size)), nil
	}
	return s.member.Open()
}

// Matrix returns an array of floating-point numbers as a matrix. A member of an archive is first read as a whole to verify its checksum; a deflated one is
// inflated into memory. Matrix panics for an array without axes.
func (s *Stored) Matrix() (*strided.Matrix, error) {
	if len(s.Shape) == 0 {
		panic("npy: a scalar is no matrix")
	}
	if err := s.CheckFloat(); err != nil {
		return nil, err
	}
	m := s.matrix
	if s.member == nil {
		return &m, nil
	}
	data, err := s.unpack()
	if err != nil {
		return nil, s.failed(err)
	}
	if s.Packed > 0 {
		m.R = bytes.NewReader(data[s.start:])
	}
	return &m, nil
}

// unpack reads a member to its end, where archive/zip verifies the checksum, and returns the bytes of a deflated one.
func (s *Stored) unpack() ([]byte, error) {
	r, err := s.member.Open()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	data := make([]byte, s.Packed)
	if _, err = io.ReadFull(r, data); err == nil {
		_, err = io.Copy(io.Discard, r)
	}
	if errors.Is(err, io.ErrUnexpectedEOF) || err == io.EOF {
		err = errors.New("file ends inside the data")
	}
	return data, err
}
