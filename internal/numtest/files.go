package numtest

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
)

// ReadJSON reads a file of reference values into v.
func ReadJSON(t testing.TB, path string, v any) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(text, v)
	}
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
}

// Refused fails unless err is one line that begins with the path of the file that is refused, and has the reason.
func Refused(t testing.TB, err error, path, reason string) {
	t.Helper()
	if err == nil {
		t.Errorf("%s: no error, want %q", path, reason)
		return
	}
	text := err.Error()
	if !strings.HasPrefix(text, path+": ") || reason == "" || !strings.Contains(text, reason) || strings.Contains(text, "\n") {
		t.Errorf("error %q, want %q: ... %q", text, path, reason)
	}
}
