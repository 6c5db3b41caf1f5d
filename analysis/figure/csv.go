package figure

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"

	"github.com/noiseprobe/noiseprobe/analysis/estimate"
	"github.com/noiseprobe/noiseprobe/internal/atomicfile"
	"github.com/noiseprobe/noiseprobe/internal/filekind"
	"github.com/noiseprobe/noiseprobe/internal/jsonfile"
)

var nan = math.NaN()

// csvHeader is the first line of a figure's CSV file: long format, a line for each point of each series. The last column says how the series is drawn,
// and was not written by the first versions.
var csvHeader = []string{"series", "x", "y", "lo", "hi", "kind"}

// kindNames are the words of the last column, which soft precedes for a series in grey.
var kindNames = []string{Line: "line", Reference: "reference", Points: "points", Track: "track", Band: "band", Faint: "faint"}

const soft = "soft "

func (s Series) kindName() string {
	if s.Soft {
		return soft + kindNames[s.Kind]
	}
	return kindNames[s.Kind]
}

// WriteCSV writes the numbers of f, a line a point, at full precision. What is undefined or unbounded is an empty field.
func (f Figure) WriteCSV(w io.Writer) error {
	c := csv.NewWriter(w)
	c.Write(csvHeader)
	for _, s := range f.Series {
		for i := range s.X {
			lo, hi := s.interval(i)
			c.Write([]string{s.Name, estimate.CSV(s.X[i]), estimate.CSV(s.Y[i]), estimate.CSV(lo), estimate.CSV(hi), s.kindName()})
		}
	}
	c.Flush()
	return c.Error()
}

// ReadCSV reads the series of a figure from the file that [Figure.WriteCSV] wrote, in order of appearance: their names, numbers and kinds, which
// are lines where an early file does not say. The error names the file and the line.
func ReadCSV(path string) ([]Series, error) {
	text, err := atomicfile.Read(path, jsonfile.Most)
	if err != nil {
		return nil, err
	}
	series, err := readSeries(bytes.NewReader(filekind.Text(text)))
	if err != nil {
		return nil, fmt.Errorf("%s:%w", path, err)
	}
	return series, nil
}

// readSeries has errors that start with the line.
func readSeries(r io.Reader) ([]Series, error) {
	c := csv.NewReader(r)
	c.FieldsPerRecord = -1
	var series []Series
	columns, line := 0, 0
	for {
		record, err := c.Read()
		if err == io.EOF && columns > 0 {
			return series, nil
		}
		if err != nil {
			return nil, fmt.Errorf("%d: %w", line+1, err)
		}
		line, _ = c.FieldPos(0) // empty lines are no records
		if columns == 0 {
			if columns = len(record); !slices.Equal(record, csvHeader) && !slices.Equal(record, csvHeader[:len(csvHeader)-1]) {
				return nil, fmt.Errorf("%d: the header is %q, want %q", line, record, csvHeader)
			}
			continue
		}
		if len(record) != columns {
			return nil, fmt.Errorf("%d: got %d fields, want %d", line, len(record), columns)
		}
		if series, err = addPoint(series, record); err != nil {
			return nil, fmt.Errorf("%d: %w", line, err)
		}
	}
}

// addPoint appends a record to the series it names, which is a new one or any before it.
func addPoint(series []Series, record []string) ([]Series, error) {
	var v [4]float64
	for i, field := range record[1:5] {
		x, err := estimate.ParseCSV(field)
		if err != nil {
			return nil, fmt.Errorf("%s is %q, want a number", csvHeader[i+1], field)
		}
		v[i] = x
	}
	at := slices.IndexFunc(series, func(s Series) bool { return s.Name == record[0] })
	if at < 0 {
		at, series = len(series), append(series, Series{Name: record[0]})
		if len(record) == len(csvHeader) {
			name, isSoft := strings.CutPrefix(record[5], soft)
			kind := slices.Index(kindNames, name)
			if kind < 0 {
				return nil, fmt.Errorf("kind is %q, want one of %q", name, kindNames)
			}
			series[at].Kind, series[at].Soft = Kind(kind), isSoft
		}
	}
	s := &series[at]
	s.X, s.Y, s.Lo, s.Hi = append(s.X, v[0]), append(s.Y, v[1]), append(s.Lo, v[2]), append(s.Hi, v[3])
	return series, nil
}
