package main

import "encoding/json"

// show prints a result as JSON, or as text.
func show[T any](s *session, asJSON bool, result T, text func(page, T)) error {
	if asJSON {
		return s.printJSON(result)
	}
	text(s.page(), result)
	return nil
}

// printJSON prints one document.
func (s *session) printJSON(document any) error {
	e := json.NewEncoder(s.stdout)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(document)
}
