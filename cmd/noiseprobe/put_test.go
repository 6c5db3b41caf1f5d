package main

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"
)

// TestPut: a file that appeared after the name was found free stays, and force replaces it.
func TestPut(t *testing.T) {
	path := filepath.Join(t.TempDir(), "c.csv")
	fill := func(text string) func(io.Writer) error {
		return func(w io.Writer) error { _, err := io.WriteString(w, text); return err }
	}
	if err := put("csv", path, false, fill("first")); err != nil {
		t.Fatal(err)
	}
	var hint *hintError
	if err := put("csv", path, false, fill("second")); !errors.As(err, &hint) {
		t.Errorf("over another process's file: %v", err)
	}
	if text, _ := os.ReadFile(path); string(text) != "first" {
		t.Errorf("%q is there", text)
	}
	if err := put("csv", path, true, fill("third")); err != nil {
		t.Error(err)
	}
}
