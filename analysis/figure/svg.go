package figure

import (
	"bytes"
	"fmt"
	"html"
	"image/color"
	"io"
	"math"
	"regexp"
	"strconv"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
	"gonum.org/v1/plot/vg/vgpdf"
	"gonum.org/v1/plot/vg/vgsvg"
)

// The size of a figure, and of the strip above the axes that holds title and legend.
const (
	figureWidth  = 6.5 * vg.Inch
	figureHeight = 4 * vg.Inch
	margin       = 8 * vg.Length(1)
	titleHeight  = 22 * vg.Length(1)
	// findingHeight is that of the title where what was found has the larger line.
	findingHeight = 16 * vg.Length(1)
	legendHeight  = 16 * vg.Length(1)
	labelHeight   = 17 * vg.Length(1)
)

var (
	ink      = color.NRGBA{0x22, 0x22, 0x22, 0xff}
	softInk  = color.NRGBA{0x55, 0x55, 0x55, 0xff}
	gridLine = color.NRGBA{0xe4, 0xe4, 0xe4, 0xff}
)

// size is the width and the height of the drawing, which has room for what was found.
func (f Figure) size() (width, height vg.Length) {
	width = figureWidth
	if f.Width > 0 {
		width = vg.Length(f.Width) * vg.Inch
	}
	height = figureHeight * vg.Length(math.Sqrt(float64(width/figureWidth)))
	for _, line := range f.titleLines()[1:] {
		height += line.heightIn(width - 2*margin)
	}
	return width, height
}

// WriteSVG draws f. An empty figure says why it is empty. The drawing is the same for the same numbers.
func (f Figure) WriteSVG(w io.Writer) error {
	canvas := vgsvg.New(f.size())
	f.draw(draw.New(canvas))
	return writeSVG(w, canvas)
}

// WritePNG draws f in pixels, 300 to the inch.
func (f Figure) WritePNG(w io.Writer) error {
	width, height := f.size()
	canvas := vgimg.NewWith(vgimg.UseWH(width, height), vgimg.UseDPI(300))
	f.draw(draw.New(canvas))
	_, err := vgimg.PngCanvas{Canvas: canvas}.WriteTo(w)
	return err
}

// WritePDF draws f with its fonts in it. The file has the time at which it was made.
func (f Figure) WritePDF(w io.Writer) error {
	canvas := vgpdf.New(f.size())
	f.draw(draw.New(canvas))
	_, err := canvas.WriteTo(w)
	return err
}

// writeSVG says of every text how long it is: the family has the metrics of Arial, which most machines have instead, and others have wider fonts.
func writeSVG(w io.Writer, canvas *vgsvg.Canvas) error {
	var drawn bytes.Buffer
	if _, err := canvas.WriteTo(&drawn); err != nil {
		return err
	}
	_, err := w.Write(textElement.ReplaceAllFunc(drawn.Bytes(), tellLength))
	return err
}

// textElement is the attributes, with the size among them, and the words of a text.
var textElement = regexp.MustCompile(`<text ([^>]*font-size:([0-9.]+)px[^>]*)>([^<]*)`)

// tellLength is a text with the length that it has, and with families that stand in for the font.
func tellLength(element []byte) []byte {
	parts := textElement.FindSubmatch(element)
	size, _ := strconv.ParseFloat(string(parts[2]), 64)
	width := style(vg.Length(size), ink).Width(html.UnescapeString(string(parts[3])))
	attributes := bytes.Replace(parts[1], []byte("font-family:Liberation Sans;"), []byte("font-family:Liberation Sans,Arial,Helvetica,sans-serif;"), 1)
	return fmt.Appendf(nil, `<text textLength="%.2f" lengthAdjust="spacingAndGlyphs" %s>%s`, float64(width), attributes, parts[3])
}

func (f Figure) draw(c draw.Canvas) { f.drawWith(c, nil) }

// drawWith draws, and tells hover where the points are, unless it is nil.
func (f Figure) drawWith(c draw.Canvas, hover *Hover) {
	c.SetColor(color.White)
	c.Fill(c.Rectangle.Path())
	c = draw.Crop(c, margin, -margin, margin, -margin)
	c = f.drawTitle(c)
	if _, drawable := f.count(); drawable == 0 {
		f.drawReason(c)
		return
	}
	layers := f.layers()
	p := f.plot(layers, hover)
	ends, room := f.ends(p, c, layers)
	if ends == nil {
		c = draw.Crop(c, 0, 0, 0, -vg.Length(f.drawLegend(c, layers))*legendHeight-6)
	}
	left := f.drawLabels(c)
	p.Draw(draw.Crop(c, left, -room, labelHeight, 0))
	drawEnds(c, ends, c.Max.X-room)
}

// titleLine is a line above the axes, which goes on in others rather than be smaller than least.
type titleLine struct {
	words       string
	size, least vg.Length
	color       color.Color
	height      vg.Length
}

