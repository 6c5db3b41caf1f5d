package numbers

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
)

// maxLine bounds a line, so that a large file without line ends is not read into memory before it is refused.
const maxLine = 1 << 28

var byteOrderMark = []byte("\xef\xbb\xbf")

// readText reads a row of numbers from every line.
func readText(r io.Reader) (shape []int, data []float64, err error) {
	lines := bufio.NewScanner(r)
	lines.Buffer(make([]byte, 1<<16), maxLine)
	rows, columns := 0, 0
	for number := 1; lines.Scan(); number++ {
		before := len(data)
		if data, err = appendRow(data, strip(lines.Bytes(), number)); err != nil {
			return nil, nil, fmt.Errorf("line %d: %w", number, err)
		}
		switch got := len(data) - before; {
		case got == 0:
			continue
		case rows == 0:
			columns = got
		case got != columns:
			return nil, nil, fmt.Errorf("line %d: row of length %d, the rows before have %d", number, got, columns)
		}
		rows++
	}
	switch err := lines.Err(); {
	case errors.Is(err, bufio.ErrTooLong):
		return nil, nil, fmt.Errorf("a line is longer than %d bytes", maxLine)
	case err != nil:
		return nil, nil, err
	case rows == 0:
		return nil, nil, errors.New("no numbers in the file")
	case columns == 1:
		return []int{rows}, data, nil
	}
	return []int{rows, columns}, data, nil
}

// strip removes a comment, and a byte order mark before the first line.
func strip(line []byte, number int) []byte {
	if number == 1 {
		line = bytes.TrimPrefix(line, byteOrderMark)
	}
	if i := bytes.IndexByte(line, '#'); i >= 0 {
		line = line[:i]
	}
	return bytes.TrimSpace(line)
}

// appendRow appends the numbers of a line without blanks at its ends.
func appendRow(data []float64, line []byte) ([]float64, error) {
	for len(line) > 0 {
		end := bytes.IndexAny(line, " \t,;")
		if end < 0 {
			end = len(line)
		}
		v, err := parse(line[:end])
		if err != nil {
			return data, err
		}
		data = append(data, v)
		line = bytes.TrimLeft(line[end:], " \t")
		if len(line) > 0 && (line[0] == ',' || line[0] == ';') {
			if line = bytes.TrimLeft(line[1:], " \t"); len(line) == 0 {
				return data, errors.New("a number is missing after the last separator")
			}
		}
	}
	return data, nil
}

func parse(field []byte) (float64, error) {
	if len(field) == 0 {
		return 0, errors.New("a number is missing between separators")
	}
	v, err := strconv.ParseFloat(string(field), 64)
	switch {
	case errors.Is(err, strconv.ErrRange):
		return 0, fmt.Errorf("%.40s is beyond the range of float64", field)
	case err != nil:
		return 0, fmt.Errorf("%.40q is not a number", field)
	case math.IsNaN(v) || math.IsInf(v, 0):
		return 0, fmt.Errorf("%.40s is not finite", field)
	}
	return v, nil
}
