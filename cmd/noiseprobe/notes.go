package main

import "strings"

// notes are reasons with what they are about, in the order of their appearance.
type notes struct {
	reasons []string
	about   map[string][]string
}

func newNotes() *notes { return &notes{about: map[string][]string{}} }

func (n *notes) add(about, reason string) {
	if reason == "" {
		return
	}
	if n.about[reason] == nil {
		n.reasons = append(n.reasons, reason)
	}
	n.about[reason] = append(n.about[reason], about)
}

func (n *notes) print(p page) {
	for _, reason := range n.reasons {
		p.note(strings.Join(n.about[reason], ", ") + ": " + reason)
	}
}

// note stands below a table.
func (p page) note(text string) { p.fold("  ", "    ", text) }

func (p page) sentence(text string) {
	if text != "" {
		p.fold("", "", text)
	}
}

func (p page) warnings(texts []string) {
	for _, text := range texts {
		p.fold("", "  ", "warning: "+text)
	}
}
