package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

const badGradients = "../../testdata/vectors/analyze/bad/"

// badWords must be in the error about each file; the README beside the files has the full reasons.
var badWords = map[string]string{
	"bad_version.npy":              ".npy version 9.0 is not supported",
	"complex.npy":                  "complex dtype is not supported",
	"crc.npz":                      `array "w": zip: checksum error`,
	"empty.npy":                    "empty file",
	"empty.npz":                    "no arrays in the file",
	"empty.safetensors":            "empty file",
	"header_bad_descr.npy":         "unknown dtype <q9",
	"header_huge_shape.npy":        "is larger than the file",
	"header_negative_shape.npy":    "negative dimension in shape",
	"header_no_shape.npy":          "header has no shape",
	"header_not_a_dict.npy":        "malformed header",
	"header_not_json.safetensors":  "header is not valid JSON",
	"header_overflow.safetensors":  "header length is larger than the file",
	"header_too_long.npy":          "file ends inside the header",
	"header_too_long.safetensors":  "header length is larger than the file",
	"inf.npy":                      "infinite value at row 1, column 3",
	"inf.safetensors":              "layer w: infinite value at row 1, column 3",
	"magic_only.npy":               "file ends inside the header",
	"nan.npy":                      "NaN at row 4, column 1",
	"nan.npz":                      "layer b: NaN at row 4, column 1",
	"no_npy_member.npz":            "no arrays in the file",
	"no_tensors.safetensors":       "no tensors in the file",
	"not_a_zip.npz":                "not a .npz file (not a zip archive)",
	"offsets_overlap.safetensors":  `tensors "w" and "b" overlap`,
	"offsets_reversed.safetensors": `tensor "w": data_offsets end before they begin`,
	"one_row.npy":                  "one sample: a covariance needs at least 2",
	"one_row.npz":                  "one sample: a covariance needs at least 2",
	"one_row.safetensors":          "one sample: a covariance needs at least 2",
	"pickled_object.npy":           "object array: pickled data is refused",
	"pickled_object.npz":           `array "w": object array: pickled data is refused`,
	"raw_pickle.npy":               "not a .npy file (bad magic)",
	"scalar.npy":                   "no sample axis (shape [])",
	"scalar.safetensors":           "layer w: no sample axis (shape [])",
	"shape_mismatch.safetensors":   "needs 120 bytes, data_offsets give 96",
	"string.npy":                   "string dtype is not supported",
	"structured.npy":               "structured dtype is not supported",
	"text.npy":                     "not a .npy file (bad magic)",
	"truncated.npz":                "not a valid zip archive",
	"truncated_data.npy":           "file ends inside the data: 181 bytes, need 192",
	"truncated_data.safetensors":   `file ends inside the data of "w"`,
	"truncated_header.npy":         "file ends inside the header",
	"truncated_member.npz":         `array "w": file ends inside the data`,
	"unequal_rows.npz":             "layer b: has 5 samples, but",
	"unequal_rows.safetensors":     "layer b: has 4 samples, but",
	"unknown_dtype.safetensors":    `tensor "w": unknown dtype "F31"`,
	"wrong_magic.npy":              "not a .npy file (bad magic)",
	"wrong_suffix.safetensors":     "not a safetensors file (it is a .npy file)",
	"zero_columns.npy":             "no parameters (shape [6 0])",
	"zero_rows.npy":                "no samples (shape [0 4])",
	"zero_rows.safetensors":        "layer w: no samples (shape [0 4])",
}

// badButRead are files that may be refused or read right; experiment holds their numbers against expected.json.
var badButRead = map[string]bool{"big_endian.npy": true}

// TestEveryBadFileIsRefused runs the program on all files of the folder, all of which must be known here.
func TestEveryBadFileIsRefused(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(badGradients + "expected.json")
	var expected struct{ Files []struct{ File string } }
	if err == nil {
		err = json.Unmarshal(text, &expected)
	}
	if err != nil {
		t.Fatal(err)
	}
	paths, _ := filepath.Glob(badGradients + "*.[ns]*")
	if len(paths) != len(expected.Files) || len(paths) != len(badWords)+len(badButRead) {
		t.Errorf("%d files, %d of them expected, %d known", len(paths), len(expected.Files), len(badWords)+len(badButRead))
	}
	for _, f := range expected.Files {
		name := filepath.Base(f.File)
		if badButRead[name] {
			continue
		}
		for _, flags := range [][]string{nil, {"-json"}} {
			checkRefused(t, badGradients+name, badWords[name], flags)
		}
	}
}

func checkRefused(t *testing.T, path, words string, flags []string) {
	t.Helper()
	p := exec.Command("noiseprobe", append([]string{"analyze", path}, flags...)...)
	var stdout, stderr bytes.Buffer
	p.Stdout, p.Stderr = &stdout, &stderr
	err := p.Run()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != statusFailed {
		t.Errorf("%s: %v, want status 1", path, err)
	}
	said := stderr.String()
	if stdout.Len() > 0 || strings.Count(said, "\n") != 1 || !refusal.MatchString(said) {
		t.Errorf("%s: printed %q and %q", path, stdout.String(), said)
	}
	if !strings.Contains(said, path+": ") || words == "" || !strings.Contains(said, words) {
		t.Errorf("%s: said %q, want %q", path, said, words)
	}
}
