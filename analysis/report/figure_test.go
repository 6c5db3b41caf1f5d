package report

import (
	"bytes"
	"encoding/xml"
	"io"
	"math"
	"os"
	"slices"
	"strings"
	"testing"
)

func svg(t *testing.T, f Figure) string {
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
		back, err := ReadCSV(inFile(t, f.Name+".csv", b.Bytes()))
		if err != nil {
			t.Fatal(err)
		}
		if svg(t, back) != svg(t, f) {
			t.Errorf("%s: the drawing differs", f.Name)
		}
		if back.FullCaption() != f.FullCaption() || !strings.Contains(f.Caption, "What to expect: ") {
			t.Errorf("%s: caption %q became %q", f.Name, f.FullCaption(), back.FullCaption())
		}
	}
	if !slices.Equal(names, FigureNames()) || len(looks) != len(names)+1 {
		t.Errorf("the figures are %v, their names %v", names, FigureNames())
	}
}

func TestEmptyFiguresSayWhy(t *testing.T) {
	for _, name := range append(FigureNames(), "thresholds") {
		f := newFigure(name)
		if got := svg(t, f); !strings.Contains(got, "no data: ") {
			t.Errorf("%s: the drawing does not say why it is empty", name)
		}
		if got := f.FullCaption(); !strings.Contains(got, "No data: "+looks[name].empty) {
			t.Errorf("%s: caption %q", name, got)
		}
	}
}

func TestAwkwardNumbersAreDrawn(t *testing.T) {
	inf := math.Inf(1)
	columns := [][]float64{
		{}, {nan}, {inf}, {0}, {1}, {-1}, {1e300}, {1e-300}, {5e-324}, {1, 1, 1}, {-1, 0, 1}, {1e-300, 1e300}, {-1e308, 1e308}, {1e17, 1e17 + 16},
		{nan, 2, inf, -inf, 3},
	}
	for _, name := range FigureNames() {
		for _, x := range columns {
			for _, end := range []float64{0, nan, inf} {
				lo, hi := make([]float64, len(x)), make([]float64, len(x))
				for i := range x {
					lo[i], hi[i] = x[i]-end, x[i]+end
				}
				svg(t, newFigure(name, Series{Name: "a <b> & c", X: x, Y: x, Lo: lo, Hi: hi}))
				svg(t, newFigure(name, Series{Name: "a", X: x, Y: x}, Series{Name: "a" + predictedSuffix, X: x, Y: x}))
			}
		}
	}
}

func TestUndefinedPointsAreCounted(t *testing.T) {
	_, scale := NoiseAlongTraining(sampleReport())
	if got, want := scale.FullCaption(), "1 of 6 points are undefined and left out."; !strings.HasSuffix(got, want) {
		t.Errorf("caption %q, want it to end with %q", got, want)
	}
}

func TestReadCSVRefusesDamage(t *testing.T) {
	header := "series,x,y,lo,hi\n"
	for _, c := range []struct{ name, text, want string }{
		{"unknown.csv", header, `no figure is named "unknown"`},
		{"loss.csv", "", "loss.csv:1: EOF"},
		{"loss.csv", "a,b\n", "loss.csv:1: the header is"},
		{"loss.csv", header + "training,1,2\n", "loss.csv:2: got 3 fields, want 5"},
		{"loss.csv", header + "training,1,2,,\ntraining,1,x,,\n", `loss.csv:3: y is "x", want a number`},
		{"loss.csv", header + "training,1,+Inf,,\n", `loss.csv:2: y is "+Inf", want a number`},
	} {
		_, err := ReadCSV(inFile(t, c.name, []byte(c.text)))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: %v, want %s", c.text, err, c.want)
		}
	}
	if _, err := ReadCSV("no/such/loss.csv"); !os.IsNotExist(err) {
		t.Errorf("missing file: %v", err)
	}
}

func TestColumnsOfDifferentLengthsPanic(t *testing.T) {
	defer func() {
		if r := recover(); r == nil || !strings.Contains(r.(string), `series "a"`) {
			t.Errorf("recovered %v", r)
		}
	}()
	newFigure("loss", Series{Name: "a", X: []float64{1}, Y: []float64{1, 2}})
}

func TestTicks(t *testing.T) {
	for _, c := range []struct {
		low, high float64
		want      string
	}{
		{0, 600, "0 100 200 300 400 500 600"},
		{-0.1, 1.05, "0.0 0.2 0.4 0.6 0.8 1.0"},
		{0.81, 0.93, "0.82 0.84 0.86 0.88 0.90 0.92"},
	} {
		var labels []string
		for _, tick := range linearTicks(c.low, c.high) {
			labels = append(labels, tick.Label)
		}
		if got := strings.Join(labels, " "); got != c.want {
			t.Errorf("[%g, %g]: %s, want %s", c.low, c.high, got, c.want)
		}
	}
	for _, c := range []struct {
		low, high float64
		want      string
	}{
		{0.9, 120, "1 2 5 10 20 50 100"},
		{1e-4, 1e3, "1e-04 0.001 0.01 0.1 1 10 100 1000"},
		{2.1, 4.2, "3 4"},
	} {
		var labels []string
		for _, tick := range logTicks(c.low, c.high) {
			if tick.Label != "" {
				labels = append(labels, tick.Label)
			}
		}
		if got := strings.Join(labels, " "); got != c.want {
			t.Errorf("log [%g, %g]: %s, want %s", c.low, c.high, got, c.want)
		}
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
