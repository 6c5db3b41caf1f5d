package noisescale

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

func readCSV(b *bufio.Reader, columns Columns, alpha float64) (*Log, error) {
	c := csv.NewReader(b)
	c.Comma, c.Comment, c.FieldsPerRecord, c.ReuseRecord, c.TrimLeadingSpace = separator(b), '#', -1, true, true
	header, err := c.Read()
	if err != nil {
		return nil, ofCSV(err)
	}
	header = slices.Clone(header)
	for i := range header {
		header[i] = strings.TrimSpace(header[i])
	}
	t, err := newTable(columns, header, alpha)
	if err != nil {
		line, _ := c.FieldPos(0)
		return nil, fmt.Errorf("line %d: %w", line, err)
	}
	at := make([]int, len(t.sources))
	for i, s := range t.sources {
		at[i] = slices.Index(header, s.name)
	}
	for {
		record, err := c.Read()
		if err == io.EOF {
			return t.log, nil
		}
		if err != nil {
			return nil, ofCSV(err)
		}
		if slices.EqualFunc(record, header, sameField) {
			continue // of a session that was resumed
		}
		err = fmt.Errorf("%d fields, and the header has %d", len(record), len(header))
		if len(record) == len(header) {
			err = t.record(record, at)
		}
		if err != nil {
			line, _ := c.FieldPos(0)
			return nil, fmt.Errorf("line %d: %w", line, err)
		}
	}
}

func sameField(field, name string) bool { return strings.TrimSpace(field) == name }

// record reads the numbers of a record, whose columns have these places.
func (t *table) record(record []string, at []int) error {
	for i, s := range t.sources {
		if s.fixed {
			continue
		}
		field := strings.TrimSpace(record[at[i]])
		if t.given[i] = field != ""; !t.given[i] {
			continue
		}
		v, err := strconv.ParseFloat(field, 64)
		if err != nil {
			return fmt.Errorf("%s is %q: not a number%s", s.name, field, commaIn(field))
		}
		t.values[i] = v
	}
	return t.take()
}

// commaIn says why a field with a comma is refused: it may be one of decimals or of thousands.
func commaIn(field string) string {
	if !strings.Contains(field, ",") {
		return ""
	}
	return ", its comma may be one of decimals or of thousands: write decimal points, and no commas within numbers"
}

// separator is the most frequent one in the header.
func separator(b *bufio.Reader) rune {
	start, _ := b.Peek(b.Size())
	line, rest, _ := bytes.Cut(start, []byte("\n"))
	for len(rest) > 0 && bytes.HasPrefix(line, []byte("#")) {
		line, rest, _ = bytes.Cut(rest, []byte("\n"))
	}
	best := ','
	for _, s := range ";\t" {
		if bytes.Count(line, []byte(string(s))) > bytes.Count(line, []byte(string(best))) {
			best = s
		}
	}
	return best
}

// ofCSV begins an error with the line.
func ofCSV(err error) error {
	if parse := new(csv.ParseError); errors.As(err, &parse) {
		return fmt.Errorf("line %d: %w", parse.Line, parse.Err)
	}
	return err
}
