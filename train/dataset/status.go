package dataset

import (
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
)

// States of a file in a FileStatus.
const (
	StateOK      = "ok"
	StateMissing = "missing"
	StateDamaged = "damaged"
)

// FileStatus is what [Verify] found about one file.
type FileStatus struct {
	Name   string // as in FileInfo
	Path   string // of the file, or where it would be
	State  string
	Reason string // why it is damaged, or how much of the set it lacks
}

// Verify reads every file of a set in a directory or in its usual subfolder. Files of Fashion-MNIST must have the known
// checksum of their uncompressed contents. A file of CIFAR, which others distribute in part or in another order, is ok if it consists of
// whole records with valid labels; its Reason says if there are fewer than there should be, or not the official ones.
//
// The error concerns the set or the directory; errors in a file are in its FileStatus.
func Verify(set, dir string) ([]FileStatus, error) {
	info, err := lookup(set)
	if err != nil {
		return nil, err
	}
	if st, err := os.Stat(dir); err != nil {
		return nil, err
	} else if !st.IsDir() {
		return nil, fmt.Errorf("%s: not a directory", dir)
	}
	folder, paths := info.folder(dir)
	if python := info.pythonIn(dir); python != "" && !slices.ContainsFunc(paths, func(path string) bool { return path != "" }) {
		return nil, &NotFoundError{Set: info, Searched: []string{dir}, Python: python}
	}
	status := make([]FileStatus, len(paths))
	for i, path := range paths {
		status[i] = info.verify(info.Files[i], path)
		if path == "" {
			status[i].Path = filepath.Join(folder, info.Files[i].Name)
		}
	}
	return status, nil
}

func (s SetInfo) verify(file FileInfo, path string) FileStatus {
	status := FileStatus{Name: file.Name, Path: path, State: StateOK}
	if path == "" {
		status.State = StateMissing
		return status
	}
	var err error
	if s.prefix == 0 {
		err = checkContent(path, file)
	} else {
		status.Reason, err = s.checkRecords(path, file)
	}
	if err != nil {
		status.State, status.Reason = StateDamaged, err.Error()
	}
	return status
}

// checkContent compares the checksum of the uncompressed contents.
func checkContent(path string, file FileInfo) error {
	f, err := openRaw(path)
	if err != nil {
		return err
	}
	defer f.Close()
	h, name, want := file.digest()
	n, err := io.Copy(h, io.LimitReader(f, file.Bytes+1))
	switch sum := hex.EncodeToString(h.Sum(nil)); {
	case err != nil:
		return f.failed(err)
	case n > file.Bytes:
		return fmt.Errorf("%s: longer than the %d bytes of %s", path, file.Bytes, file.Name)
	case n < file.Bytes:
		return fmt.Errorf("%s: %d bytes, %s has %d", path, n, file.Name, file.Bytes)
	case sum != want:
		return fmt.Errorf("%s: %s of the contents is %s, want %s", path, name, sum, want)
	}
	return nil
}

// checkRecords returns an error for a damaged file, and a note if an intact one has fewer records than it should.
func (s SetInfo) checkRecords(path string, file FileInfo) (note string, err error) {
	l := &loader{SetInfo: s}
	split, err := l.readCIFARFile(path, file)
	if err != nil {
		return "", err
	}
	if l.unofficial != nil {
		return "whole records with valid labels, but not the official file", nil
	}
	record := int64(s.prefix + s.Shape[0]*s.Shape[1]*s.Shape[2])
	if n := file.Bytes / record; int64(split.N()) < n {
		note = fmt.Sprintf("%d of %d images", split.N(), n)
	}
	return note, nil
}
