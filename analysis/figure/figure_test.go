package figure

import (
	"bytes"
	"encoding/xml"
	"io"
	"math"
	"os"
	"path/filepath"
	"reflect"
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

func TestTicks(t *testing.T) {
	for _, c := range []struct {
		low, high float64
		want      string
	}{
		{0, 600, "0 100 200 300 400 500 600"},
		{-0.1, 1.05, "0.0 0.2 0.4 0.6 0.8 1.0"},
		{0, 2e6, "0 5e+05 1e+06 1.5e+06 2e+06"},
		{0.81, 0.93, "0.82 0.84 0.86 0.88 0.90 0.92"},
	} {
		var labels []string
		for _, tick := range (ticks{room: 16}).linear(c.low, c.high) {
			labels = append(labels, tick.Label)
		}
		if got := strings.Join(labels, " "); got != c.want {
			t.Errorf("[%g, %g]: %s, want %s", c.low, c.high, got, c.want)
		}
	}
	if narrow := (ticks{room: 3.8}).linear(19, 20.8); len(narrow) > 4 {
		t.Errorf("%d ticks where 4 have room", len(narrow))
	}
	for _, c := range []struct {
		low, high float64
		want      string
	}{
		{0.9, 120, "1 2 5 10 20 50 100"},
		{1e-4, 1e3, "10^-4 10^-3 10^-2 10^-1 1 10 10^2 10^3"},
		{2.1, 4.2, "2.5 3.0 3.5 4.0"},
		{25, 210, "30 50 70 100 200"},
	} {
		var labels []string
		for _, tick := range (ticks{room: 16}).log(c.low, c.high) {
			if tick.Label != "" {
				labels = append(labels, tick.Label)
			}
		}
		if got := strings.Join(labels, " "); got != c.want {
			t.Errorf("log [%g, %g]: %s, want %s", c.low, c.high, got, c.want)
		}
	}
}

// awkward has a figure of every kind of axis and series.
func awkward(series ...Series) []Figure {
	var all []Figure
	for kind := Line; kind <= Faint; kind++ {
		for _, f := range []Figure{{}, {LogX: true}, {LogY: true, ZeroY: true}, {LogX: true, LogY: true}, {Categories: []string{"a", "b", "c"}, ZeroY: true}} {
			f.Name, f.Title, f.Caption, f.Empty = "awkward", "Title", "Caption.", "nothing was measured"
			f.Series = slices.Clone(series)
			for i := range f.Series {
				f.Series[i].Kind, f.Series[i].Soft = kind, i == 1
			}
			all = append(all, f)
		}
	}
	return all
}

// TestSinglePointsAreSeen: a line through one point has no length.
func TestSinglePointsAreSeen(t *testing.T) {
	drawn := func(kind Kind, n int) int {
		f := Figure{Name: "f", Series: []Series{{Name: "s", Kind: kind, X: []float64{1, 2}[:n], Y: []float64{1, 2}[:n]}}}
		var b bytes.Buffer
		if err := f.WriteSVG(&b); err != nil {
			t.Fatal(err)
		}
		return strings.Count(b.String(), "fill:#0072B2")
	}
	for _, kind := range []Kind{Line, Band} {
		if one, two := drawn(kind, 1), drawn(kind, 2); one <= two {
			t.Errorf("kind %d: one point has %d marks, two have %d", kind, one, two)
		}
	}
}

func TestIntervalsAreNamedWhereTheyAre(t *testing.T) {
	f := Figure{Caption: "Means" + WithIntervals + ".", Series: []Series{{X: []float64{1}, Y: []float64{1}}}}
	if got := f.FullCaption(); got != "Means." {
		t.Errorf("without any: %q", got)
	}
	f.Series[0].Lo, f.Series[0].Hi = []float64{0}, []float64{math.Inf(1)}
	if got := f.FullCaption(); got != "Means, with 95% intervals." {
		t.Errorf("with one: %q", got)
	}
}

func TestCaptionsChangeNoNumbers(t *testing.T) {
	lo := []float64{1, 2, 3, 4}
	f := Figure{Series: []Series{{X: lo[:2], Y: lo[:2], Lo: lo[:2], Hi: []float64{7, 8}}}}
	if f.FullCaption(); lo[2] != 3 {
		t.Errorf("what follows the ends of the intervals became %v", lo[2])
	}
}

func TestAwkwardNumbersAreDrawn(t *testing.T) {
	inf := math.Inf(1)
	columns := [][]float64{
		{}, {nan}, {inf}, {0}, {1}, {-1}, {1e300}, {1e-300}, {5e-324}, {1, 1, 1}, {-1, 0, 1}, {1e-300, 1e300}, {-1e308, 1e308}, {1e17, 1e17 + 16},
		{nan, 2, inf, -inf, 3},
	}
	for _, x := range columns {
		for _, end := range []float64{0, nan, inf} {
			lo, hi := make([]float64, len(x)), make([]float64, len(x))
			for i := range x {
				lo[i], hi[i] = x[i]-end, x[i]+end
			}
			for _, f := range awkward(Series{Name: "a <b> & c", X: x, Y: x, Lo: lo, Hi: hi}, Series{Name: "a", X: x, Y: x}, Series{Name: "p", For: "a", X: x, Y: x}) {
				svg(t, f)
			}
		}
	}
}

func TestEmptyFiguresSayWhy(t *testing.T) {
	for _, f := range awkward() {
		if got := svg(t, f); !strings.Contains(got, "no data: nothing was measured") {
			t.Error("the drawing does not say why it is empty")
		}
		if got := f.FullCaption(); got != "Caption. No data: nothing was measured." {
			t.Errorf("caption %q", got)
		}
	}
}

func TestUndefinedPointsAreCounted(t *testing.T) {
	f := Figure{Caption: "Caption.", LogY: true, Series: []Series{{X: []float64{1, 2, 3}, Y: []float64{nan, 2, -1}}, {Kind: Reference, X: []float64{1}, Y: []float64{nan}}}}
	if got, want := f.FullCaption(), "Caption. 2 of 3 points are undefined and left out."; got != want {
		t.Errorf("caption %q, want %q", got, want)
	}
}

func TestSeriesComeBackFromCSV(t *testing.T) {
	want := []Series{
		{Name: "a, \"b\"", X: []float64{1, 2}, Y: []float64{0.1, 1e-300}, Lo: []float64{0, 1}, Hi: []float64{1, 2}},
		{Name: "c", Kind: Band, Soft: true, X: []float64{3}, Y: []float64{4}, Lo: []float64{5}, Hi: []float64{6}},
	}
	var b bytes.Buffer
	if err := (Figure{Series: want}).WriteCSV(&b); err != nil {
		t.Fatal(err)
	}
	got, err := ReadCSV(inFile(t, b.String()))
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%v: %+v", err, got)
	}
}

