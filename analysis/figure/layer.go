package figure

import (
	"image/color"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// palette is that of Okabe and Ito (2008), "Color universal design", which people with any colour vision tell apart.
var palette = []color.NRGBA{
	{0x00, 0x72, 0xb2, 0xff}, // blue
	{0xd5, 0x5e, 0x00, 0xff}, // vermillion
	{0x00, 0x9e, 0x73, 0xff}, // bluish green
	{0xcc, 0x79, 0xa7, 0xff}, // reddish purple
	{0xe6, 0x9f, 0x00, 0xff}, // orange
	{0x56, 0xb4, 0xe9, 0xff}, // sky blue
}

var glyphs = []draw.GlyphDrawer{
	draw.CircleGlyph{}, draw.BoxGlyph{}, draw.PyramidGlyph{}, draw.RingGlyph{}, draw.SquareGlyph{}, draw.TriangleGlyph{},
}

// dashes tell lines apart where colours do not.
var dashes = [][]vg.Length{nil, {7, 3}, {2, 2}, {8, 2, 2, 2}}

// layer is a series ready to draw.
type layer struct {
	Series
	// shift moves the points sideways, in units of the width of the axes, so that error bars at the same x stay apart.
	shift  float64
	color  color.NRGBA
	glyph  draw.GlyphDrawer
	radius vg.Length
	dashes []vg.Length
}

// layers gives every series of f its colour, shape and place. A prediction has those of the series it is for.
func (f Figure) layers() []layer {
	var names []string
	shared := 0
	for _, s := range f.Series {
		if s.Kind != Reference && !s.Soft && !slices.Contains(names, s.base()) {
			names = append(names, s.base())
			if s.Kind == Points || s.Kind == Track {
				shared++
			}
		}
	}
	layers := make([]layer, 0, len(f.Series))
	for _, s := range f.Series {
		l := layer{Series: f.drawableOf(s), color: softInk, glyph: draw.CircleGlyph{}, radius: 2.6}
		if at := slices.Index(names, s.base()); at >= 0 {
			l.color, l.glyph, l.dashes = palette[at%len(palette)], glyphs[(at+at/len(palette))%len(glyphs)], dashes[at%len(dashes)]
			l.shift = (float64(at) - float64(shared-1)/2) * f.spread(shared)
		}
		l.adjust()
		layers = append(layers, l)
	}
	return layers
}

// adjust makes the exceptions of single kinds and of soft series.
func (l *layer) adjust() {
	switch {
	case l.Kind == Faint:
		l.color.A, l.shift, l.dashes = 0x80, 0, nil // halfway to what is under it
	case l.Kind == Track:
		l.dashes = nil // marks tell it from others
	case l.Kind != Points:
		l.shift = 0
	case len(l.X) > 60:
		l.radius, l.shift, l.glyph = 1.8, 0, hollow(l.glyph)
	}
	if l.Soft {
		l.color = softInk
	}
}

// hollow is a mark that shows what is under it.
func hollow(mark draw.GlyphDrawer) draw.GlyphDrawer {
	switch mark.(type) {
	case draw.CircleGlyph:
		return draw.RingGlyph{}
	case draw.BoxGlyph:
		return draw.SquareGlyph{}
	case draw.PyramidGlyph:
		return draw.TriangleGlyph{}
	}
	return mark
}

// spread is the distance between n series of points at the same x, as a fraction of the width of the axes.
func (f Figure) spread(n int) float64 {
	if f.Scatter {
		return 0
	}
	if f.Categories != nil {
		return 0.7 / float64(max(n, 4)*len(f.Categories))
	}
	return 0.012
}

// drawableOf drops the points that have no place on the axes.
func (f Figure) drawableOf(s Series) Series {
	kept := Series{Name: s.Name, Kind: s.Kind, For: s.For, Soft: s.Soft}
	for i := range s.X {
		if !f.drawable(s.X[i], s.Y[i]) {
			continue
		}
		lo, hi := s.interval(i)
		if !placed(lo, f.LogY) {
			lo = nan // an end that the axis cannot show: the bar runs to the edge
		}
		if !placed(hi, f.LogY) {
			hi = nan
		}
		kept.X, kept.Y = append(kept.X, s.X[i]), append(kept.Y, s.Y[i])
		kept.Lo, kept.Hi = append(kept.Lo, lo), append(kept.Hi, hi)
	}
	return kept
}

// extend makes room for the layer's points and intervals.
func (l layer) extend(xs, ys *span) {
	for i := range l.X {
		xs.add(l.X[i])
		ys.add(l.Y[i])
		ys.add(l.Lo[i])
		ys.add(l.Hi[i])
	}
}

// drawing draws with the places that the axes give to points.
type drawing func(c draw.Canvas, at func(x, y float64) vg.Point)

// Plot implements plot.Plotter.
func (d drawing) Plot(c draw.Canvas, p *plot.Plot) {
	toX, toY := p.Transforms(&c)
	d(c, func(x, y float64) vg.Point { return vg.Point{X: toX(x), Y: toY(y)} })
}

// drawing draws the layer, and tells hover where its points are.
func (l layer) drawing(f Figure, hover *Hover) drawing {
	return func(c draw.Canvas, at func(x, y float64) vg.Point) {
		shifted := func(x, y float64) vg.Point {
			p := at(x, y)
			p.X += vg.Length(l.shift) * (c.Max.X - c.Min.X)
			return p
		}
		l.plot(c, shifted)
		hover.add(f, l, shifted)
	}
}

func (l layer) plot(c draw.Canvas, at func(x, y float64) vg.Point) {
	if l.joined() {
		l.join(c, at)
	}
	if !l.marked() {
		return
	}
	for i := range l.X {
		l.bar(c, at, i)
		c.DrawGlyph(l.glyphStyle(), at(l.X[i], l.Y[i]))
	}
}

// marked reports whether points have marks: a line through a single one would not be seen.
func (l layer) marked() bool {
	return l.Kind == Points || l.Kind == Track || (l.Kind == Line || l.Kind == Band) && len(l.X) == 1
}

// joined reports whether the points are joined by a line.
func (l layer) joined() bool { return l.Kind != Points }

func (l layer) join(c draw.Canvas, at func(x, y float64) vg.Point) {
	points := make([]vg.Point, len(l.X))
	for i := range l.X {
		points[i] = at(l.X[i], l.Y[i])
	}
	c.StrokeLines(l.line(1.6), points)
}

// shade fills the interval of a band where both its ends exist; it lies under all lines.
func (l layer) shade(c draw.Canvas, at func(x, y float64) vg.Point) {
	var upper, lower []vg.Point
	for i := range l.X {
		if finite(l.Lo[i]) && finite(l.Hi[i]) {
			upper, lower = append(upper, at(l.X[i], l.Hi[i])), append(lower, at(l.X[i], l.Lo[i]))
		}
	}
	if len(upper) < 2 {
		return
	}
	slices.Reverse(lower)
	c.FillPolygon(l.tint(), append(upper, lower...))
}

// tint is the layer's colour, see-through.
func (l layer) tint() color.NRGBA {
	t := l.color
	t.A = 0x38
	return t
}

// bar draws the i-th interval. An end that is missing, where the other exists, is unbounded: the bar runs to the edge.
func (l layer) bar(c draw.Canvas, at func(x, y float64) vg.Point, i int) {
	lo, hi := l.Lo[i], l.Hi[i]
	if !finite(lo) && !finite(hi) {
		return
	}
	x := at(l.X[i], l.Y[i]).X
	bottom, top := c.Min.Y, c.Max.Y
	if finite(lo) {
		bottom = at(l.X[i], lo).Y
		c.StrokeLine2(l.line(1), x-3, bottom, x+3, bottom)
	}
	if finite(hi) {
		top = at(l.X[i], hi).Y
		c.StrokeLine2(l.line(1), x-3, top, x+3, top)
	}
	c.StrokeLine2(l.line(1), x, bottom, x, top)
}

func (l layer) line(width vg.Length) draw.LineStyle {
	s := draw.LineStyle{Color: l.color, Width: width}
	if l.joined() && width > 1 {
		s.Dashes = l.dashes
	}
	if l.Kind == Faint {
		s.Width = 0.7
	}
	if l.Kind == Reference || l.Soft {
		s.Width, s.Dashes = 1.1, []vg.Length{4, 3}
	}
	return s
}

func (l layer) glyphStyle() draw.GlyphStyle {
	return draw.GlyphStyle{Color: l.color, Radius: l.radius, Shape: l.glyph}
}

// thumbnail draws the layer's sample for the legend.
func (l layer) thumbnail(c draw.Canvas) {
	middle := c.Center()
	if l.Kind == Band {
		c.FillPolygon(l.tint(), []vg.Point{
			c.Min, {X: c.Max.X, Y: c.Min.Y}, c.Max, {X: c.Min.X, Y: c.Max.Y},
		})
	}
	if l.joined() {
		c.StrokeLine2(l.line(1.6), c.Min.X, middle.Y, c.Max.X, middle.Y)
	}
	if l.marked() {
		c.DrawGlyph(l.glyphStyle(), middle)
	}
}
