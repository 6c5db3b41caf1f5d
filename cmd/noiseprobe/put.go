package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"

	"github.com/noiseprobe/noiseprobe/internal/atomicfile"
)

// put writes the file of a flag. Unless forced, one that another process has made since it was found free stays.
func put(flag, path string, force bool, fill func(io.Writer) error) error {
	err := atomicfile.Put(path, force, fill)
	if !force && errors.Is(err, fs.ErrExist) {
		return taken(flag, path)
	}
	return err
}

// free refuses a file of a flag that exists, unless forced, before there is anything to write to it.
func free(flag, path string, force bool) error {
	exists, err := atomicfile.Taken(path)
	if err != nil {
		return fmt.Errorf("-%s %w", flag, err)
	}
	if exists && !force {
		return taken(flag, path)
	}
	return nil
}

// taken refuses to write over a file.
func taken(flag, path string) error {
	return &hintError{fmt.Errorf("-%s %s: already exists", flag, path), "-force replaces it"}
}
