package figure

import (
	"encoding/csv"
	"fmt"
	"io"
	"math"
	"os"
	"slices"

	"github.com/noiseprobe/noiseprobe/analysis/estimate"
)

var nan = math.NaN()

// csvHeader is the first line of a figure's CSV file: long format, a line for each point of each series.
var csvHeader = []string{"series", "x", "y", "lo", "hi"}

// WriteCSV writes the numbers of f, a line a point, at full precision. What is undefined or unbounded is an empty field.
func (f Figure) WriteCSV(w io.Writer) error {
	c := csv.NewWriter(w)
	c.Write(csvHeader)
	for _, s := range f.Series {
		for i := range s.X {
			lo, hi := s.interval(i)
			c.Write([]string{s.Name, estimate.CSV(s.X[i]), estimate.CSV(s.Y[i]), estimate.CSV(lo), estimate.CSV(hi)})
		}
	}
	c.Flush()
	return c.Error()
}

// ReadCSV reads the series of a figure from the file that [Figure.WriteCSV] wrote, in order of appearance: their names and numbers alone.
// The error names the file and the line.
func ReadCSV(path string) ([]Series, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	series, err := readSeries(file)
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
	for line := 1; ; line++ {
		record, err := c.Read()
		if err == io.EOF && line > 1 {
			return series, nil
		}
		if err != nil {
			return nil, fmt.Errorf("%d: %w", line, err)
		}
		if line == 1 {
			if !slices.Equal(record, csvHeader) {
				return nil, fmt.Errorf("1: the header is %q, want %q", record, csvHeader)
			}
			continue
		}
		if series, err = addPoint(series, record); err != nil {
			return nil, fmt.Errorf("%d: %w", line, err)
		}
	}
}

// addPoint appends a record to the series it names, which is a new one or any before it.
func addPoint(series []Series, record []string) ([]Series, error) {
	if len(record) != len(csvHeader) {
		return nil, fmt.Errorf("got %d fields, want %d", len(record), len(csvHeader))
	}
	var v [4]float64
	for i, field := range record[1:] {
		x, err := estimate.ParseCSV(field)
		if err != nil {
			return nil, fmt.Errorf("%s is %q, want a number", csvHeader[i+1], field)
		}
		v[i] = x
	}
	at := slices.IndexFunc(series, func(s Series) bool { return s.Name == record[0] })
	if at < 0 {
		at, series = len(series), append(series, Series{Name: record[0]})
	}
	s := &series[at]
	s.X, s.Y, s.Lo, s.Hi = append(s.X, v[0]), append(s.Y, v[1]), append(s.Lo, v[2]), append(s.Hi, v[3])
	return series, nil
}
