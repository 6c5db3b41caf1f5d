package safetensors

import (
	"bytes"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/noiseprobe/noiseprobe/internal/atomicfile"
	"github.com/noiseprobe/noiseprobe/internal/numtest"
	"github.com/noiseprobe/noiseprobe/internal/seed"
	"github.com/noiseprobe/noiseprobe/internal/strided"
)

// piece is some elements of a tensor, to be written at once.
type piece struct {
	tensor, first, count int
}

// pieces cuts tensors into random stretches and shuffles them.
func pieces(tensors []Tensor) (all []piece) {
	rng := seed.New(1, "pieces")
	for i, t := range tensors {
		n, _ := strided.Elements(t.Shape)
		for at := 0; at < n; {
			count := 1 + rng.IntN(n-at)
			all = append(all, piece{i, at, count})
			at += count
		}
	}
	rng.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	return all
}

// writePiece decodes what the tensor itself would write.
func writePiece(w *Writer, t Tensor, p piece) error {
	var b bytes.Buffer
	if err := t.Data(&b); err != nil {
		return err
	}
	item := itemSize[t.DType]
	raw := b.Bytes()[p.first*item : (p.first+p.count)*item]
	switch t.DType {
	case "F32":
		return writeDecoded[float32](w, t.Name, p, raw)
	case "F64":
		return writeDecoded[float64](w, t.Name, p, raw)
	}
	return writeDecoded[int64](w, t.Name, p, raw)
}

func writeDecoded[T element](w *Writer, name string, p piece, raw []byte) error {
	values := make([]T, p.count)
	if _, err := binary.Decode(raw, binary.LittleEndian, values); err != nil {
		return err
	}
	return WriteAt(w, name, p.first, values)
}

// shapesOf are tensors without data.
func shapesOf(tensors []Tensor) []Tensor {
	bare := slices.Clone(tensors)
	for i := range bare {
		bare[i].Data = nil
	}
	return bare
}

