package report

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"

	"github.com/noiseprobe/noiseprobe/internal/atomicfile"
	"github.com/noiseprobe/noiseprobe/internal/jsonfile"
)

// Write writes r as indented JSON. Undefined numbers are null, empty lists are [] and never null; a plain setting of
// the run that is not finite (alpha, learning rate, eps, seconds) is an error. The document ends with its checksum. r is not modified.
func Write(w io.Writer, r *Report) error {
	whole := filled(*r)
	whole.Checksummed = true
	var text bytes.Buffer
	if err := encode(&text, whole); err != nil {
		return err
	}
	_, err := w.Write(jsonfile.Seal(text.Bytes()))
	return err
}

// MarshalJSON writes null for a run that is not known, which has no model.
func (r Run) MarshalJSON() ([]byte, error) {
	type plain Run
	return orNull(plain(r), r.Model != "")
}

// MarshalJSON writes null for a training that is not known, which has not stopped.
func (t Training) MarshalJSON() ([]byte, error) {
	type plain Training
	return orNull(plain(t), t.Stopped != "")
}

func orNull(v any, known bool) ([]byte, error) {
	if !known {
		return []byte("null"), nil
	}
	return json.Marshal(v)
}

// WriteGradients writes one checkpoint of gradients that belong to no run: one element of "checkpoints" with the names of the
// files they came from as "source".
func WriteGradients(w io.Writer, a *Analysis, c Checkpoint) error {
	return encode(w, filled(struct {
		Source []string `json:"source"`
		Checkpoint
	}{a.Source, c}))
}

// Read reads the report.json at path. The error names the file, also where the document has changed since it was written.
func Read(path string) (*Report, error) {
	text, err := atomicfile.Read(path, jsonfile.Most)
	if err != nil {
		return nil, err
	}
	r, err := parse(text)
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		err = fmt.Errorf("not a report: %w", err)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if r.Analysis != nil {
		r.Run, r.Training = r.Analysis.run(), unknownTraining(r.Checkpoints)
	}
	return r, nil
}

func parse(text []byte) (*Report, error) {
	r := new(Report)
	_, err := jsonfile.Decode(text, Schema, r)
	return r, err
}

func encode(w io.Writer, v any) error {
	if err := jsonfile.Encode(w, v); err != nil {
		return fmt.Errorf("report: %w", err)
	}
	return nil
}

// filled is v with empty lists and objects in place of nil ones, at any depth: readers in other languages then need no special case.
func filled[T any](v T) T {
	fill(reflect.ValueOf(&v).Elem())
	return v
}

// fill is [filled] in place. What v refers to is copied first, and does not change.
func fill(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			own := reflect.New(v.Type().Elem())
			own.Elem().Set(v.Elem())
			fill(own.Elem())
			v.Set(own)
		}
	case reflect.Slice:
		own := reflect.MakeSlice(v.Type(), v.Len(), v.Len())
		reflect.Copy(own, v)
		for i := range own.Len() {
			fill(own.Index(i))
		}
		v.Set(own)
	case reflect.Map: // whose elements hold no lists
		if v.IsNil() {
			v.Set(reflect.MakeMap(v.Type()))
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if field := v.Field(i); field.CanSet() {
				fill(field)
			}
		}
	}
}
