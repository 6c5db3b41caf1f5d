package numtest

import (
	"strings"
	"testing"
)

// witness is a test whose failures are counted.
type witness struct {
	testing.TB
	failures int
}

func (w *witness) Helper()               {}
func (w *witness) Errorf(string, ...any) { w.failures++ }

func TestPanics(t *testing.T) {
	for message, failures := range map[string]int{"numtest: no": 0, "other: no": 1, "": 1} {
		w := &witness{TB: t}
		Panics(w, "message "+message, "numtest: ", func() {
			if message != "" {
				panic(message)
			}
		})
		if w.failures != failures {
			t.Errorf("%q: %d failures, want %d", message, w.failures, failures)
		}
	}
	Panics(t, "the zero of an index", "", func() { _ = strings.Fields("")[0] })
}
