package dataset

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/md5"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"testing"
)

// member is a file in an archive.
type member struct {
	name string
	kind byte
	data []byte
}

func tarball(t *testing.T, members ...member) []byte {
	t.Helper()
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	w := tar.NewWriter(z)
	for _, m := range members {
		h := &tar.Header{Name: m.name, Typeflag: m.kind, Size: int64(len(m.data)), Mode: 0o644}
		if m.kind == tar.TypeSymlink {
			h.Linkname = "/etc/passwd"
		}
		if err := errors.Join(w.WriteHeader(h), second(w.Write(m.data))); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(w.Close(), z.Close()); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func second(_ int, err error) error { return err }

// tinyArchive is a set of one training and one test record of two pixels.
func tinyArchive(archive []byte) SetInfo {
	sum := md5.Sum(archive)
	return SetInfo{
		Name: "tiny", Classes: 10, Shape: [3]int{1, 1, 2}, prefix: 1,
		Files:     []FileInfo{{Name: "train.bin", Bytes: 3}, {Name: "test.bin", Bytes: 3}},
		Downloads: []Download{{Name: "tiny.tar.gz", MD5: hex.EncodeToString(sum[:])}},
	}
}

// Only the expected files come out, by their own names, whatever else an archive holds.
func TestFetchArchive(t *testing.T) {
	archive := tarball(t, member{"tiny/", tar.TypeDir, nil}, member{"tiny/readme.html", tar.TypeReg, []byte("hello")},
		member{"tiny/test.bin", tar.TypeSymlink, nil}, member{"../../train.bin", tar.TypeReg, []byte{1, 2, 3}},
		member{"../evil.bin", tar.TypeReg, []byte("evil")}, member{"/tiny/test.bin", tar.TypeReg, []byte{9, 5, 6}})
	m, opts := start(t, serve(archive, ""))
	s := tinyArchive(archive)
	opts.Dir = filepath.Join(opts.Dir, "a", "b")
	for range 2 {
		if err := s.fetch(t.Context(), opts); err != nil {
			t.Fatal(err)
		}
	}
	expectNames(t, opts.Dir, "test.bin", "train.bin")
	expectNames(t, filepath.Dir(opts.Dir), "b")
	if got, _ := os.ReadFile(filepath.Join(opts.Dir, "test.bin")); !bytes.Equal(got, []byte{9, 5, 6}) {
		t.Errorf("test.bin holds %v", got)
	}
	if n := len(m.requests()); n != 1 {
		t.Errorf("%d requests, want 1: a good set is not fetched again", n)
	}
}

func TestFetchBadArchive(t *testing.T) {
	good := []byte{1, 2, 3}
	for _, c := range []struct {
		archive []byte
		reason  string
	}{
		{tarball(t, member{"train.bin", tar.TypeReg, good}), "1 files of tiny are not in it"},
		{tarball(t, member{"train.bin", tar.TypeReg, good[:2]}), "train.bin has 2 bytes, want 3"},
		{[]byte("no archive"), "gzip"},
		{gzipped([]byte("no archive")), "tar.gz"},
	} {
		_, opts := start(t, serve(c.archive, ""))
		oneLine(t, tinyArchive(c.archive).fetch(t.Context(), opts), c.reason)
	}
	_, opts := start(t, serve([]byte("another archive"), ""))
	oneLine(t, tinyArchive(nil).fetch(t.Context(), opts), "damaged download, deleted", "md5 is")
	expectNames(t, opts.Dir)
}
