package npy

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"

	"github.com/noiseprobe/noiseprobe/internal/filekind"
)

const (
	// deflateRatio is the largest compression ratio of deflate: 258 bytes from 2 bits.
	deflateRatio = 1032

	// maxName bounds the name of an array, which stands in errors and reports.
	maxName = 512
)

// arrayMembers returns the members of an archive that are arrays. What operating systems add to archives is passed over; any other
// member that is no array is an error, for it may be one whose name is damaged.
func arrayMembers(r io.ReaderAt, size int64) (members []*zip.File, err error) {
	archive, err := openZip(r, size)
	if err != nil {
		return nil, err
	}
	if err := checkLayout(r, archive.File); err != nil {
		return nil, err
	}
	seen, foreign := map[string]bool{}, ""
	for _, member := range archive.File {
		name, isArray := arrayName(member.Name)
		switch {
		case isJunk(member.Name):
			continue
		case !isArray:
			foreign = member.Name
			continue
		case len(name) > maxName:
			return nil, fmt.Errorf("the name of array %.40q... has %d bytes, at most %d are read", name, len(name), maxName)
		case seen[name]:
			return nil, fmt.Errorf("array %q is there twice", name)
		}
		seen[name] = true
		members = append(members, member)
	}
	switch {
	case len(members) == 0 && foreign != "":
		return nil, fmt.Errorf("no arrays in the file, only such as %.60q", foreign)
	case len(members) == 0:
		return nil, errors.New("no arrays in the file")
	case foreign != "":
		return nil, fmt.Errorf("member %.60q is no .npy array", foreign)
	}
	return members, nil
}

// arrayName is the name of a member without its suffix, which may be in capitals.
func arrayName(member string) (name string, isArray bool) {
	const suffix = ".npy"
	at := max(0, len(member)-len(suffix))
	return member[:at], strings.EqualFold(member[at:], suffix)
}

// isJunk tells what comes into an archive with the files that were meant: folders, and what systems keep beside files.
func isJunk(name string) bool {
	base := path.Base(name)
	switch base {
	case ".DS_Store", "Thumbs.db", "desktop.ini":
		return true
	}
	return strings.HasSuffix(name, "/") || strings.HasPrefix(name, "__MACOSX/") || strings.HasPrefix(base, "._")
}

// openZip opens a zip archive. Its errors tell a damaged archive from a file of another kind.
func openZip(r io.ReaderAt, size int64) (*zip.Reader, error) {
	if size == 0 {
		return nil, errors.New("empty file")
	}
	kind := filekind.At(r)
	archive, err := zip.NewReader(r, size)
	switch {
	case err == nil && (kind == filekind.Archive || kind.Name == ""):
		return archive, nil
	case size > 2 && kind != filekind.Archive && signatureAt(r, 0) == localSignature:
		return nil, errors.New(kind.Instead("not a .npz file"))
	case kind == filekind.Archive:
		return nil, fmt.Errorf("not a valid zip archive, truncated perhaps (%w)", err)
	}
	return nil, errors.New(kind.Instead("not a .npz file (not a zip archive)"))
}

// checkPacked refuses a member that claims more bytes than the file can hold.
func checkPacked(member *zip.File, archiveSize int64) error {
	packed := min(member.CompressedSize64, uint64(archiveSize))
	if member.UncompressedSize64 > deflateRatio*packed {
		return fmt.Errorf("size of %d bytes is impossible in this file", member.UncompressedSize64)
	}
	return nil
}