// titleLines are the title and, larger, what was found.
func (f Figure) titleLines() []titleLine {
	if f.Finding == "" {
		return []titleLine{{f.Title, 13, leastSize, ink, titleHeight}}
	}
	return []titleLine{{f.Title, 10, leastSize, softInk, findingHeight}, {f.Finding, 13, 11, ink, titleHeight}}
}

func (t titleLine) heightIn(room vg.Length) vg.Length {
	sty, words := fitted(style(t.size, t.color), t.words, room, t.least)
	return max(t.height, sty.Height(words)+7)
}

// drawTitle writes the lines above the axes, and returns what is left of the canvas.
func (f Figure) drawTitle(c draw.Canvas) draw.Canvas {
	for _, line := range f.titleLines() {
		if line.words == "" {
			continue
		}
		room := c.Max.X - c.Min.X
		sty, words := fitted(style(line.size, line.color), line.words, room, line.least)
		sty.YAlign = draw.YTop
		c.FillText(sty, vg.Point{X: c.Min.X, Y: c.Max.Y}, words)
		c = draw.Crop(c, 0, 0, 0, -line.heightIn(room))
	}
	return c
}

// drawLabels writes the labels of the axes along the edges, and returns the room that the one on the left takes. Those of plot.Axis are
// centred on a linear scale and, on a logarithmic one, push the axes aside.
func (f Figure) drawLabels(c draw.Canvas) (left vg.Length) {
	beside, words := fitted(style(11, ink), f.YLabel, c.Max.Y-c.Min.Y-labelHeight, leastSize)
	left = max(labelHeight, beside.Height(words)+4)
	beside.XAlign, beside.YAlign, beside.Rotation = draw.XCenter, draw.YTop, math.Pi/2
	c.FillText(beside, vg.Point{X: c.Min.X, Y: c.Center().Y + labelHeight/2}, words)
	below, words := fitted(style(11, ink), f.XLabel, c.Max.X-c.Min.X-left, leastSize)
	below.XAlign, below.YAlign = draw.XCenter, draw.YBottom
	c.FillText(below, vg.Point{X: c.Center().X + left/2, Y: c.Min.Y}, words)
	return left
}

func (f Figure) drawReason(c draw.Canvas) {
	centred, words := fitted(style(11, softInk), f.reason(), c.Max.X-c.Min.X, leastSize)
	centred.XAlign, centred.YAlign = draw.XCenter, draw.YCenter
	c.FillText(centred, c.Center(), words)
}

// plot sets up the axes and puts the layers on them.
func (f Figure) plot(layers []layer, hover *Hover) *plot.Plot {
	p := plot.New()
	p.BackgroundColor = color.White
	f.setAxes(p, layers)
	p.Add(newGrid())
	if p.Y.Min < 0 && p.Y.Max > 0 && !f.LogY {
		p.Add(zeroLine(p))
	}
	for _, l := range layers {
		if l.Kind == Band {
			p.Add(drawing(l.shade))
		}
	}
	for _, l := range layers {
		p.Add(l.drawing(f, hover))
	}
	return p
}

// style is the text style of a size. All text is sans serif.
func style(size vg.Length, c color.Color) text.Style {
	return text.Style{
		Color:   c,
		Font:    font.From(font.Font{Typeface: "Liberation", Variant: "Sans"}, size),
		Handler: words,
	}
}

// drawLegend puts the legend in rows under the top edge and returns how many it took: none for a single series that title or axis name.
func (f Figure) drawLegend(c draw.Canvas, layers []layer) int {
	if f.saysItself(layers) {
		return 0
	}
	const thumb, gap = 24, 14
	names := style(10, ink)
	names.YAlign = draw.YCenter
	x, rows := c.Min.X, 1
	for _, l := range layers {
		if l.Name == "" || len(l.X) == 0 {
			continue
		}
		width := thumb + 4 + names.Width(l.Name)
		if x > c.Min.X && x+width > c.Max.X {
			x, rows = c.Min.X, rows+1
		}
		y := c.Max.Y - vg.Length(rows)*legendHeight + legendHeight/2
		l.thumbnail(draw.Canvas{Canvas: c.Canvas, Rectangle: vg.Rectangle{
			Min: vg.Point{X: x, Y: y - 5}, Max: vg.Point{X: x + thumb, Y: y + 5},
		}})
		c.FillText(names, vg.Point{X: x + thumb + 4, Y: y}, l.Name)
		x += width + gap
	}
	return rows
}

// saysItself reports whether title or axis name the only series.
func (f Figure) saysItself(layers []layer) bool {
	said := strings.ToLower(f.Title + "\n" + f.YLabel)
	return len(layers) == 1 && strings.Contains(said, strings.ToLower(layers[0].Name))
}
