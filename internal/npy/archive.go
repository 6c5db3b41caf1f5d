package npy

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"strings"
)

// deflateRatio is the largest compression ratio of deflate: 258 bytes from 2 bits.
const deflateRatio = 1032

// arrayMembers returns the members of an archive that are arrays, by their names.
func arrayMembers(r io.ReaderAt, size int64) (members []*zip.File, err error) {
	archive, err := openZip(r, size)
	if err != nil {
		return nil, err
	}
	seen := map[string]bool{}
	for _, member := range archive.File {
		name, isArray := strings.CutSuffix(member.Name, ".npy")
		if !isArray {
			continue
		}
		if seen[name] {
			return nil, fmt.Errorf("array %q is there twice", name)
		}
		seen[name] = true
		members = append(members, member)
	}
	if len(members) == 0 {
		return nil, errors.New("no arrays in the file")
	}
	return members, nil
}

// openZip opens a zip archive. Its errors tell a damaged archive from a file of another kind.
func openZip(r io.ReaderAt, size int64) (*zip.Reader, error) {
	if size == 0 {
		return nil, errors.New("empty file")
	}
	archive, err := zip.NewReader(r, size)
	if err == nil {
		return archive, nil
	}
	var start [2]byte
	if _, readErr := r.ReadAt(start[:], 0); readErr == nil && string(start[:]) == "PK" {
		return nil, fmt.Errorf("not a valid zip archive, truncated perhaps (%w)", err)
	}
	return nil, errors.New("not a .npz file (not a zip archive)")
}

// checkPacked refuses a member that claims more bytes than the file can hold.
func checkPacked(member *zip.File, archiveSize int64) error {
	packed := min(member.CompressedSize64, uint64(archiveSize))
	if member.UncompressedSize64 > deflateRatio*packed {
		return fmt.Errorf("size of %d bytes is impossible in this file", member.UncompressedSize64)
	}
	return nil
}
