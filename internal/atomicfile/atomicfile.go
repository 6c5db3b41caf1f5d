// Package atomicfile writes files that appear whole or not at all.
//
// Contents go to a temporary name in the same directory, are synced, and are renamed into place; a reader, or a process
// that is killed at any moment, never sees half a file, and a failed write leaves what was there before untouched. A directory takes
// the place of another in the same way. Only regular files are replaced, and only regular files are read ([Read]).
package atomicfile

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
)

// mark is part of the name of every temporary file, after a dot and the final name.
const mark = ".tmp-"

// Create opens a new file for the next contents of path, under a temporary name beside it, until [Commit]. Its mode is what the umask leaves
// of 0666 and is never set afterwards, which CIFS and some FUSE file systems refuse.
func Create(path string) (f *os.File, err error) {
	_, err = temporary(path, func(name string) (err error) {
		f, err = os.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o666)
		return err
	})
	return f, err
}

// TemporaryDir makes a new directory for the next contents of path, under a temporary name beside it, which it returns. An error begins
// with path.
func TemporaryDir(path string) (string, error) {
	name, err := temporary(path, func(name string) error { return os.Mkdir(name, 0o777) })
	return name, Named(path, err)
}

// temporary calls make with names until one of them is not taken, and returns that.
func temporary(path string, make func(name string) error) (string, error) {
	for {
		name := filepath.Join(filepath.Dir(path), fmt.Sprintf(".%s%s%d", filepath.Base(path), mark, rand.Uint32()))
		if err := make(name); !errors.Is(err, fs.ErrExist) {
			return name, err
		}
	}
}

// Write replaces the file at path by what fill writes. An error begins with path.
func Write(path string, fill func(io.Writer) error) error {
	if _, err := Taken(path); err != nil {
		return err
	}
	return Named(path, write(path, fill, os.Rename))
}

// WriteNew is [Write] for a path that nothing must have when the file is whole; else the error is an [fs.ErrExist], and what is there stays.
func WriteNew(path string, fill func(io.Writer) error) error {
	return Named(path, write(path, fill, moveToFree))
}

// Put is [Write] where what exists may be replaced, else [WriteNew].
func Put(path string, replace bool, fill func(io.Writer) error) error {
	if replace {
		return Write(path, fill)
	}
	return WriteNew(path, fill)
}

// moveToFree is [os.Rename] to a name that is free. Where the file system has no links, a name that is taken between check and
// move is not noticed.
func moveToFree(from, to string) error {
	err := os.Link(from, to)
	switch {
	case err == nil:
		return os.Remove(from)
	case errors.Is(err, fs.ErrExist):
		return err
	}
	if _, err := os.Lstat(to); err == nil {
		return fs.ErrExist
	}
	return os.Rename(from, to)
}

// Named begins an error with the path that the user knows, in place of the temporary name.
func Named(path string, err error) error {
	if err == nil || strings.HasPrefix(err.Error(), path+": ") {
		return err
	}
	return fmt.Errorf("%s: %w", path, reason(err))
}

// reason leaves out the temporary name, which means nothing to a user.
func reason(err error) error {
	var one *fs.PathError
	if errors.As(err, &one) && isTemporary(one.Path) {
		return one.Err
	}
	var two *os.LinkError
	if errors.As(err, &two) && (isTemporary(two.Old) || isTemporary(two.New)) {
		return two.Err
	}
	return err
}

func isTemporary(path string) bool {
	name := filepath.Base(path)
	return strings.HasPrefix(name, ".") && strings.Contains(name, mark)
}

// write fills a temporary file, and has move give it its name.
func write(path string, fill func(io.Writer) error, move func(from, to string) error) (err error) {
	f, err := Create(path)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			f.Close()
			os.Remove(f.Name())
		}
	}()
	buffered := bufio.NewWriterSize(f, 1<<20)
	if err := fill(buffered); err != nil {
		return err
	}
	if err := buffered.Flush(); err != nil {
		return err
	}
	return commit(f, path, move)
}

// Commit replaces the file at path by one of [Create], which it closes. An error begins with path.
func Commit(f *os.File, path string) error { return Named(path, commit(f, path, os.Rename)) }

func commit(f *os.File, path string, move func(from, to string) error) error {
	if err := errors.Join(f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := move(f.Name(), path); err != nil {
		return err
	}
	syncDir(filepath.Dir(path))
	return nil
}

// WriteBytes replaces the file at path by data.
func WriteBytes(path string, data []byte) error {
	return Write(path, func(w io.Writer) error {
		_, err := w.Write(data)
		return err
	})
}

// WriteJSON replaces the file at path by v as indented JSON.
func WriteJSON(path string, v any) error {
	return Write(path, func(w io.Writer) error {
		e := json.NewEncoder(w)
		e.SetIndent("", "  ")
		return e.Encode(v)
	})
}

// RemoveLeftovers removes from a tree of directories the temporary files of processes that were killed while they wrote.
// No other process may be writing there.
func RemoveLeftovers(root string) error {
	return filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
		if err != nil || !e.Type().IsRegular() || !isTemporary(path) {
			return err
		}
		return os.Remove(path)
	})
}

// RemoveLeftoversOf removes the temporary files of one file, which no other process may be writing. What stays does no harm.
func RemoveLeftoversOf(path string) {
	for _, name := range leftovers(path, fs.FileMode.IsRegular) {
		_ = os.Remove(name)
	}
}

// leftovers lists the temporary names of path that have the wanted type.
func leftovers(path string, wanted func(fs.FileMode) bool) (names []string) {
	entries, _ := os.ReadDir(filepath.Dir(path))
	for _, e := range entries {
		if wanted(e.Type()) && strings.HasPrefix(e.Name(), "."+filepath.Base(path)+mark) {
			names = append(names, filepath.Join(filepath.Dir(path), e.Name()))
		}
	}
	return names
}

// syncDir makes a rename durable. That some file systems, and directories that may not be read, refuse this is no error: the file has been
// renamed.
func syncDir(dir string) {
	if d, err := os.Open(dir); err == nil {
		_ = d.Sync()
		d.Close()
	}
}
