package figure

import (
	"bytes"
	"image/color"
	"io"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgsvg"
)

// The size of a figure, and of the strip above the axes that holds title and legend.
const (
	figureWidth  = 6.5 * vg.Inch
	figureHeight = 4 * vg.Inch
	margin       = 8 * vg.Length(1)
	titleHeight  = 22 * vg.Length(1)
	legendHeight = 16 * vg.Length(1)
	labelHeight  = 17 * vg.Length(1)
)

var (
	ink      = color.NRGBA{0x22, 0x22, 0x22, 0xff}
	softInk  = color.NRGBA{0x55, 0x55, 0x55, 0xff}
	gridLine = color.NRGBA{0xe4, 0xe4, 0xe4, 0xff}
)

// WriteSVG draws f. An empty figure says why it is empty. The drawing is the same for the same numbers.
func (f Figure) WriteSVG(w io.Writer) error {
	canvas := vgsvg.New(figureWidth, figureHeight)
	f.draw(draw.New(canvas))
	return writeSVG(w, canvas)
}

func writeSVG(w io.Writer, canvas *vgsvg.Canvas) error {
	var drawn bytes.Buffer
	if _, err := canvas.WriteTo(&drawn); err != nil {
		return err
	}
	// The family has the metrics of Arial, which most machines have instead.
	_, err := w.Write(bytes.ReplaceAll(drawn.Bytes(), []byte("font-family:Liberation Sans;"),
		[]byte("font-family:Liberation Sans,Arial,Helvetica,sans-serif;")))
	return err
}

func (f Figure) draw(c draw.Canvas) { f.drawWith(c, nil) }

// drawWith draws, and tells hover where the points are, unless it is nil.
func (f Figure) drawWith(c draw.Canvas, hover *Hover) {
	c.SetColor(color.White)
	c.Fill(c.Rectangle.Path())
	c = draw.Crop(c, margin, -margin, margin, -margin)
	title := style(13, ink)
	title.YAlign = draw.YTop
	c.FillText(title, vg.Point{X: c.Min.X, Y: c.Max.Y}, f.Title)
	c = draw.Crop(c, 0, 0, 0, -titleHeight)
	if _, drawable := f.count(); drawable == 0 {
		f.drawReason(c)
		return
	}
	layers := f.layers()
	rows := drawLegend(c, layers)
	c = draw.Crop(c, 0, 0, 0, -vg.Length(rows)*legendHeight-6)
	f.drawLabels(c)
	f.plot(layers, hover).Draw(draw.Crop(c, labelHeight, 0, labelHeight, 0))
}

// drawLabels writes the labels of the axes along the edges. Those of plot.Axis are centred on a linear scale and, on a
// logarithmic one, push the axes aside.
func (f Figure) drawLabels(c draw.Canvas) {
	label := style(11, ink)
	label.XAlign, label.YAlign = draw.XCenter, draw.YBottom
	c.FillText(label, vg.Point{X: c.Center().X + labelHeight/2, Y: c.Min.Y}, f.XLabel)
	label.YAlign, label.Rotation = draw.YTop, math.Pi/2
	c.FillText(label, vg.Point{X: c.Min.X, Y: c.Center().Y + labelHeight/2}, f.YLabel)
}

func (f Figure) drawReason(c draw.Canvas) {
	centred := style(11, softInk)
	centred.XAlign, centred.YAlign = draw.XCenter, draw.YCenter
	c.FillText(centred, c.Center(), f.reason())
}

// plot sets up the axes and puts the layers on them.
func (f Figure) plot(layers []layer, hover *Hover) *plot.Plot {
	p := plot.New()
	p.BackgroundColor = color.White
	f.setAxes(p, layers)
	p.Add(newGrid())
	for _, l := range layers {
		p.Add(told{l, f, hover})
	}
	return p
}

// style is the text style of a size. All text is sans serif.
func style(size vg.Length, c color.Color) text.Style {
	return text.Style{
		Color:   c,
		Font:    font.From(font.Font{Typeface: "Liberation", Variant: "Sans"}, size),
		Handler: plot.DefaultTextHandler,
	}
}

// drawLegend puts the legend in rows under the top edge and returns how many it took.
func drawLegend(c draw.Canvas, layers []layer) int {
	const thumb, gap = 24, 14
	words := style(10, ink)
	words.YAlign = draw.YCenter
	x, rows := c.Min.X, 1
	for _, l := range layers {
		label := l.legend
		if label == "" || len(l.X) == 0 {
			continue
		}
		width := thumb + 4 + words.Width(label)
		if x > c.Min.X && x+width > c.Max.X {
			x, rows = c.Min.X, rows+1
		}
		y := c.Max.Y - vg.Length(rows)*legendHeight + legendHeight/2
		l.thumbnail(draw.Canvas{Canvas: c.Canvas, Rectangle: vg.Rectangle{
			Min: vg.Point{X: x, Y: y - 5}, Max: vg.Point{X: x + thumb, Y: y + 5},
		}})
		c.FillText(words, vg.Point{X: x + thumb + 4, Y: y}, label)
		x += width + gap
	}
	return rows
}
