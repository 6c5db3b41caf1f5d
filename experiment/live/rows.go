package live

import (
	"bytes"
	"fmt"
	"io"

	"github.com/noiseprobe/noiseprobe/analysis/report"
	"github.com/noiseprobe/noiseprobe/internal/filekind"
	"github.com/noiseprobe/noiseprobe/internal/jsonfile"
)

// follower reads the rows of a CSV file that grows by whole rows.
type follower struct {
	path, header string
	// offset is the end of what was read.
	offset int64
}

// next returns the rows that are new; again says that the file is shorter than before, and was read from its beginning.
func (f *follower) next() (rows [][]byte, again bool, err error) {
	file, size, err := filekind.Open(f.path)
	if err != nil {
		return nil, false, err
	}
	defer file.Close()
	if again = size < f.offset; again {
		f.offset = 0
	}
	text := make([]byte, min(size-f.offset, jsonfile.Most)) // far above what a run writes
	n, err := file.ReadAt(text, f.offset)
	if err != nil && err != io.EOF {
		return nil, again, err
	}
	text = text[:n]
	if f.offset == 0 && len(text) > 0 {
		if text, err = headless(f.path, f.header, text); err != nil || text == nil {
			return nil, again, err
		}
		f.offset = int64(n - len(text))
	}
	whole := bytes.LastIndexByte(text, '\n') + 1
	f.offset += int64(whole)
	return split(text[:whole]), again, nil
}

// headless cuts the header off; of a file that is shorter, the rest is nil.
func headless(path, header string, text []byte) ([]byte, error) {
	if rest, ok := bytes.CutPrefix(text, []byte(header+"\n")); ok {
		return rest, nil
	}
	if line, _, whole := bytes.Cut(text, []byte("\n")); whole || !bytes.HasPrefix([]byte(header), text) {
		return nil, fmt.Errorf("%s:1: the header is %.40q, want %q", path, line, header)
	}
	return nil, nil
}

// split cuts text into its lines.
func split(text []byte) [][]byte {
	if len(text) == 0 {
		return nil
	}
	return bytes.Split(text[:len(text)-1], []byte("\n"))
}

// lastRows are the rows in the last part of a file; whole says that it ends with a whole one.
func lastRows(path, header string) (rows [][]byte, whole bool, err error) {
	const part = 32 << 10
	file, size, err := filekind.Open(path)
	if err != nil {
		return nil, false, err
	}
	defer file.Close()
	f := follower{path: path, header: header, offset: max(0, size-part)}
	rows, _, err = f.next()
	if size > part && len(rows) > 0 {
		rows = rows[1:] // which began before
	}
	return rows, f.offset >= size, err
}

func parseMetrics(rows [][]byte) ([]report.Metric, error) {
	var all []report.Metric
	for _, row := range rows {
		m, err := report.ParseMetric(string(row))
		if err != nil {
			return nil, fmt.Errorf("metrics.csv: %w", err)
		}
		all = append(all, m)
	}
	return all, nil
}
