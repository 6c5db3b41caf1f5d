package jsonfile

import (
	"bytes"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

const schema = "test/1"

type part struct {
	Weight float64 `json:"weight"`
}

type record struct {
	Schema      string  `json:"schema"`
	Checksummed bool    `json:"checksummed,omitempty"`
	Alpha       float64 `json:"alpha"`
	Later       int     `json:"later,omitempty"`
	Parts       []part  `json:"parts"`
	Data        struct {
		Checksum string  `json:"checksum"`
		Seconds  float64 `json:"seconds"`
	} `json:"data"`
}

func sample() record {
	r := record{Schema: schema, Checksummed: true, Alpha: 1.5, Parts: []part{{2}, {3}}}
	r.Data.Checksum, r.Data.Seconds = "abc", 1.25
	return r
}

func written(t *testing.T, r record) (path string, text []byte) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "record.json")
	if err := Write(path, r); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return path, text
}

func rewrite(t *testing.T, path string, text []byte) {
	t.Helper()
	if err := os.WriteFile(path, text, 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestRoundTrip(t *testing.T) {
	path, text := written(t, sample())
	var back record
	sum, err := Read(path, schema, &back)
	if err != nil || !reflect.DeepEqual(back, sample()) {
		t.Fatalf("%+v, %v", back, err)
	}
	if !bytes.Contains(text, []byte(",\n  \"checksum\": \""+sum+"\"\n}\n")) || !bytes.HasSuffix(text, []byte("\"\n}\n")) {
		t.Errorf("the text ends in %q", text[len(text)-100:])
	}
	// As editors on Windows leave it.
	rewrite(t, path, append([]byte("\xef\xbb\xbf"), bytes.ReplaceAll(text, []byte("\n"), []byte("\r\n"))...))
	if again, err := Read(path, schema, &back); err != nil || again != sum {
		t.Errorf("with a byte order mark and CRLF: %q, %v", again, err)
	}
}

// TestTimesAreNoResults: two records that differ in a time alone have one checksum.
func TestTimesAreNoResults(t *testing.T) {
	r := sample()
	one, _ := written(t, r)
	r.Data.Seconds = 3e-7
	two, _ := written(t, r)
	first, err := Read(one, schema, &r)
	if err != nil {
		t.Fatal(err)
	}
	if second, err := Read(two, schema, &r); err != nil || first != second {
		t.Errorf("%q and %q, %v", first, second, err)
	}
}

// TestEveryBitMatters flips every bit of a record. Where it can still be read, it says the same, but for the time.
func TestEveryBitMatters(t *testing.T) {
	_, text := written(t, sample())
	for i := range text {
		for bit := range 8 {
			mutant := bytes.Clone(text)
			mutant[i] ^= 1 << bit
			var back record
			if _, err := Decode(mutant, schema, &back); err != nil {
				continue
			}
			back.Data.Seconds = sample().Data.Seconds
			if !reflect.DeepEqual(back, sample()) {
				t.Errorf("byte %d, bit %d: read as %+v", i, bit, back)
			}
		}
	}
}

// TestEveryLineMatters removes every line, two lines, and every key.
func TestEveryLineMatters(t *testing.T) {
	path, text := written(t, sample())
	lines := strings.SplitAfter(strings.TrimSuffix(string(text), "\n"), "\n")
	for count := 1; count <= 2; count++ {
		for i := range len(lines) - count + 1 {
			rewrite(t, path, []byte(strings.Join(append(append([]string{}, lines[:i]...), lines[i+count:]...), "")))
			var back record
			if _, err := Read(path, schema, &back); err == nil {
				t.Errorf("without %d lines from line %d it is read", count, i+1)
			}
		}
	}
}

func TestRefused(t *testing.T) {
	_, text := written(t, sample())
	old := `{"schema": "test/1", "alpha": 2, "parts": [{"weight": 1}], "data": {"checksum": "", "seconds": 1}}`
	cases := map[string]struct{ from, to, want string }{
		"unknown key":      {`"alpha"`, `"alphb"`, `unknown key "alphb"`},
		"missing":          {`"alpha": 2, `, ``, "has no alpha"},
		"missing in a row": {`"weight": 1`, ``, "has no parts[0].weight"},
		"null":             {`"alpha": 2`, `"alpha": null`, "has no alpha"},
		"another case":     {`"alpha"`, `"Alpha"`, "has no alpha"},
		"schema":           {`test/1`, `test/2`, `schema is "test/2", this version reads "test/1"`},
		"says it has one":  {`"alpha"`, `"checksummed": true, "alpha"`, "its checksum is missing"},
		"text after it":    {`}}`, `}}{}`, "invalid character"},
	}
	for name, c := range cases {
		path := filepath.Join(t.TempDir(), "record.json")
		rewrite(t, path, []byte(strings.Replace(old, c.from, c.to, 1)))
		if _, err := Read(path, schema, new(record)); err == nil || !strings.HasPrefix(err.Error(), path+": ") || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
	for _, without := range []string{`  "checksummed": true,` + "\n"} {
		if _, err := Decode(bytes.Replace(text, []byte(without), nil, 1), schema, new(record)); err == nil {
			t.Errorf("read without %q", without)
		}
	}
}

// TestEarlierVersion: a record without a checksum that does not claim one is of an earlier version, and may lack what came later.
func TestEarlierVersion(t *testing.T) {
	path := filepath.Join(t.TempDir(), "record.json")
	rewrite(t, path, []byte(`{"schema": "test/1", "alpha": 2, "parts": null, "data": {"checksum": "", "seconds": 1}}`))
	var r record
	if sum, err := Read(path, schema, &r); sum != "" || err != nil || r.Alpha != 2 {
		t.Errorf("%q, %v, %+v", sum, err, r)
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(`{"schema": "test/1", "alpha": 2, "parts": [], "data": {"checksum": "", "seconds": 1}}`))
	f.Add(Seal([]byte("{\n  \"schema\": \"test/1\",\n  \"checksummed\": true\n}\n")))
	f.Fuzz(func(t *testing.T, text []byte) {
		var r record
		sum, err := Decode(text, schema, &r)
		if err == nil && r.Checksummed != (sum != "") {
			t.Errorf("checksum %q of %q", sum, text)
		}
	})
}
