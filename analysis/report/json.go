package report

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/noiseprobe/noiseprobe/analysis/covariance"
	"github.com/noiseprobe/noiseprobe/analysis/estimate"
	"github.com/noiseprobe/noiseprobe/analysis/shape"
	"github.com/noiseprobe/noiseprobe/internal/atomicfile"
	"github.com/noiseprobe/noiseprobe/internal/jsonfile"
)

// Write writes r as indented JSON. Undefined numbers are null, empty lists are [] and never null; a plain setting of
// the run that is not finite (alpha, learning rate, eps, seconds) is an error. The document ends with its checksum. r is not modified.
func Write(w io.Writer, r *Report) error {
	whole := *r
	whole.Checksummed = true
	whole.Checkpoints, whole.Files = mapped(r.Checkpoints, completed), filled(r.Files)
	whole.Run.Data.Unofficial = filled(r.Run.Data.Unofficial)
	if r.Analysis != nil {
		a := *r.Analysis
		a.Source = filled(a.Source)
		whole.Analysis = &a
	}
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
	return encode(w, struct {
		Source []string `json:"source"`
		Checkpoint
	}{filled(a.Source), completed(c)})
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

// completed is c with empty lists where it has nil ones: readers in other languages then need no special case.
func completed(c Checkpoint) Checkpoint {
	if c.Covariance != nil {
		v := completedCovariance(*c.Covariance)
		c.Covariance = &v
	}
	if c.Overlap != nil {
		v := *c.Overlap
		v.Subspaces = filled(v.Subspaces)
		c.Overlap = &v
	}
	if c.Curvature != nil {
		v := *c.Curvature
		v.Eigenvalues, v.Eigenbasis, v.Layers = filled(v.Eigenvalues), filled(v.Eigenbasis), filled(v.Layers)
		c.Curvature = &v
	}
	c.NoiseCorrelation = filled(c.NoiseCorrelation)
	c.Enhancement = filled(c.Enhancement)
	c.EffectiveBatch = filled(c.EffectiveBatch)
	c.Matched = filled(c.Matched)
	c.ScaleExponent = filled(c.ScaleExponent)
	c.Summaries = filled(c.Summaries)
	c.Normality = mapped(c.Normality, func(n shape.Normality) shape.Normality {
		n.Tests = filled(n.Tests)
		return n
	})
	c.Tails = mapped(c.Tails, func(t shape.Tail) shape.Tail {
		t.Estimates, t.Surrogate, t.Stable = filled(t.Estimates), filled(t.Surrogate), filled(t.Stable)
		return t
	})
	if c.PopulationNorms != nil {
		v := *c.PopulationNorms
		v.Tails = filled(v.Tails)
		c.PopulationNorms = &v
	}
	if c.Shape != nil {
		v := *c.Shape
		v.Rows, v.Directions, v.Tests = filled(v.Rows), filled(v.Directions), filled(v.Tests)
		c.Shape = &v
	}
	c.Warnings = filled(c.Warnings)
	return c
}

func completedCovariance(v covariance.Covariance) covariance.Covariance {
	v.Eigenvalues, v.EigenvaluesCI, v.Layers, v.ByN = filled(v.Eigenvalues), filled(v.EigenvaluesCI), filled(v.Layers), filled(v.ByN)
	if v.Extrapolated == nil {
		v.Extrapolated = map[string]*covariance.Extrapolation{}
	}
	if v.CI == nil {
		v.CI = map[string]estimate.Interval{}
	}
	return v
}

func filled[T any](s []T) []T {
	if s == nil {
		return []T{}
	}
	return s
}

// mapped applies f to every element. It returns a new slice, never nil.
func mapped[S, T any](s []S, f func(S) T) []T {
	out := make([]T, len(s))
	for i, v := range s {
		out[i] = f(v)
	}
	return out
}
