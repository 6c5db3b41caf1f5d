package safetensors

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

const (
	schemaKey   = "schema"
	checksumKey = "checksum"
)

// checksum returns "sha256:" and the hexadecimal SHA-256 of the contents of the file, written as
//
//	number of pairs, then for each: len(key), key, len(value), value
//	number of tensors, then for each: len(name), name, len(dtype), dtype, len(shape), shape[0], shape[1], ..., data
//
// The pairs are those of the metadata without the checksum itself. Pairs and tensors are in increasing order of the bytes of key and
// name, every number is 8 bytes, little-endian, and the data are as in the file. The order of the tensors in the file and the
// formatting of the header do not matter.
func checksum(metadata map[string]string, tensors []Tensor) (string, error) {
	h := sha256.New()
	metadata = maps.Clone(metadata)
	delete(metadata, checksumKey)
	hashNumber(h, len(metadata))
	for _, key := range slices.Sorted(maps.Keys(metadata)) {
		hashText(h, key)
		hashText(h, metadata[key])
	}
	hashNumber(h, len(tensors))
	for _, t := range slices.SortedFunc(slices.Values(tensors), byName) {
		hashText(h, t.Name)
		hashText(h, t.DType)
		hashNumber(h, len(t.Shape))
		for _, d := range t.Shape {
			hashNumber(h, d)
		}
		if err := t.writeTo(h); err != nil {
			return "", err
		}
	}
	return "sha256:" + hex.EncodeToString(h.Sum(nil)), nil
}

// hashNumber and hashText write to a hash, whose Write never fails.
func hashNumber(h io.Writer, n int) { h.Write(binary.LittleEndian.AppendUint64(nil, uint64(n))) }

func hashText(h io.Writer, s string) {
	hashNumber(h, len(s))
	io.WriteString(h, s)
}

func byName(a, b Tensor) int { return cmp.Compare(a.Name, b.Name) }

// Signed reports whether the metadata have a checksum of the form that this package writes. Such a file is to be verified whatever its schema
// says, which may be what is damaged.
func (f *File) Signed() bool { return strings.HasPrefix(f.metadata[checksumKey], "sha256:") }

// Verify reads all data and compares the contents of the file with the checksum in its metadata. A file without one, not written by
// this package, is an error.
func (f *File) Verify() error {
	if err := f.verify(); err != nil {
		return fmt.Errorf("%s: %w", f.path, err)
	}
	return nil
}

func (f *File) verify() error {
	want, ok := f.metadata[checksumKey]
	if !ok {
		return errors.New("has no checksum")
	}
	got, err := checksum(f.metadata, f.tensors)
	if err != nil {
		return err
	}
	if got != want {
		return fmt.Errorf("is damaged: the checksum of its contents starts with %.19s, the header has %.19q", got, want)
	}
	return nil
}
