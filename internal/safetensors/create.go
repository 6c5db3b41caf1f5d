package safetensors

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"strings"
	"sync"

	"github.com/noiseprobe/noiseprobe/internal/atomicfile"
)

// Writer is a file whose data are written piece by piece, in any order and from several goroutines at once, so that they need not be in
// memory together. Until Commit the file has a temporary name.
type Writer struct {
	path     string
	file     *os.File
	metadata map[string]string
	dataAt   int64
	size     int64
	index    map[string]entry

	mu  sync.Mutex
	err error // the first one
}

// unsigned takes the place of the checksum, which has the same length, until the data are known.
var unsigned = "sha256:" + strings.Repeat("0", 64)

// Create begins a file that after [Writer.Commit] has the bytes that [Write] would have written for these metadata and tensors. Of the
// tensors only name, dtype and shape are used. Elements that are never written are 0. Either Commit or Abort must be called.
func Create(path string, metadata map[string]string, tensors []Tensor) (*Writer, error) {
	w := &Writer{path: path, metadata: maps.Clone(metadata), index: map[string]entry{}}
	head, err := w.plan(tensors)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if w.file, err = atomicfile.Create(path); err != nil {
		return nil, atomicfile.Named(path, err)
	}
	_, err = w.file.Write(head)
	if err := errors.Join(err, w.file.Truncate(w.size)); err != nil {
		w.Abort()
		return nil, atomicfile.Named(path, err)
	}
	return w, nil
}

// plan computes the layout of the file and returns its header.
func (w *Writer) plan(tensors []Tensor) ([]byte, error) {
	if err := checkNames(w.metadata, tensors); err != nil {
		return nil, err
	}
	for _, t := range tensors {
		if _, err := t.size(); err != nil {
			return nil, err
		}
	}
	entries := layout(tensors)
	head := header(signed(w.metadata, unsigned), entries)
	w.dataAt = int64(len(head))
	w.size = w.dataAt
	for _, e := range entries {
		w.index[e.Name] = e
		w.size = max(w.size, w.dataAt+int64(e.end))
	}
	return head, nil
}

// WriteAt writes elements of a tensor, beginning at index first in row-major order. An error names the file; Commit then fails.
func WriteAt[T element](w *Writer, name string, first int, values []T) error {
	e, ok := w.index[name]
	if !ok || e.DType != dtypeOf[T]() {
		panic(fmt.Sprintf("safetensors: no tensor %q of %T", name, *new(T)))
	}
	item := itemSize[e.DType]
	if total := (e.end - e.begin) / item; first < 0 || first > total || len(values) > total-first {
		panic(fmt.Sprintf("safetensors: %d elements from %d on, of %d of tensor %q", len(values), first, total, name))
	}
	to := io.NewOffsetWriter(w.file, w.dataAt+int64(e.begin+first*item))
	if err := encode(to, values, !littleEndian); err != nil {
		return w.fail(err)
	}
	return nil
}

// Commit reads the data once for the checksum, and gives the file its name. After an error, including one of an earlier WriteAt, there
// is no file.
func (w *Writer) Commit() error {
	err := w.failed()
	if err == nil {
		err = w.commit()
	}
	if err != nil {
		w.Abort()
	}
	return atomicfile.Named(w.path, err)
}

func (w *Writer) commit() error {
	f, err := newFile(w.file, w.size)
	if err != nil {
		return err
	}
	sum, err := checksum(w.metadata, f.tensors)
	if err != nil {
		return err
	}
	var entries []entry
	for _, t := range f.tensors {
		entries = append(entries, f.index[t.Name])
	}
	if _, err := w.file.WriteAt(header(signed(w.metadata, sum), entries), 0); err != nil {
		return err
	}
	return atomicfile.Commit(w.file, w.path)
}

// Abort removes the unfinished file. After Commit it does nothing.
func (w *Writer) Abort() {
	w.file.Close()
	os.Remove(w.file.Name())
}

// fail keeps the first error.
func (w *Writer) fail(err error) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	err = atomicfile.Named(w.path, err)
	if w.err == nil {
		w.err = err
	}
	return err
}

func (w *Writer) failed() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.err
}
