package report

import (
	"encoding/json"
	"fmt"
	"io"
	"os"

	"github.com/noiseprobe/noiseprobe/analysis/covariance"
	"github.com/noiseprobe/noiseprobe/analysis/estimate"
	"github.com/noiseprobe/noiseprobe/analysis/shape"
)

// Write writes r as indented JSON. Undefined numbers are null, empty lists are [] and never null; a plain setting of
// the run that is not finite (alpha, learning rate, eps, seconds) is an error. r is not modified.
func Write(w io.Writer, r *Report) error {
	whole := *r
	whole.Checkpoints = mapped(r.Checkpoints, completed)
	return encode(w, whole)
}

// WriteGradients writes the report of gradients that belong to no run: one element of "checkpoints" with the names of the
// files they came from as "source".
func WriteGradients(w io.Writer, g *Gradients) error {
	return encode(w, struct {
		Source []string `json:"source"`
		Checkpoint
	}{filled(g.Source), completed(g.Checkpoint)})
}

// Read reads the report.json at path. The error names the file.
func Read(path string) (*Report, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	r := new(Report)
	if err := json.Unmarshal(data, r); err != nil {
		return nil, fmt.Errorf("%s: not a report: %w", path, err)
	}
	if r.Schema != Schema {
		return nil, fmt.Errorf("%s: schema is %q, this version reads %q", path, r.Schema, Schema)
	}
	return r, nil
}

func encode(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(v); err != nil {
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
