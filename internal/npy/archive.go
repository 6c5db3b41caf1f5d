package npy

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
)

// deflateRatio is the most that deflate can shrink data: 258 bytes from 2 bits.
const deflateRatio = 1032

// ReadArchive reads every .npy member of an .npz file, stored or deflated, in the order of the archive, as Read does.
// The checksum of each is checked. Other members are ignored; two of one name or none at all are errors.
func ReadArchive[T Number](path string) ([]Array[T], error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	arrays, err := readArchiveFile[T](file)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return arrays, nil
}

func readArchiveFile[T Number](file *os.File) ([]Array[T], error) {
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, errors.New("not a regular file")
	}
	return readArchive[T](file, info.Size())
}

func readArchive[T Number](r io.ReaderAt, size int64) ([]Array[T], error) {
	members, err := arrayMembers(r, size)
	if err != nil {
		return nil, err
	}
	var arrays []Array[T]
	for _, member := range members {
		name := strings.TrimSuffix(member.Name, ".npy")
		a, err := readMember[T](member, size)
		if err != nil {
			return nil, fmt.Errorf("array %q: %w", name, err)
		}
		a.Name = name
		arrays = append(arrays, *a)
	}
	return arrays, nil
}

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

// openZip tells a zip archive that is damaged from a file that never was one.
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

// readMember reads one array to its end, where archive/zip compares the checksum.
func readMember[T Number](member *zip.File, archiveSize int64) (*Array[T], error) {
	if err := checkPacked(member, archiveSize); err != nil {
		return nil, err
	}
	r, err := member.Open()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	a, err := readArray[T](r, int64(member.UncompressedSize64))
	if err != nil {
		return nil, err
	}
	if _, err := io.ReadFull(r, make([]byte, 1)); err != io.EOF {
		return nil, fmt.Errorf("damaged after the data (%w)", err)
	}
	return a, nil
}

// checkPacked refuses a member that claims more bytes than the file can hold.
func checkPacked(member *zip.File, archiveSize int64) error {
	packed := min(member.CompressedSize64, uint64(archiveSize))
	if member.UncompressedSize64 > deflateRatio*packed {
		return fmt.Errorf("size of %d bytes is impossible in this file", member.UncompressedSize64)
	}
	return nil
}
