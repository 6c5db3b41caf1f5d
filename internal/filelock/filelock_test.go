package filelock

import (
	"os"
	"path/filepath"
	"testing"
)

func open(t *testing.T, path string) *os.File {
	t.Helper()
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

// TestOneAtATime: locks belong to open files, so that two open files in one process behave like two processes.
func TestOneAtATime(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	if held, err := Held(path); held || err != nil {
		t.Errorf("a file that is not there: %v, %v", held, err)
	}
	first, second := open(t, path), open(t, path)
	if held, err := Held(path); held || err != nil {
		t.Errorf("before: %v, %v", held, err)
	}
	if ok, err := Try(first); !ok || err != nil {
		t.Fatalf("first: %v, %v", ok, err)
	}
	if ok, err := Try(second); ok || err != nil {
		t.Errorf("second beside the first: %v, %v", ok, err)
	}
	if held, err := Held(path); !held || err != nil {
		t.Errorf("while it is held: %v, %v", held, err)
	}
	first.Close()
	if ok, err := Try(second); !ok || err != nil {
		t.Errorf("second after the first: %v, %v", ok, err)
	}
}

// TestLookingTakesNothing: Held leaves no lock behind, and a lock does not prevent writing.
func TestLookingTakesNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	f := open(t, path)
	for range 2 {
		if held, err := Held(path); held || err != nil {
			t.Errorf("%v, %v", held, err)
		}
	}
	if ok, err := Try(f); !ok || err != nil {
		t.Fatalf("%v, %v", ok, err)
	}
	if err := os.WriteFile(path, []byte("text"), 0o644); err != nil {
		t.Error(err)
	}
	if text, err := os.ReadFile(path); string(text) != "text" || err != nil {
		t.Errorf("%q, %v", text, err)
	}
}
