package noisescale

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/noiseprobe/noiseprobe/internal/filekind"
)

// Read reads a log in one pass: CSV with a header, separated by commas, semicolons or tabs, or JSON lines. Other columns are ignored, and so
// are rows without any norm, as those of evaluations. The logged gradients are those of noise enhancement at alpha, 1 for plain
// ones. An error names the file and the line.
func Read(r io.Reader, name string, c Columns, alpha float64) (*Log, error) {
	b := bufio.NewReaderSize(r, 1<<16)
	start, err := begin(b)
	var l *Log
	switch {
	case err == io.EOF:
		err = errors.New("empty file")
	case err != nil:
	case start == '[':
		err = errors.New("a JSON array: must be JSON lines, an object on each line")
	case start == '{':
		l, err = readJSON(b, c, alpha)
	default:
		l, err = readCSV(b, c, alpha)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return l, nil
}

// begin returns the first byte, and leaves it in b. A byte order mark is skipped.
func begin(b *bufio.Reader) (byte, error) {
	if mark, _ := b.Peek(len(filekind.Mark)); string(mark) == filekind.Mark {
		b.Discard(len(mark))
	}
	start, err := b.Peek(1)
	if err != nil {
		return 0, err
	}
	if more, _ := b.Peek(512); bytes.IndexByte(more, 0) >= 0 {
		return 0, errors.New(filekind.Of(more).Instead("not a text file: must be CSV or JSON lines"))
	}
	return start[0], nil
}

// table is what both formats are read into: the columns, the numbers of a row, and the log.
type table struct {
	layout
	log    *Log
	values []float64
	given  []bool
	norms  []Norms
}

func newTable(c Columns, have []string, alpha float64) (*table, error) {
	l, err := layoutOf(c, have)
	if err != nil {
		return nil, err
	}
	return &table{
		layout: l, log: NewLog(alpha, l.layers...), values: make([]float64, len(l.names)), given: make([]bool, len(l.names)),
		norms: make([]Norms, len(l.layers)),
	}, nil
}

// take adds the row that has been read to the log.
func (t *table) take() error {
	r, err := t.row(t.values, t.given, t.norms)
	if err == errBlank {
		t.log.Skipped++
		return nil
	}
	if err != nil {
		return err
	}
	return t.log.Add(r)
}
