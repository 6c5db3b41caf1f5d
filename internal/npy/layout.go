package npy

import (
	"archive/zip"
	"cmp"
	"errors"
	"io"
	"slices"
)

// Signatures and lengths of a zip archive (APPNOTE 4.3.7 and 4.3.12).
const (
	localSignature     = "PK\x03\x04"
	directorySignature = "PK\x01\x02"
	localLength        = 30 // of a local header before the name
)

var errDirectory = errors.New("the directory of the archive and the members in it disagree: the file is damaged")

// checkLayout compares the directory of an archive, which stands at its end, with the header before every member: they must have the
// same names, and the members follow each other from the first byte to the directory, none left out.
func checkLayout(r io.ReaderAt, members []*zip.File) error {
	type place struct {
		*zip.File
		data int64
	}
	var places []place
	for _, m := range members {
		data, err := m.DataOffset()
		if err != nil {
			return errDirectory
		}
		places = append(places, place{m, data})
	}
	slices.SortFunc(places, func(a, b place) int { return cmp.Compare(a.data, b.data) })
	at := int64(0)
	for _, p := range places {
		if data, name := localHeader(r, at); data != p.data || name != p.Name {
			return errDirectory
		}
		next, ok := afterData(r, p.data+int64(p.CompressedSize64), p.Flags)
		if !ok {
			return errDirectory
		}
		at = next
	}
	if len(places) > 0 && signatureAt(r, at) != directorySignature {
		return errDirectory
	}
	return nil
}

// localHeader returns where the data of the member begin whose header is at a place, and its name; 0 if there is no header.
func localHeader(r io.ReaderAt, at int64) (data int64, name string) {
	var fixed [localLength]byte
	if _, err := r.ReadAt(fixed[:], at); err != nil || string(fixed[:4]) != localSignature {
		return 0, ""
	}
	text := make([]byte, le.Uint16(fixed[26:]))
	if _, err := r.ReadAt(text, at+localLength); err != nil {
		return 0, ""
	}
	return at + localLength + int64(len(text)) + int64(le.Uint16(fixed[28:])), string(text)
}

// afterData is the end of a member whose data end at a place. A member that was written to a stream has its sizes and checksum after
// the data, in 12 to 24 bytes (APPNOTE 4.3.9).
func afterData(r io.ReaderAt, at int64, flags uint16) (next int64, ok bool) {
	lengths := []int64{0}
	if flags&8 != 0 {
		lengths = []int64{16, 24, 12, 20, 0}
	}
	for _, length := range lengths {
		if s := signatureAt(r, at+length); s == localSignature || s == directorySignature {
			return at + length, true
		}
	}
	return 0, false
}

func signatureAt(r io.ReaderAt, at int64) string {
	var b [4]byte
	if _, err := r.ReadAt(b[:], at); err != nil {
		return ""
	}
	return string(b[:])
}
