package report

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

// sections answers the questions in reading order. What is missing is said in its place.
func sections(r *Report) []Section {
	var all []Section
	if r.Run.Model != "" {
		all = append(all, trainingSection(r))
	}
	all = append(all, noiseSection(r), enhancementSection(r), effectiveBatchSection(r), shapeSection(r), tailSection(r),
		artefactSection(r), alongTrainingSection(r), checkpointSection(r))
	return append(all, warningSection(r))
}

// gradientSections are those that make sense without a run: what is about one alpha only where there is one.
func gradientSections(r *Report) []Section {
	noise := noiseSection(r)
	all := []Section{noise}
	if layers := noise.Detail; layers != nil && len(layers.Rows) > 1 {
		layers.Brief = 12
		all = append(all, Section{ID: "layers", Title: noise.DetailTitle, Table: layers})
	}
	all = append(all, enhancementSection(r))
	if finite(r.Run.Alpha) {
		all = append(all, effectiveBatchSection(r), shapeSection(r))
	}
	return append(all, tailSection(r), artefactSection(r), warningSection(r))
}
