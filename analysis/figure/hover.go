package figure

import (
	"bytes"
	"fmt"
	"image/color"
	"io"
	"math"
	"regexp"
	"strconv"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgsvg"
)

// Hover is what a page shows of a figure under the pointer: where the points of a drawing are, in the units of its view box, and the words
// for each.
type Hover struct {
	// X is the label of the x axis.
	X      string        `json:"x"`
	Series []HoverSeries `json:"series"`
}

// HoverSeries is the points of one series, each [x, y, "x in words", "y in words, with its interval"].
type HoverSeries struct {
	Name   string   `json:"name"`
	Points [][4]any `json:"points"`
}

// mostHover bounds the points of a series that a page has words for: more are closer together than a pointer can tell.
const mostHover = 200

// WritePageSVG is [Figure.WriteSVG] for a page, whose style has the colours, with what it shows under the pointer.
func (f Figure) WritePageSVG(w io.Writer) (Hover, error) {
	hover := Hover{X: unscripted(f.XLabel), Series: []HoverSeries{}}
	canvas := vgsvg.New(f.size())
	f.drawWith(draw.New(canvas), &hover)
	var drawn bytes.Buffer
	if err := writeSVG(&drawn, canvas); err != nil {
		return hover, err
	}
	_, err := w.Write(hexColour.ReplaceAllFunc(drawn.Bytes(), variable))
	return hover, err
}

// add takes the points of a layer as it is drawn.
func (h *Hover) add(f Figure, l layer, at func(x, y float64) vg.Point) {
	if h == nil || l.Kind == Reference || len(l.X) == 0 {
		return
	}
	_, height := f.size()
	s := HoverSeries{Name: unscripted(l.Name), Points: [][4]any{}}
	stride := (len(l.X) + mostHover - 1) / mostHover
	for i := 0; i < len(l.X); i += stride {
		p := at(l.X[i], l.Y[i])
		x := short(l.X[i])
		if f.Categories != nil {
			x = f.Categories[min(max(int(l.X[i]+0.5)-1, 0), len(f.Categories)-1)]
		}
		y := short(l.Y[i])
		if lo, hi := l.interval(i); finite(lo) || finite(hi) {
			y += " " + between(lo, hi)
		}
		s.Points = append(s.Points, [4]any{tenth(p.X), tenth(height - p.Y), x, y})
	}
	h.Series = append(h.Series, s)
}

func short(x float64) string { return unscripted(strconv.FormatFloat(x, 'g', 4, 64)) }

// between is an interval in words; an end that is missing is unbounded.
func between(lo, hi float64) string {
	left, right := "[−∞", "∞]"
	if finite(lo) {
		left = "[" + short(lo)
	}
	if finite(hi) {
		right = short(hi) + "]"
	}
	return left + ", " + right
}

// tenth is a length to a tenth of a point.
func tenth(v vg.Length) float64 { return math.Round(10*float64(v)) / 10 }

var hexColour = regexp.MustCompile(`#[0-9A-F]{6}`)

// variables are the colours that the style of a page sets, and what it calls them.
var variables = []struct {
	colour color.NRGBA
	name   string
}{
	{ink, "ink"}, {softInk, "soft"}, {gridLine, "grid"}, {color.NRGBA{0xff, 0xff, 0xff, 0xff}, "paper"},
	{palette[0], "blue"}, {palette[1], "red"}, {palette[2], "green"}, {palette[3], "purple"}, {palette[4], "orange"}, {palette[5], "sky"},
}

// variable is the name of a colour, which transparency may have rounded.
func variable(hex []byte) []byte {
	var r, g, b int
	fmt.Sscanf(string(hex), "#%02X%02X%02X", &r, &g, &b)
	for _, v := range variables {
		if near(r, v.colour.R) && near(g, v.colour.G) && near(b, v.colour.B) {
			return []byte("var(--" + v.name + ")")
		}
	}
	return hex
}

func near(v int, want uint8) bool { return max(v-int(want), int(want)-v) <= 2 }