// However the data come, the bytes are those of Write.
func TestCreateWritesTheBytesOfWrite(t *testing.T) {
	metadata := map[string]string{"schema": "noiseprobe/test/1", "note": "<\"\n>"}
	want, err := os.ReadFile(writeSample(t))
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "x.safetensors")
	w, err := Create(path, metadata, shapesOf(sample()))
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for _, p := range pieces(sample()) {
		all.Go(func() {
			if err := writePiece(w, sample()[p.tensor], p); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the file is there before it is complete: %v", err)
	}
	if err := w.Commit(); err != nil {
		t.Fatal(err)
	}
	w.Abort()
	if got, err := os.ReadFile(path); err != nil || !bytes.Equal(got, want) {
		t.Errorf("%v\n%q, want\n%q", err, got, want)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o644 {
		t.Errorf("%v, %v", info, err)
	}
	if len(metadata) != 2 {
		t.Errorf("the metadata were changed: %v", metadata)
	}
	checkOnly(t, path)
}

// checkOnly shows that there is nothing else in the directory of a file.
func checkOnly(t *testing.T, path string) {
	t.Helper()
	left, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(left) != 1 || left[0].Name() != filepath.Base(path) {
		t.Errorf("%v, %v", left, err)
	}
}

// What was not written is zero, and a file that is replaced is whole until it is.
func TestCreateReplaces(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x")
	before := []byte("what was there")
	if err := os.WriteFile(path, before, 0o600); err != nil {
		t.Fatal(err)
	}
	shape := []Tensor{{Name: "w", DType: "F32", Shape: []int{3}}}
	w, err := Create(path, nil, shape)
	if err != nil {
		t.Fatal(err)
	}
	w.Abort()
	if got, _ := os.ReadFile(path); !bytes.Equal(got, before) {
		t.Errorf("%q after Abort", got)
	}
	checkOnly(t, path)
	if w, err = Create(path, nil, shape); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(WriteAt(w, "w", 1, []float32{5}), w.Commit()); err != nil {
		t.Fatal(err)
	}
	f, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if got, err := f.Float32s("w"); err != nil || !slices.Equal(got, []float32{0, 5, 0}) || f.Verify() != nil {
		t.Errorf("%v, %v, %v", got, err, f.Verify())
	}
}

// What a killed process leaves has a name that is cleared away.
func TestLeftoversOfCreateAreRemoved(t *testing.T) {
	dir := t.TempDir()
	w, err := Create(filepath.Join(dir, "x"), nil, []Tensor{{Name: "w", DType: "F64", Shape: []int{9}}})
	if err != nil {
		t.Fatal(err)
	}
	w.file.Close()
	if left, _ := os.ReadDir(dir); len(left) != 1 {
		t.Fatalf("%v", left)
	}
	if err := atomicfile.RemoveLeftovers(dir); err != nil {
		t.Fatal(err)
	}
	if left, _ := os.ReadDir(dir); len(left) != 0 {
		t.Errorf("%v", left)
	}
}

// An error of writing names the file, not its temporary name, and is that of Commit too, which leaves nothing.
func TestCreateSaysWhatFailed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x")
	w, err := Create(path, nil, []Tensor{{Name: "w", DType: "F32", Shape: []int{3}}})
	if err != nil {
		t.Fatal(err)
	}
	w.file.Close()
	first := WriteAt(w, "w", 0, []float32{1})
	if first == nil || first.Error() != path+": file already closed" {
		t.Errorf("%v", first)
	}
	if err := w.Commit(); err == nil || err.Error() != first.Error() {
		t.Errorf("%v", err)
	}
	if left, _ := os.ReadDir(filepath.Dir(path)); len(left) != 0 {
		t.Errorf("%v", left)
	}
	// The place is taken by a directory that is not empty.
	if err := os.MkdirAll(filepath.Join(path, "full"), 0o755); err != nil {
		t.Fatal(err)
	}
	if w, err = Create(path, nil, []Tensor{{Name: "w", DType: "F32", Shape: []int{3}}}); err != nil {
		t.Fatal(err)
	}
	if err := w.Commit(); err == nil || !strings.HasPrefix(err.Error(), path+": ") || strings.Contains(err.Error(), ".tmp-") {
		t.Errorf("%v", err)
	}
	checkOnly(t, path)
}

// Damage to what is already in the temporary file is noticed before it gets its name.
func TestCommitReadsWhatWasWritten(t *testing.T) {
	for at := range 8 {
		path := filepath.Join(t.TempDir(), "x")
		w, err := Create(path, map[string]string{"schema": "s"}, []Tensor{{Name: "w", DType: "F32", Shape: []int{3}}})
		if err != nil {
			t.Fatal(err)
		}
		if at == 7 {
			err = w.file.Truncate(w.size - 1)
		} else {
			_, err = w.file.WriteAt([]byte{0xff}, int64(at))
		}
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Commit(); err == nil || !strings.HasPrefix(err.Error(), path+": ") || strings.Contains(err.Error(), "\n") {
			t.Errorf("byte %d: %v", at, err)
		}
		if left, _ := os.ReadDir(filepath.Dir(path)); len(left) != 0 {
			t.Errorf("byte %d: left %v", at, left)
		}
	}
}

func TestCreateRefuses(t *testing.T) {
	dir := t.TempDir()
	one := Tensor{Name: "w", DType: "F32"}
	for reason, tensors := range map[string][]Tensor{
		"no tensors to write": nil,
		"taken":               {one, one},
		"unknown dtype":       {{Name: "w", DType: "F31"}},
		"out of range":        {{Name: "w", DType: "F32", Shape: []int{-1}}},
	} {
		path := filepath.Join(dir, "x")
		_, err := Create(path, nil, tensors)
		numtest.Refused(t, err, path, reason)
	}
	if left, _ := os.ReadDir(dir); len(left) != 0 {
		t.Errorf("%v", left)
	}
	path := filepath.Join(dir, "no", "x")
	if _, err := Create(path, nil, []Tensor{one}); !errors.Is(err, os.ErrNotExist) || !strings.HasPrefix(err.Error(), path+": ") {
		t.Errorf("missing directory: %v", err)
	}
}

func TestWriteAtOutsidePanics(t *testing.T) {
	w, err := Create(filepath.Join(t.TempDir(), "x"), nil, []Tensor{{Name: "w", DType: "F32", Shape: []int{3}}})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Abort()
	numtest.Panics(t, "a tensor that is not there", "safetensors: ", func() { WriteAt(w, "v", 0, []float32{1}) })
	numtest.Panics(t, "float64 as float32", "safetensors: ", func() { WriteAt(w, "w", 0, []float64{1}) })
	numtest.Panics(t, "before the first", "safetensors: ", func() { WriteAt(w, "w", -1, []float32{1}) })
	numtest.Panics(t, "over the last", "safetensors: ", func() { WriteAt(w, "w", 2, []float32{1, 2}) })
	numtest.Panics(t, "after the last", "safetensors: ", func() { WriteAt(w, "w", 4, []float32{}) })
}
