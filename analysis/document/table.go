package document

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"
)

// Table is rows of cells under a header, rendered as text and as HTML.
type Table struct {
	Header []string
	Rows   [][]string
	// Brief is the number of rows that the text summary shows; 0 shows all.
	Brief int
	// Spread picks these rows from the whole table, the last one among them, and not from its top.
	Spread bool
	// Keys is the number of leading columns that identify a row, 0 for one. Where a text has no room for all columns side by side, every block begins
	// with these.
	Keys int
}

// Add appends a row.
func (t *Table) Add(cells ...string) { t.Rows = append(t.Rows, cells) }

// moreRows ends the line that counts the rows which a text leaves out.
const moreRows = "more rows are in the report"

// Text writes the table in aligned columns, two spaces apart, however wide that is: numbers to the right, words to the left.
func (t *Table) Text(w io.Writer) {
	for _, line := range t.text(moreRows, 0) {
		fmt.Fprintln(w, line)
	}
}

// text is the lines of the table. Columns for which so many columns of text have no room follow in a block of their own; a width of 0 has room
// for all.
func (t *Table) text(hidden string, width int) []string {
	rows := t.shown()
	var lines []string
	widths := t.widths(rows)
	for _, columns := range t.blocks(widths, width) {
		if lines != nil {
			lines = append(lines, "")
		}
		if t.Header != nil {
			lines = append(lines, t.line(t.Header, widths, columns))
		}
		for _, row := range rows {
			lines = append(lines, t.line(row, widths, columns))
		}
	}
	if more := len(t.Rows) - len(rows); more > 0 {
		lines = append(lines, "("+Whole(more)+" "+hidden+")")
	}
	return lines
}

// blocks are the columns that stand side by side, each block with those that identify a row. A standard deviation stays with its mean.
func (t *Table) blocks(widths []int, width int) [][]int {
	keys := min(max(t.Keys, 1), len(widths))
	var blocks [][]int
	var block []int
	used, head := 0, 0
	for c := range widths {
		together := widths[c]
		if t.deviation(c + 1) {
			together += 2 + widths[c+1]
		}
		if width > 0 && len(block) > keys && used+together > width && !t.deviation(c) {
			blocks, block, used = append(blocks, block), slices.Clone(block[:keys]), head
		}
		block = append(block, c)
		if used += widths[c] + 2; c < keys {
			head = used
		}
	}
	return append(blocks, block)
}

func (t *Table) deviation(column int) bool {
	return column < len(t.Header) && strings.EqualFold(t.Header[column], "sd")
}

// shown is the rows of the text summary.
func (t *Table) shown() [][]string {
	switch {
	case t.Brief == 0 || len(t.Rows) <= t.Brief:
		return t.Rows
	case !t.Spread:
		return t.Rows[:t.Brief]
	}
	rows := make([][]string, t.Brief)
	for i := range rows {
		rows[i] = t.Rows[i*(len(t.Rows)-1)/(t.Brief-1)]
	}
	return rows
}

func (t *Table) widths(rows [][]string) []int {
	var widths []int
	for _, row := range append([][]string{t.Header}, rows...) {
		for i, cell := range row {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	return widths
}

func (t *Table) line(cells []string, widths, columns []int) string {
	var b strings.Builder
	for at, i := range columns {
		if i >= len(cells) {
			break
		}
		if at > 0 {
			b.WriteString("  ")
		}
		cell := cells[i]
		pad := strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell))
		if t.numeric(i) {
			b.WriteString(pad + cell)
		} else {
			b.WriteString(cell + pad)
		}
	}
	return strings.TrimRight(b.String(), " ")
}

// numeric reports whether every cell of a column is a single number, or "-".
func (t *Table) numeric(column int) bool {
	for _, row := range t.Rows {
		if column < len(row) && strings.Trim(row[column], "0123456789.,+-e%") != "" {
			return false
		}
	}
	return true
}