func inFile(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "f.csv")
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestReadCSVRefusesDamage(t *testing.T) {
	header := "series,x,y,lo,hi\n"
	for text, want := range map[string]string{
		"":                                      "f.csv:1: EOF",
		"a,b\n":                                 "f.csv:1: the header is",
		header + "training,1,2\n":               "f.csv:2: got 3 fields, want 5",
		header + "a,1,2,,\na,1,x,,\n":           `f.csv:3: y is "x", want a number`,
		header + "\n\na,1,x,,\n":                `f.csv:4: y is "x", want a number`,
		header + "a,1,+Inf,,\n":                 `f.csv:2: y is "+Inf", want a number`,
		"series,x,y,lo,hi,kind\na,1,2,,\n":      "f.csv:2: got 5 fields, want 6",
		"series,x,y,lo,hi,kind\na,1,2,,,blob\n": `f.csv:2: kind is "blob", want one of`,
	} {
		if _, err := ReadCSV(inFile(t, text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
	if _, err := ReadCSV("no/such.csv"); !os.IsNotExist(err) {
		t.Errorf("missing file: %v", err)
	}
}

func TestColumnsOfDifferentLengthsPanic(t *testing.T) {
	defer func() {
		if r := recover(); r == nil || !strings.Contains(r.(string), `series "a"`) {
			t.Errorf("recovered %v", r)
		}
	}()
	Figure{Series: []Series{{Name: "a", X: []float64{1}, Y: []float64{1, 2}}}}.Check()
}
