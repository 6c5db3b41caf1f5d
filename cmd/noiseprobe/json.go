package main

import "encoding/json"

// printJSON prints one document.
func (s *session) printJSON(document any) error {
	e := json.NewEncoder(s.stdout)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(document)
}
