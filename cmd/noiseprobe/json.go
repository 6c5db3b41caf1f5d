package main

import "github.com/noiseprobe/noiseprobe/internal/jsonfile"

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
	return jsonfile.Encode(s.stdout, document)
}
