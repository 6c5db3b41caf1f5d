package probe

import (
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/noiseprobe/noiseprobe/internal/npy"
	"github.com/noiseprobe/noiseprobe/internal/safetensors"
	"github.com/noiseprobe/noiseprobe/internal/strided"
)

// archive is an open file of named arrays, whatever its format. Errors name the file.
type archive interface {
	// Names are those of the arrays, in the order of the file.
	Names() []string
	// Tensor has the name and the shape of an array.
	Tensor(name string) (safetensors.Tensor, error)
	// Packed is the memory that an array takes which has to be read as a whole, 0 for one that can stay in the file.
	Packed(name string) float64
	// CheckFloat refuses an array that holds no floating-point numbers, without reading it.
	CheckFloat(name string) error
	Matrix(name string) (*strided.Matrix, error)
	Float64s(name string) ([]float64, error)
	// Float32Rows are the rows from to to-1, in dst where it is not nil.
	Float32Rows(dst []float32, name string, from, to int) ([]float32, error)
	Int64s(name string) ([]int64, error)
}

// tensorArchive is a .safetensors file.
type tensorArchive struct{ *safetensors.File }

func (tensorArchive) Packed(string) float64 { return 0 }

func (a tensorArchive) CheckFloat(name string) error {
	_, err := a.Matrix(name)
	return err
}

// numpyArchive is a .npy file, whose array has the name of the file, or an .npz.
type numpyArchive struct {
	file  *npy.File
	path  string
	names []string
	at    map[string]*npy.Stored
	// matrices are those that have been opened: a member is verified, and inflated, once.
	lock     sync.Mutex
	matrices map[string]*strided.Matrix
}

func openNumPy(path string) (*numpyArchive, error) {
	file, err := npy.Open(path)
	if err != nil {
		return nil, err
	}
	a := &numpyArchive{file: file, path: path, at: map[string]*npy.Stored{}, matrices: map[string]*strided.Matrix{}}
	for i := range file.Arrays {
		stored := &file.Arrays[i]
		name := stored.Name
		if name == "" {
			name = strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))
		}
		a.names, a.at[name] = append(a.names, name), stored
	}
	return a, nil
}

// unitNumbers are the names of arrays of one number in an .npz that say what the metadata of a .safetensors do.
var unitNumbers = []string{"step", "population", "unit_size", "parameters"}

// metadata are these numbers, as texts.
func (a *numpyArchive) metadata() (map[string]string, error) {
	texts := map[string]string{}
	for _, name := range unitNumbers {
		stored, ok := a.at[name]
		if !ok || !isNumber(stored.Shape) {
			continue
		}
		number, err := npy.Load[float64](stored)
		if err != nil {
			return nil, err
		}
		texts[name] = strconv.FormatFloat(number.Data[0], 'f', -1, 64)
	}
	return texts, nil
}

// isNumber reports whether an array of this shape has one element.
func isNumber(shape []int) bool {
	return !slices.ContainsFunc(shape, func(size int) bool { return size != 1 })
}

func (a *numpyArchive) Close() error    { return a.file.Close() }
func (a *numpyArchive) Names() []string { return a.names }

func (a *numpyArchive) Tensor(name string) (safetensors.Tensor, error) {
	stored, ok := a.at[name]
	if !ok {
		return safetensors.Tensor{}, fmt.Errorf("%s: has no array %q", a.path, name)
	}
	return safetensors.Tensor{Name: name, Shape: stored.Shape}, nil
}

func (a *numpyArchive) Packed(name string) float64   { return float64(a.at[name].Packed) }
func (a *numpyArchive) CheckFloat(name string) error { return a.at[name].CheckFloat() }

func (a *numpyArchive) Matrix(name string) (*strided.Matrix, error) {
	a.lock.Lock()
	defer a.lock.Unlock()
	if m := a.matrices[name]; m != nil {
		return m, nil
	}
	if _, err := a.Tensor(name); err != nil {
		return nil, err
	}
	m, err := a.at[name].Matrix()
	if err == nil {
		a.matrices[name] = m
	}
	return m, err
}

func (a *numpyArchive) Float64s(name string) ([]float64, error) {
	m, err := a.Matrix(name)
	if err != nil {
		return nil, err
	}
	return a.rows(m, name, 0, m.Units())
}

func (a *numpyArchive) Float32Rows(dst []float32, name string, from, to int) ([]float32, error) {
	m, err := a.Matrix(name)
	if err != nil {
		return nil, err
	}
	wide, err := a.rows(m, name, from, to)
	if err != nil {
		return nil, err
	}
	if dst == nil {
		dst = make([]float32, len(wide))
	}
	for i, v := range wide {
		dst[i] = float32(v)
	}
	return dst, nil
}

// rows reads the rows from to to-1 of an array.
func (a *numpyArchive) rows(m *strided.Matrix, name string, from, to int) ([]float64, error) {
	values := make([]float64, (to-from)*m.Parameters())
	if err := m.ReadBlock(values, from, to, 0, m.Parameters()); err != nil {
		return nil, fmt.Errorf("%s: array %q: %w", a.path, name, err)
	}
	return values, nil
}

// Int64s reads whole numbers, which an .npz from elsewhere may hold as floating-point numbers.
func (a *numpyArchive) Int64s(name string) ([]int64, error) {
	if _, err := a.Tensor(name); err != nil {
		return nil, err
	}
	wide, err := npy.Load[float64](a.at[name])
	if err != nil {
		return nil, err
	}
	whole := make([]int64, len(wide.Data))
	for i, v := range wide.Data {
		if whole[i] = int64(v); float64(whole[i]) != v {
			return nil, fmt.Errorf("%s: array %q has %v at %d, want whole numbers", a.path, name, v, i)
		}
	}
	return whole, nil
}
