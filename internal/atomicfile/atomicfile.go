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

// Create opens a new file for the next contents of path, under a temporary name beside it. Its mode is what the umask leaves of
// 0666 and is never set afterwards, which CIFS and some FUSE file systems refuse.
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
	if err != nil {
		return "", fmt.Errorf("%s: %w", path, reason(err))
	}
	return name, nil
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
		return named(path, err)
	}
	return named(path, write(path, fill, os.Rename))
}

// WriteNew is [Write] for a path that nothing must have when the file is whole; else the error is an [fs.ErrExist], and what is there stays.
func WriteNew(path string, fill func(io.Writer) error) error {
	return named(path, write(path, fill, moveToFree))
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

// named begins an error with the path that the user knows.
func named(path string, err error) error {
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
	if err := errors.Join(f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := move(f.Name(), path); err != nil {
		return err
	}
	return syncDir(filepath.Dir(path))
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
	text, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	return WriteBytes(path, append(text, '\n'))
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
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		return
	}
	for _, e := range entries {
		if e.Type().IsRegular() && strings.HasPrefix(e.Name(), "."+filepath.Base(path)+mark) {
			_ = os.Remove(filepath.Join(filepath.Dir(path), e.Name()))
		}
	}
}

// syncDir makes a rename durable. Some file systems refuse to sync a directory, which is no error: the file has been renamed.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	_ = d.Sync()
	return nil
}
