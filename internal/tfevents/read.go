package tfevents

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/noiseprobe/noiseprobe/internal/filekind"
)

// IsName reports whether a file is called as event files are.
func IsName(path string) bool { return strings.Contains(filepath.Base(path), mark) }

// ReadDir reads all event files of a directory, in the order of their names and so that in which they were begun. Where a training was resumed,
// the steps after the saved state are there twice. A file that is being written is no error; that there is none is one.
func ReadDir(dir string) ([]Scalar, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var all []Scalar
	found := false
	for _, e := range entries {
		if e.IsDir() || !IsName(e.Name()) {
			continue
		}
		found = true
		scalars, err := ReadFile(filepath.Join(dir, e.Name()))
		if err != nil && !errors.Is(err, ErrTruncated) {
			return nil, err
		}
		all = append(all, scalars...)
	}
	if !found {
		return nil, fmt.Errorf("%s: has no event files, whose names contain %q", dir, mark)
	}
	return all, nil
}

// ReadFile is [Read] of a file; its errors name it.
func ReadFile(path string) ([]Scalar, error) {
	f, _, err := filekind.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	scalars, err := Read(f)
	if err != nil {
		err = fmt.Errorf("%s: %w", path, err)
	}
	return scalars, err
}

// Read reads the scalars of an event file in the order in which they were written. With an error come those before it; that of a file
// which ends within a record is [ErrTruncated].
func Read(r io.Reader) ([]Scalar, error) {
	d := decoder{plugins: map[string]string{}}
	buffered := bufio.NewReaderSize(r, 1<<16)
	var buffer bytes.Buffer
	for at := int64(0); ; at += int64(buffer.Len()) + headerSize {
		message, err := readRecord(buffered, &buffer)
		if errors.Is(err, io.EOF) {
			return d.scalars, nil
		}
		if err == nil {
			err = d.event(message)
		}
		if err != nil {
			return d.scalars, fmt.Errorf("not an event file, or damaged at byte %d: %w", at, err)
		}
	}
}
