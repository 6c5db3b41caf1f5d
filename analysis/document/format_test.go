package document

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/noiseprobe/noiseprobe/analysis/estimate"
)

func TestSignificant(t *testing.T) {
	for _, c := range []struct {
		x    float64
		want string
	}{
		{0, "0"}, {math.Copysign(0, -1), "0"}, {1, "1.00"}, {2.4999, "2.50"}, {-0.01234, "-0.0123"}, {9.996, "10.0"}, {99.96, "100"},
		{1234.5, "1,230"}, {1234567, "1,230,000"}, {-12345, "-12,300"}, {0.00123, "0.00123"}, {0.0009996, "0.00100"}, {0.00012345, "1.23e-04"},
		{12345678, "1.23e+07"}, {math.NaN(), "-"}, {math.Inf(-1), "-"},
	} {
		if got := Significant(c.x); got != c.want {
			t.Errorf("%g: %s, want %s", c.x, got, c.want)
		}
	}
}

func TestIntervals(t *testing.T) {
	inf := math.Inf(1)
	for _, c := range []struct {
		v    estimate.Interval
		want string
	}{
		{estimate.Interval{Lo: 1, Hi: 2}, "[1.00, 2.00]"},
		{estimate.Interval{Lo: 1, Hi: inf}, "[1.00, ∞)"},
		{estimate.Interval{Lo: -inf, Hi: 2}, "(-∞, 2.00]"},
		{estimate.None(), ""},
	} {
		if got := Interval(c.v); got != c.want {
			t.Errorf("%v: %q, want %q", c.v, got, c.want)
		}
	}
	if got := Measured(estimate.Undefined(), estimate.Around(0, 1)); got != "-" {
		t.Errorf("an Undefined number with an interval: %q", got)
	}
	if got := PValue(0); got != "p < 1e-300" {
		t.Errorf("p = 0: %q", got)
	}
}

func TestWrap(t *testing.T) {
	// counted by hand, in runes
	want := []string{"σ σσ a wor", "longer_than_ten", "and more"}
	if got := Wrap("σ σσ a wor longer_than_ten  and\nmore", 10); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := Wrap("f = 2.5 [2.40, 2.60], so", 14); !slices.Equal(got, []string{"f = 2.5", "[2.40, 2.60],", "so"}) {
		t.Errorf("an interval was broken: %q", got)
	}
	if Wrap("", 10) != nil {
		t.Error("no words give lines")
	}
}

func TestTable(t *testing.T) {
	all := Table{Header: []string{"name", "n", "value"}}
	all.Add("a", "5", "1.0 [0, ∞)")
	all.Add("longer", "1,200", "-")
	all.Add("b", "-", "2")
	// aligned by hand: a column of numbers to the right, others to the left, no blanks at the end
	want := []string{
		"name        n  value",
		"a           5  1.0 [0, ∞)",
		"longer  1,200  -",
		"b           -  2",
	}
	if got := all.text("more rows are in the report", 0); !slices.Equal(got, want) {
		t.Errorf("got\n%s", strings.Join(got, "\n"))
	}
	all.Brief = 2
	if got := all.text("more rows are in the report", 0); got[2] != want[2] || got[3] != "(1 more rows are in the report)" {
		t.Errorf("brief: %q", got)
	}
	all.Spread = true
	if got := all.text("more rows are in the report", 0); got[2] != "b     -  2" {
		t.Errorf("spread: %q", got)
	}
}

// TestTableFolds: what the width has no room for follows, after the columns by which rows are told, and a deviation stays with its mean.
func TestTableFolds(t *testing.T) {
	table := &Table{Keys: 2, Header: []string{"alpha", "B", "accuracy", "sd", "loss", "SD", "verdict"}}
	table.Add("1", "20", "90.1", "0.2", "0.31", "0.01", "equal")
	table.Add("2", "100", "89.0", "0.3", "0.35")
	for width, want := range map[int]string{
		0: "alpha    B  accuracy   sd  loss    SD  verdict\n    1   20      90.1  0.2  0.31  0.01  equal\n    2  100      89.0  0.3  0.35",
		30: "alpha    B  accuracy   sd\n    1   20      90.1  0.2\n    2  100      89.0  0.3\n\n" +
			"alpha    B  loss    SD\n    1   20  0.31  0.01\n    2  100  0.35\n\nalpha    B  verdict\n    1   20  equal\n    2  100",
		1: "alpha    B  accuracy   sd\n    1   20      90.1  0.2\n    2  100      89.0  0.3\n\n" +
			"alpha    B  loss    SD\n    1   20  0.31  0.01\n    2  100  0.35\n\nalpha    B  verdict\n    1   20  equal\n    2  100",
	} {
		if got := strings.Join(table.text("", width), "\n"); got != want {
			t.Errorf("width %d:\n%s\nwant\n%s", width, got, want)
		}
	}
}
