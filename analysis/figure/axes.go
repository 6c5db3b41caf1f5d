package figure

import (
	"fmt"
	"math"
	"slices"
	"strconv"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// setAxes gives p the scales, ranges and ticks of f.
func (f Figure) setAxes(p *plot.Plot, layers []layer) {
	for _, axis := range []*plot.Axis{&p.X, &p.Y} {
		axis.Tick.Label.Font, axis.Tick.Label.Handler, axis.Tick.Label.Color = style(10, ink).Font, words, ink
		axis.LineStyle.Width, axis.LineStyle.Color = vg.Points(0.6), softInk
		axis.Tick.LineStyle.Width, axis.Tick.LineStyle.Color = vg.Points(0.6), softInk
		axis.Tick.Length = vg.Points(4)
		axis.Padding = 0
	}
	xs, ys := emptySpan(), emptySpan()
	for _, l := range layers {
		l.extend(&xs, &ys)
	}
	f.setX(p, xs)
	f.setY(p, ys)
}

func (f Figure) setX(p *plot.Plot, xs span) {
	switch {
	case f.Categories != nil:
		p.X.Min, p.X.Max = 0.5, float64(len(f.Categories))+0.5
		p.X.Tick.Marker = categoryTicks(f.Categories)
	case f.LogX && xs.lo == 0:
		setLog1p(&p.X, xs, f.ticksX())
	case f.LogX:
		setLog(&p.X, xs, f.ticksX())
	default:
		setLinear(&p.X, xs, 0.03, f.ticksX())
	}
}

func (f Figure) setY(p *plot.Plot, ys span) {
	if f.LogY {
		setLog(&p.Y, ys, f.ticksY())
		return
	}
	if f.ZeroY {
		ys.add(0)
	}
	setLinear(&p.Y, ys, 0.06, f.ticksY())
}

// span is a closed range.
type span struct{ lo, hi float64 }

func emptySpan() span { return span{math.Inf(1), math.Inf(-1)} }

func (s *span) add(x float64) {
	if finite(x) {
		s.lo, s.hi = min(s.lo, x), max(s.hi, x)
	}
}

func setLinear(a *plot.Axis, s span, margin float64, t ticks) {
	size := max(math.Abs(s.lo), math.Abs(s.hi))
	pad := margin * (s.hi - s.lo)
	if pad <= 1e-9*size { // a range that float64 could not divide into ticks
		pad = max(size/10, 1e-12)
	}
	a.Min, a.Max = s.lo-pad, s.hi+pad
	a.Tick.Marker = plot.TickerFunc(t.linear)
}

// ticks are those of an axis on which so many labels have room.
type ticks struct{ room float64 }

// ticksX and ticksY have room for labels 38 and 18 points apart, beside what stands around the axes.
func (f Figure) ticksX() ticks {
	width, _ := f.size()
	return ticks{float64(width-90) / 38}
}

func (f Figure) ticksY() ticks {
	_, height := f.size()
	return ticks{float64(height-100) / 18}
}

// linear has the 4 to 10 multiples of 1, 2 or 5 times a power of ten that lie in the range, or as many as there is room for.
func (t ticks) linear(low, high float64) []plot.Tick {
	parts := min(4, t.room/2.5)
	power := math.Floor(math.Log10((high - low) / parts))
	step := math.Pow(10, power)
	for _, factor := range []float64{5, 2} {
		if factor*step <= (high-low)/parts {
			step *= factor
			break
		}
	}
	var ticks []plot.Tick
	for i := math.Ceil(low/step) + 0; i*step <= high; i++ { // + 0: no tick is -0
		label := strconv.FormatFloat(i*step, 'f', max(0, -int(power)), 64)
		if power > 4 || power < -5 {
			label = strconv.FormatFloat(i*step, 'g', 3, 64)
		}
		ticks = append(ticks, plot.Tick{Value: i * step, Label: label})
	}
	return ticks
}

func setLog(a *plot.Axis, s span, t ticks) {
	pad := max(math.Pow(s.hi/s.lo, 0.04), 1.05)
	a.Min, a.Max = s.lo/pad, s.hi*pad
	a.Scale = plot.LogScale{}
	a.Tick.Marker = plot.TickerFunc(t.log)
}

func setLog1p(a *plot.Axis, s span, t ticks) {
	a.Min, a.Max = -0.1, 1.1*s.hi+0.1
	a.Scale = log1pScale{}
	a.Tick.Marker = plot.TickerFunc(func(_, high float64) []plot.Tick {
		return append([]plot.Tick{{Value: 0, Label: "0"}}, t.log(1, high)...)
	})
}

// log1pScale is logarithmic in 1 + x, so that step 0 has a place.
type log1pScale struct{}

func (log1pScale) Normalize(low, high, x float64) float64 {
	return (math.Log1p(x) - math.Log1p(low)) / (math.Log1p(high) - math.Log1p(low))
}

// log labels powers of ten, every few of them on a long axis; between them, as many digits as there is room for; on a
// short axis, round numbers.
func (t ticks) log(low, high float64) []plot.Tick {
	const short = 3
	if high < short*low {
		return t.linear(low, high)
	}
	decades := math.Log10(high) - math.Log10(low)
	every := max(1, int(math.Ceil(decades/min(7, t.room))))
	digits := t.digits(decades)
	var ticks []plot.Tick
	for e := int(math.Floor(math.Log10(low))); e <= int(math.Ceil(math.Log10(high))); e++ {
		for d := 1; d <= 9; d++ {
			v := float64(d) * math.Pow(10, float64(e))
			if v < low || v > high {
				continue
			}
			label := ""
			if d == 1 && e%every == 0 || d > 1 && slices.Contains(digits, d) {
				label = tickLabel(v, d, e, decades)
			}
			if label != "" || d == 1 || every == 1 {
				ticks = append(ticks, plot.Tick{Value: v, Label: label})
			}
		}
	}
	return ticks
}

// digits are those before a power of ten that have labels, at most 8 in all. The smallest step between them is from the last to 10.
func (t ticks) digits(decades float64) []int {
	const most = 8
	for _, digits := range [][]int{{2, 3, 5, 7}, {2, 5}, {3}} {
		if step := math.Log10(10 / float64(digits[len(digits)-1])); decades <= step*t.room && decades*float64(len(digits)+1) <= most {
			return digits
		}
	}
	return nil
}

// tickLabel is d times 10^e: a power of ten on axes that are long, or far from 1.
func tickLabel(v float64, d, e int, decades float64) string {
	far := v < 1e-3 || v >= 1e6
	switch {
	case (far || decades > 5 && e != 0 && e != 1) && d == 1:
		return fmt.Sprintf("10^%d", e)
	case far:
		return fmt.Sprintf("%d·10^%d", d, e)
	}
	return strconv.FormatFloat(v, 'f', max(0, -e), 64)
}

func categoryTicks(names []string) plot.ConstantTicks {
	ticks := make(plot.ConstantTicks, len(names))
	for i, name := range names {
		ticks[i] = plot.Tick{Value: float64(i + 1), Label: name}
	}
	return ticks
}

func newGrid() *plotter.Grid {
	g := plotter.NewGrid()
	g.Vertical.Color, g.Horizontal.Color = gridLine, gridLine
	g.Vertical.Width, g.Horizontal.Width = vg.Points(0.5), vg.Points(0.5)
	return g
}

func finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }

// zeroLine is a line at y = 0, where a difference vanishes.
func zeroLine(p *plot.Plot) drawing {
	return func(c draw.Canvas, at func(x, y float64) vg.Point) {
		zero := at(p.X.Min, 0).Y
		c.StrokeLine2(draw.LineStyle{Color: softInk, Width: vg.Points(0.8)}, c.Min.X, zero, c.Max.X, zero)
	}
}
