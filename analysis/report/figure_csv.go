package report

import (
	"encoding/csv"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

var nan = math.NaN()

// figureHeader is the first line of a figure's CSV file: long format, a line for each point of each series.
var figureHeader = []string{"series", "x", "y", "lo", "hi"}

// WriteCSV writes the numbers of f, a line a point, at full precision. What is undefined or unbounded is an empty field.
func (f Figure) WriteCSV(w io.Writer) error {
	c := csv.NewWriter(w)
	c.Write(figureHeader)
	for _, s := range f.Series {
		for i := range s.X {
			lo, hi := s.interval(i)
			c.Write([]string{s.Name, csvNumber(s.X[i]), csvNumber(s.Y[i]), csvNumber(lo), csvNumber(hi)})
		}
	}
	c.Flush()
	return c.Error()
}

// ReadCSV reads the figure at path, which is NAME.csv for one of [FigureNames]. The error names the file and the line.
func ReadCSV(path string) (Figure, error) {
	name := strings.TrimSuffix(filepath.Base(path), ".csv")
	if !known(name) {
		return Figure{}, fmt.Errorf("%s: no figure is named %q", path, name)
	}
	file, err := os.Open(path)
	if err != nil {
		return Figure{}, err
	}
	defer file.Close()
	series, err := readSeries(file)
	if err != nil {
		return Figure{}, fmt.Errorf("%s:%w", path, err)
	}
	return newFigure(name, series...), nil
}

// readSeries returns the series in order of appearance. Its errors start with the line.
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
			if !slices.Equal(record, figureHeader) {
				return nil, fmt.Errorf("1: the header is %q, want %q", record, figureHeader)
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
	if len(record) != len(figureHeader) {
		return nil, fmt.Errorf("got %d fields, want %d", len(record), len(figureHeader))
	}
	var v [4]float64
	for i, field := range record[1:] {
		x, err := parseCSVNumber(field)
		if err != nil {
			return nil, fmt.Errorf("%s is %q, want a number", figureHeader[i+1], field)
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
