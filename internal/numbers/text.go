package numbers

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/noiseprobe/noiseprobe/internal/filekind"
)

// maxLine bounds a line, so that a large file without line ends is not read into memory before it is refused.
const maxLine = 1 << 28

// text is what has been read of a text.
type text struct {
	data          []float64
	rows, columns int
	header        string // that was skipped
	headerLine    int
	noHeader      error // what is wrong if no row follows the header
	comments      int   // lines that have one
	commas        commas
}

// readText reads a row of numbers from every line.
func readText(r io.Reader) (Table, error) {
	lines := bufio.NewScanner(r)
	lines.Buffer(make([]byte, 1<<16), maxLine)
	var t text
	for number := 1; lines.Scan(); number++ {
		if err := t.line(lines.Bytes(), number); err != nil {
			return Table{}, fmt.Errorf("line %d: %w%s", number, err, t.commas.hint())
		}
		if len(t.data) > maxNumbers {
			return Table{}, errTooMany
		}
	}
	switch err := lines.Err(); {
	case errors.Is(err, bufio.ErrTooLong):
		return Table{}, fmt.Errorf("a line is longer than %d bytes", maxLine)
	case err != nil:
		return Table{}, err
	case t.noHeader != nil && t.rows == 0:
		return Table{}, t.noHeader
	case t.rows == 0:
		return Table{}, errors.New("no numbers in the file")
	}
	if err := t.commas.ambiguous(); err != nil {
		return Table{}, err
	}
	return Table{Shape: []int{t.rows, t.columns}, Data: t.data, Notice: t.skipped()}, nil
}

// line appends the row in a line, if it has one.
func (t *text) line(line []byte, number int) (err error) {
	line = t.strip(line, number)
	before := len(t.data)
	t.commas.look(line, number)
	if t.data, err = appendRow(t.data, line); err != nil {
		if t.rows > 0 || t.header != "" || !isHeader(line) {
			return err
		}
		t.header, t.headerLine, t.data = fmt.Sprintf("%.60q", line), number, t.data[:before]
		t.commas, t.noHeader = commas{}, fmt.Errorf("line %d: %w", number, err)
		return nil
	}
	switch got := len(t.data) - before; {
	case got == 0:
		return nil
	case t.rows == 0:
		t.columns = got
	case got != t.columns:
		return fmt.Errorf("row of length %d, the rows before have %d", got, t.columns)
	}
	t.rows++
	return nil
}

// strip removes a comment, and a byte order mark before the first line.
func (t *text) strip(line []byte, number int) []byte {
	if number == 1 {
		line = filekind.Text(line)
	}
	if i := bytes.IndexByte(line, '#'); i >= 0 {
		line = line[:i]
		t.comments++
	}
	return bytes.TrimSpace(line)
}

// skipped says what was not read.
func (t *text) skipped() string {
	var what []string
	if t.header != "" {
		what = append(what, fmt.Sprintf("line %d, the header %s", t.headerLine, t.header))
	}
	switch {
	case t.comments == 1:
		what = append(what, "the comment in one line")
	case t.comments > 1:
		what = append(what, fmt.Sprintf("the comments in %d lines", t.comments))
	}
	if what == nil {
		return ""
	}
	return "skipped " + strings.Join(what, ", and ")
}

// noValue are words that stand for a number that is missing, and so are no header.
var noValue = []string{"nan", "inf", "infinity", "na", "n/a", "null", "none", "nil", "missing"}

// isHeader reports whether a line consists of words.
func isHeader(line []byte) bool {
	words := bytes.FieldsFunc(line, func(r rune) bool { return strings.ContainsRune(" \t,;", r) })
	for _, w := range words {
		first, _ := utf8.DecodeRune(bytes.TrimLeft(w, `"'`))
		if !unicode.IsLetter(first) && first != '_' || slices.Contains(noValue, strings.ToLower(string(w))) || !utf8.Valid(w) {
			return false
		}
	}
	return len(words) > 0
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
		if len(line) > 0 && line[0] == ';' {
			return data, errSemicolon
		}
		if len(line) > 0 && line[0] == ',' {
			if line = bytes.TrimLeft(line[1:], " \t"); len(line) == 0 {
				return data, errors.New("a number is missing after the last separator")
			}
		}
	}
	return data, nil
}

// errSemicolon is about tables from where commas are decimal, and a point may stand between thousands.
var errSemicolon = errors.New("a semicolon, as in tables with decimal commas: separate numbers by blanks, and write decimal points")

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
