package safetensors

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"unicode/utf8"

	"github.com/noiseprobe/noiseprobe/internal/atomicfile"
)

// alignment divides the position of the data in the file.
const alignment = 8

const metadataKey = "__metadata__"

// Write writes a file, with the same bytes for the same arguments. The file appears whole or not at all.
//
// The header lists the tensors in the given order. The data are in the order of decreasing element size, so that each tensor is
// aligned to its elements, which readers that map files into memory need.
//
// The metadata should contain the "schema" of the file. Write adds the "checksum" that Verify compares, and replaces a given one. The
// data are read twice and never copied as a whole. Names that cannot be written (equal ones, not UTF-8, the reserved
// "__metadata__"), a file without tensors, and failures of the disk are errors.
func Write(path string, metadata map[string]string, tensors []Tensor) error {
	return atomicfile.Write(path, func(w io.Writer) error { return WriteTo(w, metadata, tensors) })
}

// WriteTo is [Write] for a file that is open.
func WriteTo(w io.Writer, metadata map[string]string, tensors []Tensor) error {
	if err := checkNames(metadata, tensors); err != nil {
		return err
	}
	sum, err := checksum(metadata, tensors)
	if err != nil {
		return err
	}
	if _, err := w.Write(header(signed(metadata, sum), layout(tensors))); err != nil {
		return err
	}
	for _, i := range dataOrder(tensors) {
		if err := tensors[i].writeTo(w); err != nil {
			return err
		}
	}
	return nil
}

// signed returns the metadata with a checksum.
func signed(metadata map[string]string, sum string) map[string]string {
	all := map[string]string{}
	maps.Copy(all, metadata)
	all[checksumKey] = sum
	return all
}

func checkNames(metadata map[string]string, tensors []Tensor) error {
	if len(tensors) == 0 {
		return errors.New("no tensors to write")
	}
	seen := map[string]bool{metadataKey: true}
	for _, t := range tensors {
		if seen[t.Name] || !utf8.ValidString(t.Name) {
			return fmt.Errorf("tensor %q: the name is reserved, taken or not UTF-8", t.Name)
		}
		seen[t.Name] = true
	}
	for key, value := range metadata {
		if !utf8.ValidString(key + value) {
			return fmt.Errorf("metadata %q: not UTF-8", key)
		}
	}
	return nil
}

// dataOrder returns the indices of the tensors in the order of their data: larger elements first.
func dataOrder(tensors []Tensor) []int {
	order := make([]int, len(tensors))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int {
		return cmp.Compare(itemSize[tensors[j].DType], itemSize[tensors[i].DType])
	})
	return order
}

// layout returns the positions of the data of the tensors, whose sizes have been checked.
func layout(tensors []Tensor) []entry {
	entries := make([]entry, len(tensors))
	at := 0
	for _, i := range dataOrder(tensors) {
		size, _ := tensors[i].size()
		entries[i] = entry{Tensor: tensors[i], begin: at, end: at + size}
		at += size
	}
	return entries
}

// header returns the header, padded with spaces, with its length before it.
func header(metadata map[string]string, entries []entry) []byte {
	var b bytes.Buffer
	b.Write(make([]byte, 8))
	fmt.Fprintf(&b, `{%q:%s`, metadataKey, marshal(metadata))
	for _, e := range entries {
		shape := append([]int{}, e.Shape...) // a nil shape would be null
		fmt.Fprintf(&b, `,%s:{"dtype":%q,"shape":%s,"data_offsets":%s}`,
			marshal(e.Name), e.DType, marshal(shape), marshal([]int{e.begin, e.end}))
	}
	b.WriteByte('}')
	for b.Len()%alignment != 0 {
		b.WriteByte(' ')
	}
	binary.LittleEndian.PutUint64(b.Bytes(), uint64(b.Len()-8))
	return b.Bytes()
}

// marshal returns v as JSON; strings, integers and maps of strings cannot fail.
func marshal(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic("safetensors: " + err.Error())
	}
	return b
}
