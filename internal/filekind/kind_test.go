package filekind

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestKinds(t *testing.T) {
	for start, want := range map[string]string{
		"\x93NUMPY\x01\x00": "a .npy file",
		"PK\x03\x04" + strings.Repeat("\x00", 26) + "w.npy":            "a zip archive, as .npz is",
		"PK\x03\x04" + strings.Repeat("\x00", 26) + "archive/data.pkl": "a file of torch.save",
		"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19.":                     "a file of torch.save",
		"\x80\x04\x95\xce":                                    "a Python pickle",
		"\x08\x00\x00\x00\x00\x00\x00\x00{      ":             "a .safetensors file",
		"version https://git-lfs.github.com/spec/v1\n":        "a Git LFS pointer",
		`{"metadata": {"total_size": 672}, "weight_map": {}}`: "the index of tensors",
		"\x1f\x8b\x08":     "compressed by gzip",
		"\xfd7zXZ\x00":     "compressed by xz",
		"\xff\xfe1\x00":    "text in UTF-16",
		"1\x00.\x005\x00":  "text in UTF-16",
		"\x001\x00\n":      "text in UTF-16",
		"\x00\x00\x08\x03": "", // IDX
		"1\x00":            "",
		"<!DOCTYPE html>":  "a web page",
		"1.5\n2.5\n":       "",
		"":                 "",
		"{\"a\": 1}":       "",
	} {
		if got := Of([]byte(start)).Name; !strings.HasPrefix(got, want) || want == "" && got != "" {
			t.Errorf("%q: %q, want %q", start, got, want)
		}
	}
}

func TestInstead(t *testing.T) {
	zipped := Of([]byte("\x1f\x8b"))
	for got, want := range map[string]string{
		(Kind{}).Instead("not a .npy file (bad magic)"): "not a .npy file (bad magic)",
		zipped.Instead("not a .npy file (bad magic)"):   "not a .npy file (bad magic): it is compressed by gzip: gunzip unpacks it",
		zipped.Instead("not text"):                      "not text (it is compressed by gzip): gunzip unpacks it",
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestOnlyRegularFilesAreOpened(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "x")
	if err := os.WriteFile(path, []byte("abc"), 0o600); err != nil {
		t.Fatal(err)
	}
	file, size, err := Open(path)
	if err != nil || size != 3 {
		t.Fatalf("%d bytes, %v", size, err)
	}
	file.Close()
	for path, want := range map[string]string{dir: "a directory", os.DevNull: "a device", path + "y": "no such file"} {
		if _, _, err := Open(path); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: %v", path, err)
		}
	}
}
