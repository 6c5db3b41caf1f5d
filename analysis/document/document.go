// Package document is a page for people, as plain text and as HTML: sections with tables and figures, cards, terms, and the form that
// numbers have in all of them. It knows nothing of what the numbers mean.
//
// Words are in the plain notation of the text (tr Sigma, alpha, B_eff), which the page turns into print. What is undefined is [Undefined].
package document

import "html/template"

// Document is a page: that of a run, of gradients from files, or of a comparison.
type Document struct {
	// Title and Subtitle are those of the page, Heading has the first lines of the text.
	Title, Subtitle string
	Heading         []string
	Cards           []Card
	Meaning         []Term
	Sections        []Section
	// Settings is a table of names and values; nil leaves it out.
	Settings *Table
	Glossary []Term
	// Footer says where the numbers are.
	Footer string
	// Hidden ends the line that counts the rows which a text leaves out; empty is "more rows are in the report".
	Hidden string
	// Files is what links put before the name of a figure's file, such as "figures/"; where it is empty, the page has no links to files.
	Files string
	// Head ends the head of the page, and Top begins its body; a text has neither.
	Head, Top template.HTML
}

// Card is one headline number.
type Card struct{ Label, Value, Note string }

// Term is a word or claim with its explanation.
type Term struct{ Name, Text string }
