package report

import (
	"bufio"
	"io"
)

// Document is a page for people: that of a run, or of another package's results. Its words are in the plain notation of the text summary,
// which the page turns into print: tr Sigma, alpha, B_eff.
type Document struct {
	Title, Subtitle string
	Cards           []Card
	Meaning         []Term
	Sections        []Section
	// Settings is a table of names and values; nil leaves it out.
	Settings *Table
	Glossary []Term
	// Footer says where the numbers are.
	Footer string
	// Paired puts figures side by side in twos, where the page is wide enough.
	Paired bool
}

// HTML writes one page that needs nothing else. Figures appear in the section that names them.
func (d Document) HTML(w io.Writer, figures []Figure) error {
	drawings, err := drawAll(figures)
	if err != nil {
		return err
	}
	p := page{Document: d}
	for _, s := range d.Sections {
		p.Sections = append(p.Sections, pageSection{s, pick(drawings, s.Figures)})
	}
	return pageTemplate.Execute(w, p)
}

// Text writes the sections as a text of at most 100 columns, where no cell or word is wider.
func (d Document) Text(w io.Writer) error {
	b := bufio.NewWriter(w)
	for _, s := range d.Sections {
		s.text(b)
	}
	return b.Flush()
}
