package npy

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"

	"github.com/noiseprobe/noiseprobe/internal/filekind"
	"github.com/noiseprobe/noiseprobe/internal/strided"
)

const (
	magic = "\x93NUMPY"

	// maxHeader bounds the header of a member of an archive, whose stated size may be wrong. An array of numbers needs less than a
	// kilobyte.
	maxHeader = 1 << 20
)

// Read reads a .npy file of integers, booleans or floating-point numbers, of version 1.0, 2.0 or 3.0, as elements of
// type T. A number that a floating-point T cannot represent is rounded to the nearest one, so that integers above 2^53 may change
// in float64. Floating-point numbers and uint64 are not read as int64.
func Read[T Number](path string) (*Array[T], error) {
	file, size, err := filekind.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	a, err := readArray[T](file, size)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, explain(err, file))
	}
	return a, nil
}

var errMagic = errors.New("not a .npy file (bad magic)")

// explain says what a file is that is no .npy file.
func explain(err error, file io.ReaderAt) error {
	if err == errMagic {
		return errors.New(filekind.At(file).Instead(err.Error()))
	}
	return err
}

// readArray reads an array that has size bytes in r, and allocates no more than a small multiple of that.
func readArray[T Number](r io.Reader, size int64) (*Array[T], error) {
	h, dataSize, err := readHeader(r, size)
	if err != nil {
		return nil, err
	}
	d, err := parseDType[T](h.descr)
	if err != nil {
		return nil, err
	}
	n, err := checkSize(h.shape, d.size, dataSize)
	if err != nil {
		return nil, err
	}
	data, err := readData(r, n, d)
	if err != nil {
		return nil, err
	}
	if h.fortran && len(h.shape) > 1 {
		data = rowMajor(data, h.shape)
	}
	return &Array[T]{Shape: h.shape, Data: data}, nil
}

// checkSize returns the number of elements of a shape, or an error unless they take exactly dataSize bytes.
func checkSize(shape []int, size int, dataSize int64) (int, error) {
	n, ok := strided.Elements(shape)
	switch {
	case !ok || n > math.MaxInt/size:
		return 0, fmt.Errorf("shape %v is larger than the file", shape)
	case int64(n*size) > dataSize:
		return 0, fmt.Errorf("file ends inside the data: %d bytes, need %d", dataSize, n*size)
	case int64(n*size) < dataSize:
		return 0, fmt.Errorf("%d bytes after the data", dataSize-int64(n*size))
	}
	return n, nil
}

// readHeader returns the header and the number of bytes after it.
func readHeader(r io.Reader, size int64) (header, int64, error) {
	ends := errors.New("file ends inside the header")
	var start [12]byte
	n, err := io.ReadFull(r, start[:8])
	switch {
	case err == io.EOF:
		return header{}, 0, errors.New("empty file")
	case err != nil && err != io.ErrUnexpectedEOF:
		return header{}, 0, err
	case !strings.HasPrefix(magic, string(start[:min(n, len(magic))])):
		return header{}, 0, errMagic
	case err != nil:
		return header{}, 0, ends
	}
	width, err := lengthWidth(start[6], start[7])
	if err != nil {
		return header{}, 0, err
	}
	if _, err := io.ReadFull(r, start[8:8+width]); err != nil {
		return header{}, 0, ends
	}
	length := int64(binary.LittleEndian.Uint32(start[8:])) // bytes beyond the width are 0
	rest := size - int64(8+width) - length
	switch {
	case rest < 0:
		return header{}, 0, ends
	case length > maxHeader:
		return header{}, 0, fmt.Errorf("header of %d bytes is longer than %d", length, maxHeader)
	}
	text := make([]byte, length)
	if _, err := io.ReadFull(r, text); err != nil {
		return header{}, 0, ends
	}
	h, err := parseHeader(string(text))
	return h, rest, err
}

// lengthWidth returns the number of bytes in which the length of the header is stored.
func lengthWidth(major, minor byte) (int, error) {
	switch {
	case minor == 0 && major == 1:
		return 2, nil
	case minor == 0 && (major == 2 || major == 3):
		return 4, nil
	}
	return 0, fmt.Errorf(".npy version %d.%d is not supported", major, minor)
}

// readData reads n elements through a buffer.
func readData[T Number](r io.Reader, n int, d dtype[T]) ([]T, error) {
	data := make([]T, n)
	buffer := make([]byte, min(n*d.size, 1<<16))
	for rest := data; len(rest) > 0; {
		items := min(len(rest), len(buffer)/d.size)
		b := buffer[:items*d.size]
		if _, err := io.ReadFull(r, b); err == io.EOF || err == io.ErrUnexpectedEOF {
			return nil, errors.New("file ends inside the data")
		} else if err != nil {
			return nil, err
		}
		d.decode(rest[:items], b)
		rest = rest[items:]
	}
	return data, nil
}
