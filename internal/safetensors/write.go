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

// alignment is what the start of the data is a multiple of.
const alignment = 8

const metadataKey = "__metadata__"

// Write writes a file that appears whole or not at all, with the same bytes for the same arguments.
//
// The header lists the tensors in the given order. The data follow by decreasing element size, so that each tensor is
// aligned to its own elements, as readers that map files into memory need.
//
// The metadata should name the "schema" of the file; "checksum" is Write's own (Verify says what it covers, and a value
// given for it is replaced). The data are read twice and never copied as a whole. Names that cannot be written (equal
// ones, not UTF-8, the reserved "__metadata__"), no tensors at all, and what the disk does are errors.
func Write(path string, metadata map[string]string, tensors []Tensor) error {
	return atomicfile.Write(path, func(w io.Writer) error { return write(w, metadata, tensors) })
}

func write(w io.Writer, metadata map[string]string, tensors []Tensor) error {
	if err := checkNames(metadata, tensors); err != nil {
		return err
	}
	sum, err := checksum(metadata, tensors)
	if err != nil {
		return err
	}
	signed := map[string]string{}
	maps.Copy(signed, metadata)
	signed[checksumKey] = sum
	order := dataOrder(tensors)
	if _, err := w.Write(header(signed, tensors, order)); err != nil {
		return err
	}
	for _, i := range order {
		if err := tensors[i].writeTo(w); err != nil {
			return err
		}
	}
	return nil
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

// header returns the length and the header, padded with spaces.
func header(metadata map[string]string, tensors []Tensor, order []int) []byte {
	offsets := make([][2]int, len(tensors))
	at := 0
	for _, i := range order {
		size, _ := tensors[i].size() // the checksum has seen every size
		offsets[i] = [2]int{at, at + size}
		at += size
	}
	var b bytes.Buffer
	b.Write(make([]byte, 8))
	fmt.Fprintf(&b, `{%q:%s`, metadataKey, marshal(metadata))
	for i, t := range tensors {
		shape := append([]int{}, t.Shape...) // a nil shape would be null
		fmt.Fprintf(&b, `,%s:{"dtype":%q,"shape":%s,"data_offsets":%s}`, marshal(t.Name), t.DType, marshal(shape), marshal(offsets[i]))
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
