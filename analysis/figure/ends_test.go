package figure

import (
	"strings"
	"testing"
)

// drawn reports whether a drawing has names at the ends of its series, which are on the right of the axes, and not over them.
func namedAtEnds(t *testing.T, f Figure) bool {
	t.Helper()
	drawing := svg(t, f)
	at := strings.Index(drawing, ">first</text>")
	if at < 0 {
		t.Fatalf("%s: a series has no name", f.Name)
	}
	return at > strings.LastIndex(drawing, ">x</text>")
}

func TestNamesStandAtEnds(t *testing.T) {
	x := []float64{1, 2, 3}
	two := func(second Series) Figure {
		return Figure{XLabel: "x", Series: []Series{{Name: "first", Kind: Track, X: x, Y: []float64{1, 2, 3}}, second}}
	}
	for name, c := range map[string]struct {
		second Series
		at     bool
	}{
		"apart":      {Series{Name: "second", Kind: Track, X: x, Y: []float64{3, 2, 1}}, true},
		"at a place": {Series{Name: "second", Kind: Track, X: x, Y: []float64{3, 3, 3}}, true},
		"elsewhere":  {Series{Name: "second", Kind: Track, X: x[:2], Y: []float64{3, 2}}, false},
		"a long one": {Series{Name: strings.Repeat("second ", 10), Kind: Track, X: x, Y: []float64{3, 2, 1}}, false},
	} {
		if namedAtEnds(t, two(c.second)) != c.at {
			t.Errorf("%s: names at ends is %v", name, !c.at)
		}
	}
	many := two(Series{Name: "second", X: x, Y: x})
	for range 8 {
		many.Series = append(many.Series, many.Series[1])
	}
	if namedAtEnds(t, many) {
		t.Error("ten names are at the ends")
	}
	few := two(Series{Name: "second", X: x, Y: x})
	few.Categories = []string{"a", "b", "c"}
	if namedAtEnds(t, few) {
		t.Error("names are at the ends of categories")
	}
}

func TestNamesKeepApart(t *testing.T) {
	all := []end{{point: 50, y: 50}, {point: 50, y: 50}, {point: 52, y: 52}}
	if !spread(all, 0, 100) {
		t.Error("three names have no room")
	}
	for i := range all[1:] {
		if all[i+1].y-all[i].y < endHeight-0.1 {
			t.Errorf("names at %v and %v", all[i].y, all[i+1].y)
		}
	}
	if spread([]end{{point: 5, y: 5}, {point: 5, y: 5}, {point: 5, y: 5}, {point: 5, y: 5}}, 0, 200) {
		t.Error("a name is far from its end")
	}
	if spread([]end{{point: 1, y: 1}, {point: 5, y: 5}}, 0, 20) {
		t.Error("two names are in the room of one")
	}
}
