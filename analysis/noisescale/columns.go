package noisescale

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// The columns of a log. Those of a layer have its name behind a point: small_norm_sq.dense1.
const (
	columnStep       = "step"
	columnSmallBatch = "small_batch"
	columnBigBatch   = "big_batch"
	columnSmallNorm  = "small_norm_sq"
	columnBigNorm    = "big_norm_sq"
)

var required = []string{columnStep, columnSmallBatch, columnBigBatch, columnSmallNorm, columnBigNorm}

// Columns says where the columns of a log are to be found that have other names there.
type Columns map[string]source

// source is a column of a file, to be squared or not, or a constant.
type source struct {
	name     string
	square   bool
	constant float64
	fixed    bool
}

// ParseColumns reads pairs such as small_norm_sq=grad_norm^2,big_batch=512: the name of a column of the log, and that of a column of the
// file, with ^2 where it has norms that are to be squared, or a number that holds for all rows.
func ParseColumns(text string) (Columns, error) {
	c := Columns{}
	if text == "" {
		return c, nil
	}
	for pair := range strings.SplitSeq(text, ",") {
		name, from, ok := strings.Cut(pair, "=")
		name, from = strings.TrimSpace(name), strings.TrimSpace(from)
		switch {
		case !ok || from == "":
			return nil, fmt.Errorf("%q: must be NAME=COLUMN", pair)
		case !slices.Contains(required, name) && layerOf(name) == "":
			return nil, fmt.Errorf("%q: the columns are %s, and %s.LAYER and %s.LAYER", name, strings.Join(required, ", "), columnSmallNorm, columnBigNorm)
		case c[name] != (source{}):
			return nil, fmt.Errorf("%s comes twice", name)
		}
		s := source{name: from}
		if s.constant, s.fixed = number(from); !s.fixed {
			s.name, s.square = strings.CutSuffix(from, "^2")
		}
		if s.square && !strings.Contains(name, "norm") || s.fixed && !strings.HasSuffix(name, "batch") {
			return nil, fmt.Errorf("%s=%s: only norms can be squared, and only batches be given as a number", name, from)
		}
		if s.fixed && !positive(s.constant) {
			return nil, fmt.Errorf("%s=%s: a batch size must be a positive number", name, from)
		}
		c[name] = s
	}
	return c, nil
}

func number(text string) (float64, bool) {
	v, err := strconv.ParseFloat(text, 64)
	return v, err == nil
}

// layerOf is the layer whose norms a column has, "" for other columns.
func layerOf(column string) string {
	for _, name := range []string{columnSmallNorm, columnBigNorm} {
		if layer, ok := strings.CutPrefix(column, name+"."); ok {
			return layer
		}
	}
	return ""
}

// layout is where the numbers of a row are: those of the required columns, and two for each layer.
type layout struct {
	names   []string
	sources []source
	layers  []string
}

// layoutOf finds the columns in a file that has these.
func layoutOf(c Columns, have []string) (layout, error) {
	l := layout{names: slices.Clone(required)}
	for _, name := range append(slices.Clone(have), slices.Sorted(maps.Keys(c))...) {
		if layer := layerOf(name); layer != "" && !slices.Contains(l.layers, layer) {
			l.layers = append(l.layers, layer)
		}
	}
	for _, layer := range l.layers {
		l.names = append(l.names, columnSmallNorm+"."+layer, columnBigNorm+"."+layer)
	}
	for _, name := range l.names {
		s, mapped := c[name]
		if !mapped {
			s = source{name: name}
		}
		if !s.fixed {
			switch count := countOf(have, s.name); {
			case count == 0:
				return l, &MissingColumnError{Name: name, Column: s.name, Have: have}
			case count > 1:
				return l, fmt.Errorf("%d columns are called %s", count, s.name)
			}
		}
		l.sources = append(l.sources, s)
	}
	return l, nil
}

func countOf(all []string, name string) (count int) {
	for _, v := range all {
		if v == name {
			count++
		}
	}
	return count
}

// MissingColumnError names a column that is not there, and what is.
type MissingColumnError struct {
	Name, Column string
	Have         []string
}

func (e *MissingColumnError) Error() string {
	const most = 20
	have, more := e.Have, ""
	if len(have) > most {
		have, more = have[:most], fmt.Sprintf(" and %d more", len(have)-most)
	}
	return fmt.Sprintf("no column %s; there are %s%s", e.Column, strings.Join(have, ", "), more)
}

// errBlank is that of a row without any norm, which is about something else.
var errBlank = errors.New("no norms")

// row makes a Row of the numbers of the sources and of which of them are given. It writes into layers.
func (l *layout) row(values []float64, given []bool, layers []Norms) (Row, error) {
	none := true
	for i, s := range l.sources {
		if s.fixed {
			values[i], given[i] = s.constant, true
		}
		none = none && (i < 3 || !given[i])
	}
	if none {
		return Row{}, errBlank
	}
	for i, s := range l.sources {
		switch v := values[i]; {
		case !given[i]:
			return Row{}, fmt.Errorf("%s is missing", s.name)
		case !finite(v):
			return Row{}, fmt.Errorf("%s is %v: must be a number; a row without norms is skipped", s.name, v)
		case i >= 3 && v < 0:
			return Row{}, fmt.Errorf("%s is %v: a norm is not negative", s.name, v)
		case s.square:
			values[i] = v * v
		}
	}
	if values[0] != float64(int(values[0])) {
		return Row{}, fmt.Errorf("%s is %v: must be a whole number", l.sources[0].name, values[0])
	}
	for i := range layers {
		layers[i] = Norms{values[5+2*i], values[6+2*i]}
	}
	return Row{
		Step: int(values[0]), SmallBatch: values[1], BigBatch: values[2], All: Norms{values[3], values[4]}, Layers: layers,
	}, nil
}
