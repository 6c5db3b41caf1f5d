package figure

import (
	"cmp"
	"math"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// end is the name of a series beside its last point, in place of a legend.
type end struct {
	layer
	// point is where the series ends, y where its name stands.
	point, y vg.Length
}

// The sizes of names at the ends of series: of the line that leads to each and of the space around it, of a line of text, and of how far a name may
// stand from the end.
const (
	endLine    = 12 * vg.Length(1)
	endGap     = 4 * vg.Length(1)
	endHeight  = 12 * vg.Length(1)
	endFurther = 18 * vg.Length(1)
)

// ends are the names of the series at their ends, and the room that they take on the right of c; none where there is no room for them, or where
// a series ends elsewhere.
func (f Figure) ends(p *plot.Plot, c draw.Canvas, layers []layer) (all []end, room vg.Length) {
	const most = 6
	if f.Categories != nil || f.Scatter || f.saysItself(layers) {
		return nil, 0
	}
	data := p.DataCanvas(draw.Crop(c, labelHeight, 0, labelHeight, 0))
	toX, toY := p.Transforms(&data)
	for _, l := range layers {
		if l.Name == "" || len(l.X) == 0 {
			continue
		}
		last := slices.Index(l.X, slices.Max(l.X))
		if toX(l.X[last]) < data.Max.X-0.1*(data.Max.X-data.Min.X) {
			return nil, 0
		}
		room = max(room, endLine+2*endGap+style(10, ink).Width(l.Name))
		all = append(all, end{l, toY(l.Y[last]), toY(l.Y[last])})
	}
	if len(all) < 2 || len(all) > most || room > 0.25*(c.Max.X-c.Min.X) || !spread(all, data.Min.Y, data.Max.Y) {
		return nil, 0
	}
	return all, room
}

// spread moves names apart that would overlap, and reports whether each is near its end nevertheless.
func spread(all []end, bottom, top vg.Length) bool {
	slices.SortStableFunc(all, func(a, b end) int { return cmp.Compare(a.point, b.point) })
	if vg.Length(len(all))*endHeight > top-bottom {
		return false
	}
	const rounds = 100
	for range rounds {
		for i := range all {
			all[i].y = min(max(all[i].y, bottom+endHeight/2), top-endHeight/2)
			if i == 0 {
				continue
			}
			if over := endHeight - (all[i].y - all[i-1].y); over > 0 {
				all[i-1].y, all[i].y = all[i-1].y-over/2, all[i].y+over/2
			}
		}
	}
	return !slices.ContainsFunc(all, func(e end) bool { return math.Abs(float64(e.y-e.point)) > float64(endFurther) })
}

// drawEnds writes the names on the right of the axes, which are at least at x, each after a piece of its line.
func drawEnds(c draw.Canvas, all []end, x vg.Length) {
	names := style(10, ink)
	names.YAlign = draw.YCenter
	for _, e := range all {
		e.thumbnail(draw.Canvas{Canvas: c.Canvas, Rectangle: vg.Rectangle{
			Min: vg.Point{X: x + endGap, Y: e.y - 4}, Max: vg.Point{X: x + endGap + endLine, Y: e.y + 4},
		}})
		c.FillText(names, vg.Point{X: x + 2*endGap + endLine, Y: e.y}, e.Name)
	}
}
