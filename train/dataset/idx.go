package dataset

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// First words of IDX files: two zeros, 8 for unsigned bytes, the number of dimensions.
const (
	labelMagic = 0x00000801
	imageMagic = 0x00000803
)

// readIDX reads an IDX file of labels, or of images of the given height and width.
func (l *loader) readIDX(path string, known FileInfo, magic uint32, item ...int) (data []byte, err error) {
	err = l.read(path, known, func(f *rawFile) (err error) {
		data, err = decodeIDX(f, f.limit, magic, item)
		return err
	})
	return data, err
}

// decodeIDX reads a whole IDX stream of items (images or labels) of the given dimensions, one byte a value. limit is the largest number
// of bytes that r can contain: a header that promises more is refused before anything is allocated.
//
// The format, from the MNIST page of LeCun, Cortes and Burges, all numbers big-endian and of 32 bits:
//
//	magic   number of items   [height   width]   values
func decodeIDX(r io.Reader, limit int64, magic uint32, item []int) ([]byte, error) {
	n, header, err := decodeIDXHeader(r, magic, item)
	if err != nil {
		return nil, err
	}
	size := int64(1)
	for _, d := range item {
		size *= int64(d)
	}
	if n > (limit-header)/size {
		return nil, fmt.Errorf("truncated: the header promises %d %s, the file is too small for them", n, kind(magic))
	}
	data, err := readUpTo(r, n*size)
	if err != nil {
		return nil, err
	}
	if got := int64(len(data)); got < n*size {
		return nil, fmt.Errorf("truncated: the header promises %d %s, the data end after %d", n, kind(magic), got/size)
	}
	return data, expectEnd(r, n, kind(magic))
}

// decodeIDXHeader returns the number of items, at least 1, and the length of the header.
func decodeIDXHeader(r io.Reader, magic uint32, item []int) (n, length int64, err error) {
	var words [4]uint32
	for i := range 2 + len(item) {
		if err := binary.Read(r, binary.BigEndian, &words[i]); err != nil {
			if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
				return 0, 0, fmt.Errorf("truncated: the header of an IDX file of %s takes %d bytes", kind(magic), 8+4*len(item))
			}
			return 0, 0, err
		}
		if i == 0 && words[0] != magic {
			return 0, 0, wrongMagic(words[0], magic)
		}
	}
	for i, d := range item {
		if int64(words[2+i]) != int64(d) {
			return 0, 0, fmt.Errorf("images of %d x %d pixels, want %d x %d", words[2], words[3], item[0], item[1])
		}
	}
	if words[1] == 0 {
		return 0, 0, fmt.Errorf("no %s in it", kind(magic))
	}
	return int64(words[1]), 8 + 4*int64(len(item)), nil
}

func wrongMagic(got, want uint32) error {
	if got == imageMagic || got == labelMagic {
		return fmt.Errorf("holds %s where %s are expected (magic number 0x%08x, want 0x%08x)", kind(got), kind(want), got, want)
	}
	return fmt.Errorf("not an IDX file of %s (magic number 0x%08x, want 0x%08x)", kind(want), got, want)
}

func kind(magic uint32) string {
	if magic == imageMagic {
		return "images"
	}
	return "labels"
}

// expectEnd refuses further data. Reading to the end also makes a gzip reader verify its checksum.
func expectEnd(r io.Reader, n int64, what string) error {
	var more [1]byte
	switch got, err := io.ReadFull(r, more[:]); {
	case got > 0:
		return fmt.Errorf("trailing data after %d %s", n, what)
	case err == io.EOF:
		return nil
	default:
		return err
	}
}
