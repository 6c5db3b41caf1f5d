package report

import (
	"bytes"
	"encoding/xml"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/noiseprobe/noiseprobe/analysis/figure"
)

func svg(t *testing.T, f figure.Figure) string {
	t.Helper()
	var b bytes.Buffer
	if err := f.WriteSVG(&b); err != nil {
		t.Fatal(err)
	}
	wellFormed(t, b.String())
	for _, word := range []string{"NaN", "Inf"} {
		if strings.Contains(b.String(), word) {
			t.Errorf("%s: the drawing contains %s", f.Name, word)
		}
	}
	return b.String()
}

func wellFormed(t *testing.T, document string) {
	t.Helper()
	for d := xml.NewDecoder(strings.NewReader(document)); ; {
		if _, err := d.Token(); err == io.EOF {
			return
		} else if err != nil {
			t.Fatal(err)
		}
	}
}

func TestFiguresAreDrawnFromTheirCSV(t *testing.T) {
	var names []string
	for _, f := range sampleFigures(sampleReport(), 1) {
		names = append(names, f.Name)
		var b bytes.Buffer
		if err := f.WriteCSV(&b); err != nil {
			t.Fatal(err)
		}
		back, err := ReadFigure(inFile(t, f.Name+".csv", b.Bytes()))
		if err != nil {
			t.Fatal(err)
		}
		if svg(t, back) != svg(t, f) {
			t.Errorf("%s: the drawing differs", f.Name)
		}
		if back.FullCaption() != f.FullCaption() {
			t.Errorf("%s: caption %q became %q", f.Name, f.FullCaption(), back.FullCaption())
		}
	}
	if !slices.Equal(names, FigureNames()) || len(looks) != len(names) {
		t.Errorf("the figures are %v, their names %v", names, FigureNames())
	}
}

func TestEmptyFiguresSayWhy(t *testing.T) {
	for _, name := range FigureNames() {
		f := newFigure(name)
		if got := svg(t, f); !strings.Contains(got, "no data: ") {
			t.Errorf("%s: the drawing does not say why it is empty", name)
		}
		if got := f.FullCaption(); !strings.Contains(got, "No data: "+looks[name].Empty) {
			t.Errorf("%s: caption %q", name, got)
		}
	}
}

func TestUnknownFiguresAreRefused(t *testing.T) {
	if _, err := ReadFigure("unknown.csv"); err == nil || !strings.Contains(err.Error(), `no figure is named "unknown"`) {
		t.Errorf("got %v", err)
	}
}

func BenchmarkWriteSVG(b *testing.B) {
	figures := sampleFigures(sampleReport(), 1)
	for b.Loop() {
		for _, f := range figures {
			f.WriteSVG(io.Discard)
		}
	}
}
