package safetensors

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"unicode/utf8"
)

const (
	// maxName bounds the name of a tensor, which stands in errors and reports; the longest in use have some hundred bytes.
	maxName = 512
	maxAxes = 64
)

// entry is the description of one tensor in a header.
type entry struct {
	Tensor
	begin, end int // from the start of the data
}

// parseHeader reads a header in the order of its keys. It reads token by token, since encoding/json accepts two equal keys, of which
// the second counts, and null for 0.
func parseHeader(text []byte) (metadata map[string]string, entries []entry, err error) {
	if !utf8.Valid(text) || !json.Valid(text) {
		return nil, nil, errors.New("header is not valid JSON")
	}
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	metadata = map[string]string{}
	err = eachKey(dec, func(name string) error {
		if name == metadataKey {
			return parseMetadata(dec, metadata)
		}
		if len(name) > maxName {
			return fmt.Errorf("the name of tensor %.40q... has %d bytes, at most %d are read", name, len(name), maxName)
		}
		e, err := parseEntry(dec, name)
		if err != nil {
			return fmt.Errorf("tensor %q: %w", name, err)
		}
		entries = append(entries, e)
		return nil
	})
	return metadata, entries, err
}

func parseMetadata(dec *json.Decoder, into map[string]string) error {
	return eachKey(dec, func(key string) (err error) {
		into[key], err = stringToken(dec)
		return err
	})
}

func parseEntry(dec *json.Decoder, name string) (entry, error) {
	e := entry{Tensor: Tensor{Name: name}}
	var offsets []int
	seen := 0
	err := eachKey(dec, func(key string) (err error) {
		seen++
		switch key {
		case "dtype":
			e.DType, err = stringToken(dec)
		case "shape":
			e.Shape, err = wholeNumbers(dec)
		case "data_offsets":
			offsets, err = wholeNumbers(dec)
		default:
			err = fmt.Errorf("unknown key %.40q", key)
		}
		return err
	})
	if err != nil {
		return e, err
	}
	if seen != 3 || len(offsets) != 2 {
		return e, errors.New("needs dtype, shape and two data_offsets")
	}
	e.begin, e.end = offsets[0], offsets[1]
	return e, nil
}

// eachKey calls visit for every key of an object, to read the value. Keys must be distinct.
func eachKey(dec *json.Decoder, visit func(key string) error) error {
	if tok, _ := dec.Token(); tok != json.Delim('{') {
		return errors.New("header has something else where an object belongs")
	}
	seen := map[string]bool{}
	for dec.More() {
		key, err := stringToken(dec)
		if err != nil {
			return err
		}
		if seen[key] {
			return fmt.Errorf("key %.60q appears twice", key)
		}
		seen[key] = true
		if err := visit(key); err != nil {
			return err
		}
	}
	_, err := dec.Token() // the closing brace
	return err
}

func stringToken(dec *json.Decoder) (string, error) {
	tok, err := dec.Token()
	s, ok := tok.(string)
	if err == nil && !ok {
		err = errors.New("header has something else where a string belongs")
	}
	return s, err
}

func wholeNumbers(dec *json.Decoder) ([]int, error) {
	if tok, _ := dec.Token(); tok != json.Delim('[') {
		return nil, errors.New("header has something else where a list of numbers belongs")
	}
	list := []int{}
	for dec.More() {
		tok, err := dec.Token()
		if err != nil {
			return nil, err
		}
		number, _ := tok.(json.Number)
		n, err := strconv.ParseUint(number.String(), 10, strconv.IntSize-1)
		if err != nil {
			return nil, fmt.Errorf("shape or offset %.30q is not a whole number in range", fmt.Sprint(tok))
		}
		if list = append(list, int(n)); len(list) > maxAxes {
			return nil, fmt.Errorf("a list of more than %d numbers in the header", maxAxes)
		}
	}
	_, err := dec.Token() // the closing bracket
	return list, err
}

// checkLayout returns an error unless the tensors fill the data exactly: each has the size of its shape, none overlap, and every byte
// belongs to one.
func checkLayout(entries []entry, dataSize int) error {
	if len(entries) == 0 {
		return errors.New("no tensors in the file")
	}
	for _, e := range entries {
		if err := e.check(dataSize); err != nil {
			return err
		}
	}
	byOffset := slices.SortedFunc(slices.Values(entries), func(a, b entry) int {
		return cmp.Or(cmp.Compare(a.begin, b.begin), cmp.Compare(a.end, b.end))
	})
	at, previous := 0, "the header"
	for _, e := range byOffset {
		switch {
		case e.begin < at:
			return fmt.Errorf("tensors %s and %q overlap", previous, e.Name)
		case e.begin > at:
			return fmt.Errorf("%d unused bytes between %s and tensor %q", e.begin-at, previous, e.Name)
		}
		at, previous = e.end, strconv.Quote(e.Name)
	}
	if at < dataSize {
		return fmt.Errorf("%d unused bytes after the last tensor", dataSize-at)
	}
	return nil
}

func (e entry) check(dataSize int) error {
	size, err := e.size()
	switch {
	case err != nil:
		return err
	case e.end < e.begin:
		return fmt.Errorf("tensor %q: data_offsets end before they begin", e.Name)
	case e.end-e.begin != size:
		return fmt.Errorf("tensor %q: shape %v needs %d bytes, data_offsets give %d", e.Name, e.Shape, size, e.end-e.begin)
	case e.end > dataSize:
		return fmt.Errorf("file ends inside the data of %q: %d bytes, need %d", e.Name, dataSize, e.end)
	}
	return nil
}
