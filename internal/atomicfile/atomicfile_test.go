package atomicfile

import (
	"errors"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestWriteReplacesWhole(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	for _, want := range []string{"first, longer", "second"} {
		if err := WriteBytes(path, []byte(want)); err != nil {
			t.Fatal(err)
		}
		if got, _ := os.ReadFile(path); string(got) != want {
			t.Errorf("read %q, want %q", got, want)
		}
	}
}

func TestFailedWriteChangesNothing(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "file")
	if err := WriteBytes(path, []byte("before")); err != nil {
		t.Fatal(err)
	}
	broken := errors.New("disk full")
	err := Write(path, func(w io.Writer) error {
		io.WriteString(w, "half of it")
		return broken
	})
	if !errors.Is(err, broken) {
		t.Fatalf("err = %v", err)
	}
	if got, _ := os.ReadFile(path); string(got) != "before" {
		t.Errorf("the old contents became %q", got)
	}
	if entries, _ := os.ReadDir(dir); len(entries) != 1 {
		t.Errorf("left behind: %v", entries)
	}
}

func TestMissingDirectory(t *testing.T) {
	if err := WriteBytes(filepath.Join(t.TempDir(), "no", "file"), nil); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("err = %v", err)
	}
}

// TestErrorsNameThePath: the temporary name would mislead.
func TestErrorsNameThePath(t *testing.T) {
	dir := t.TempDir()
	taken := filepath.Join(dir, "taken")
	if err := os.MkdirAll(filepath.Join(taken, "full"), 0o755); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		filepath.Join(dir, "no", "file"): ": no such file or directory",
		taken:                            ": is a directory, and is not replaced: give another name",
	} {
		if err := WriteBytes(path, nil); err == nil || err.Error() != path+want {
			t.Errorf("err = %v, want %s", err, path+want)
		}
	}
	if err := WriteJSON(filepath.Join(dir, "x.json"), math.Inf(1)); err == nil || err.Error() != filepath.Join(dir, "x.json")+": json: unsupported value: +Inf" {
		t.Errorf("err = %v", err)
	}
	missing := filepath.Join(dir, "no", "directory")
	if _, err := TemporaryDir(missing); err == nil || err.Error() != missing+": no such file or directory" {
		t.Errorf("err = %v", err)
	}
}

// TestUnreadableDirectory: a file that has its name is written, though its directory cannot be opened to be synced.
func TestUnreadableDirectory(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "file")
	if err := os.Chmod(dir, 0o300); err != nil {
		t.Fatal(err)
	}
	defer os.Chmod(dir, 0o700)
	if _, err := os.Open(dir); err == nil {
		t.Skip("NOT TESTED: this user reads every directory")
	}
	if err := WriteBytes(path, []byte("whole")); err != nil {
		t.Error(err)
	}
	if got, _ := os.ReadFile(path); string(got) != "whole" {
		t.Errorf("read %q", got)
	}
}

func TestRemoveLeftovers(t *testing.T) {
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "sub"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"kept", "kept.tmp-1", ".kept", "sub/kept", ".report.json.tmp-123", "sub/.a.tmp-9"} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := RemoveLeftovers(dir); err != nil {
		t.Fatal(err)
	}
	var left []string
	err := filepath.WalkDir(dir, func(path string, e os.DirEntry, err error) error {
		if !e.IsDir() {
			left = append(left, filepath.Base(path))
		}
		return err
	})
	if want := []string{".kept", "kept", "kept.tmp-1", "kept"}; err != nil || !slices.Equal(left, want) {
		t.Errorf("left %v, want %v (%v)", left, want, err)
	}
}

func TestWriteNewReplacesNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x")
	fill := func(text string) func(io.Writer) error {
		return func(w io.Writer) error { _, err := io.WriteString(w, text); return err }
	}
	if err := WriteNew(path, fill("first")); err != nil {
		t.Fatal(err)
	}
	if err := WriteNew(path, fill("second")); !errors.Is(err, fs.ErrExist) || !strings.HasPrefix(err.Error(), path+": ") {
		t.Errorf("%v", err)
	}
	text, err := os.ReadFile(path)
	left, _ := os.ReadDir(filepath.Dir(path))
	if string(text) != "first" || len(left) != 1 {
		t.Errorf("%q, %v (%v)", text, left, err)
	}
}
