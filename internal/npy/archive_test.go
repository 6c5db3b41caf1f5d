package npy

import (
	"archive/zip"
	"bytes"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/noiseprobe/noiseprobe/internal/numtest"
)

// member is a file in an archive.
type member struct {
	name     string
	deflated bool
	data     []byte
}

func archiveOf(t testing.TB, members ...member) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, m := range members {
		method := zip.Store
		if m.deflated {
			method = zip.Deflate
		}
		out, err := w.CreateHeader(&zip.FileHeader{Name: m.name, Method: method})
		if err == nil {
			_, err = out.Write(m.data)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func readArchiveBytes(b []byte) ([]named, error) {
	f := &File{}
	if err := f.openArchive("x.npz", bytes.NewReader(b), int64(len(b))); err != nil {
		return nil, err
	}
	return readStored(f)
}

func pair(t testing.TB) []byte {
	return archiveOf(t,
		member{"w.npy", false, written(t, []int{2, 2}, []float64{1, 2, 3, 4})},
		member{"deep/", false, nil},
		member{"__MACOSX/deep/._b.npy", false, []byte("no array")},
		member{".DS_Store", false, []byte("no array")},
		member{"deep/b.npy", true, written(t, []int{2}, []float32{5, 6})})
}

func TestArchive(t *testing.T) {
	arrays, err := readArchiveBytes(pair(t))
	if err != nil {
		t.Fatal(err)
	}
	if len(arrays) != 2 || arrays[0].name != "w" || arrays[1].name != "deep/b" ||
		!slices.Equal(arrays[0].Data, []float64{1, 2, 3, 4}) || !slices.Equal(arrays[1].Data, []float64{5, 6}) {
		t.Errorf("read %+v", arrays)
	}
}

// The suffix of a member may be in capitals; the rest of its name is as it was given.
func TestSuffixInCapitals(t *testing.T) {
	arrays, err := readArchiveBytes(archiveOf(t, member{"A.NPY", false, written(t, []int{1}, []float64{7})}))
	if err != nil || len(arrays) != 1 || arrays[0].name != "A" || arrays[0].Data[0] != 7 {
		t.Errorf("%+v, %v", arrays, err)
	}
}

func TestArchivesThatAreRefused(t *testing.T) {
	one := written(t, []int{1}, []float64{1})
	zeros := archiveOf(t, member{"w.npy", true, written(t, []int{1 << 17}, make([]float64, 1<<17))})
	claims := bytes.Clone(zeros)
	// The uncompressed size stands at byte 24 of the entry in the central directory (APPNOTE 4.3.12).
	le.PutUint32(claims[bytes.Index(claims, []byte("PK\x01\x02"))+24:], 1<<31)
	method := bytes.Clone(zeros)
	method[bytes.Index(method, []byte("PK\x01\x02"))+10] = 99
	cases := []struct {
		reason string
		file   []byte
	}{
		{"empty file", nil},
		{`array "w" is there twice`, archiveOf(t, member{"w.npy", false, one}, member{"w.npy", false, one})},
		{`array "w" is there twice`, archiveOf(t, member{"w.npy", false, one}, member{"w.NPY", false, one})},
		{`member ".np" is no .npy array`, archiveOf(t, member{".np", false, one}, member{"w.npy", false, one})},
		{`array "w": 1 bytes after the data`, archiveOf(t, member{"w.npy", true, append(one, 0)})},
		{`array "w": empty file`, archiveOf(t, member{"w.npy", true, nil})},
		{`array "w": size of 2147483648 bytes is impossible`, claims},
		{`array "w": zip: unsupported compression algorithm`, method},
		{"not a .npz file (not a zip archive): it is a .npy file", one},
		{"no arrays in the file, only such as \"notes.txt\"", archiveOf(t, member{"notes.txt", false, []byte("no array")})},
		{`member "notes.txt" is no .npy array`, archiveOf(t, member{"notes.txt", false, []byte("no array")}, member{"w.npy", false, one})},
		{"torch.save): in Python, load it", archiveOf(t, member{"model/data.pkl", false, []byte("no array")})},
		{"the name of array", archiveOf(t, member{strings.Repeat("w", maxName+1) + ".npy", false, one})},
	}
	for _, c := range cases {
		path := filepath.Join(t.TempDir(), "x.npz")
		if err := os.WriteFile(path, c.file, 0o600); err != nil {
			t.Fatal(err)
		}
		numtest.Refused(t, readAny(path), path, c.reason)
	}
}

func TestEveryTruncatedArchiveIsRefused(t *testing.T) {
	good := pair(t)
	for n := range good {
		if _, err := readArchiveBytes(good[:n]); err == nil {
			t.Errorf("the first %d of %d bytes were read", n, len(good))
		}
	}
}

// Whichever single bit is wrong, all arrays come out as they were, under their names, or none of them: one in the directory at the end
// must not lose a layer.
func TestFlippedBitsNeverChangeNumbers(t *testing.T) {
	good := pair(t)
	want, err := readArchiveBytes(good)
	if err != nil {
		t.Fatal(err)
	}
	for at := range good {
		for bit := range 8 {
			bad := bytes.Clone(good)
			bad[at] ^= 1 << bit
			arrays, err := readArchiveBytes(bad)
			if err == nil && !reflect.DeepEqual(arrays, want) {
				t.Errorf("bit %d of byte %d: read %+v", bit, at, arrays)
			}
		}
	}
}

func FuzzArchive(f *testing.F) {
	paths, _ := filepath.Glob(vectors + "analyze/bad/*.npz")
	for _, path := range paths {
		b, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Add(pair(f))
	f.Add(archiveOf(f, member{"model/data.pkl", false, []byte("no array")}))
	f.Add(archiveOf(f, member{"notes.txt", true, []byte("no array")}, member{"index.npy", false, written(f, []int{2}, []float64{1, 2})}))
	f.Fuzz(func(t *testing.T, b []byte) {
		arrays, err := readArchiveBytes(b)
		if err != nil && (len(err.Error()) > 8000 || strings.ContainsFunc(err.Error(), unicode.IsControl)) || err == nil && len(arrays) == 0 {
			t.Errorf("%d arrays, error %q", len(arrays), err)
		}
	})
}
