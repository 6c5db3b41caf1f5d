// Package jsonfile reads and writes the JSON documents that are records: run.json, report.json, sweep.json.
//
// A record is an object that begins with its schema. It says "checksummed": true, and then its last key is "checksum". Both have to be
// changed to read a changed record, and a name or a value that was changed by accident, one of these two or any other, is an error. A
// document that says nothing of a checksum was written by an earlier version; of such a one the names of the keys are checked. Start with
// [Read] and [Write].
package jsonfile

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"

	"github.com/noiseprobe/noiseprobe/internal/atomicfile"
	"github.com/noiseprobe/noiseprobe/internal/filekind"
)

// Most is the size of a text file of a run above which it is damaged or something else, in bytes.
const Most = 256 << 20

// Write replaces the file at path by v as indented JSON with its checksum. v must have the field of "checksummed" set.
func Write(path string, v any) error {
	text, err := Text(v)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return atomicfile.WriteBytes(path, text)
}

// Text is what [Write] writes.
func Text(v any) ([]byte, error) {
	text, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return nil, err
	}
	return Seal(text), nil
}

// Encode writes v as indented JSON, without a checksum, and with <, > and & as they are.
func Encode(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(v)
}

// Read reads the record at path into v, and returns its checksum, empty where it is of a version that wrote none. A key that v does not
// know, and one that the record lacks although v always writes it, are errors.
func Read(path, schema string, v any) (sum string, err error) {
	text, err := atomicfile.Read(path, Most)
	if err != nil {
		return "", err
	}
	if sum, err = Parse(text, schema, v); err != nil {
		return "", fmt.Errorf("%s: %w", path, err)
	}
	return sum, nil
}

// Parse is [Read] for the text of a record.
func Parse(text []byte, schema string, v any) (sum string, err error) {
	if sum, err = Decode(text, schema, v); err != nil {
		return "", err
	}
	return sum, complete(text, v)
}

// Decode reads the text of a record. Keys may be missing, such as those that earlier versions did not know.
func Decode(text []byte, schema string, v any) (sum string, err error) {
	text, sum, err = open(text)
	if err != nil {
		return "", err
	}
	var head struct {
		Schema      string `json:"schema"`
		Checksummed bool   `json:"checksummed"`
	}
	if err := json.Unmarshal(text, &head); err != nil {
		return "", plain(err)
	}
	switch has := sum != ""; {
	case head.Schema != schema:
		return "", fmt.Errorf("schema is %q, this version reads %q", head.Schema, schema)
	case head.Checksummed && !has:
		return "", errors.New("is damaged: its checksum is missing")
	case has && sum != checksum(text):
		return "", errors.New("was changed after it was written, or is damaged: its checksum is that of another text")
	case has && !head.Checksummed:
		return "", errors.New("is damaged: it has a checksum and does not say so")
	}
	return sum, Strict(text, v)
}

// Schema is the schema of a document, empty where there is none.
func Schema(path string) string {
	text, err := atomicfile.Read(path, Most)
	if err != nil {
		return ""
	}
	var head struct {
		Schema string `json:"schema"`
	}
	if json.Unmarshal(filekind.Text(text), &head) != nil {
		return ""
	}
	return head.Schema
}

// Strict is [json.Unmarshal] without keys that v does not know.
func Strict(text []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return plain(err)
	}
	if _, err := d.Token(); err != io.EOF {
		return errors.New("text after the end of the object")
	}
	return nil
}

const (
	opening = `,"checksum":"sha256:`
	closing = `"}`
	digits  = 2 * sha256.Size
)

// Seal ends the text of an object with its checksum.
func Seal(text []byte) []byte {
	var compact bytes.Buffer
	if err := json.Compact(&compact, text); err != nil {
		panic("jsonfile: " + err.Error())
	}
	text = bytes.TrimRight(bytes.TrimSuffix(bytes.TrimRight(text, "\n"), []byte("}")), "\n")
	return fmt.Appendf(text, ",\n  \"checksum\": %q\n}\n", checksum(compact.Bytes()))
}

// open takes the checksum off a text, without blanks.
func open(text []byte) (rest []byte, sum string, err error) {
	var compact bytes.Buffer
	if err := json.Compact(&compact, filekind.Text(text)); err != nil {
		return nil, "", plain(err)
	}
	rest = compact.Bytes()
	at := len(rest) - len(opening) - digits - len(closing)
	if at < 0 || !bytes.HasPrefix(rest[at:], []byte(opening)) || !bytes.HasSuffix(rest, []byte(closing)) {
		return rest, "", nil
	}
	sum = string(rest[at+len(`,"checksum":"`) : len(rest)-len(closing)])
	return append(rest[:at:at], '}'), sum, nil
}

// duration is a time in a document without blanks. Times are no results: what two runs with the same settings write differs in nothing
// else.
var duration = regexp.MustCompile(`"seconds":[-+.0-9eE]+`)

// checksum is that of a text without blanks, times left out.
func checksum(compact []byte) string {
	sum := sha256.Sum256(duration.ReplaceAll(compact, []byte(`"seconds":0`)))
	return "sha256:" + hex.EncodeToString(sum[:])
}

// plain is an error in the words of someone who wrote no program.
func plain(err error) error {
	if key, ok := strings.CutPrefix(err.Error(), "json: unknown field "); ok {
		return fmt.Errorf("unknown key %s", key)
	}
	return err
}
