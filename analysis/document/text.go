package document

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"strings"
)

// DefaultWidth is the number of columns of a text that does not go to a terminal.
const DefaultWidth = 80

// Text writes the sections as a text of at most so many columns, where no cell or word is wider.
func (d Document) Text(w io.Writer, width int) error {
	b := bufio.NewWriter(w)
	Paragraphs(b, d.Heading, width, "")
	for _, s := range d.Sections {
		s.text(b, width, cmp.Or(d.Hidden, moreRows))
	}
	return b.Flush()
}

// text puts a section of a single sentence on one line with its title.
func (s Section) text(w io.Writer, width int, hidden string) {
	if len(s.Lines) == 1 && s.Table == nil && s.Notes == nil {
		title := s.Title + ":"
		if strings.HasSuffix(s.Title, "?") {
			title = s.Title
		}
		Paragraphs(w, []string{title + " " + s.Lines[0]}, width, "")
		return
	}
	fmt.Fprintln(w, s.Title)
	Paragraphs(w, s.Lines, width, "  ")
	if s.Table != nil {
		for _, line := range s.Table.text(hidden, width-2) {
			fmt.Fprintln(w, strings.TrimRight("  "+line, " "))
		}
	}
	Paragraphs(w, s.Notes, width, "  ")
}

// Paragraphs writes texts, each from a line of its own, in lines of at most width columns with an indent.
func Paragraphs(w io.Writer, texts []string, width int, indent string) {
	for _, t := range texts {
		for _, line := range Wrap(t, width-len(indent)) {
			fmt.Fprintln(w, indent+line)
		}
	}
}
