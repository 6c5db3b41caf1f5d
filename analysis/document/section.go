package document

// Section is one question with its answer, rendered as text and as HTML.
type Section struct {
	ID, Title string
	// Lines come before the table, Notes after it.
	Lines, Notes []string
	Table        *Table
	// Detail, folded under its title, and the named figures are shown in HTML only.
	DetailTitle string
	Detail      *Table
	Figures     []string
}
