package figure

import (
	"io"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgsvg"
)

// WritePanels draws figures side by side into one SVG, as many as there are.
func WritePanels(w io.Writer, panels ...Figure) error {
	height := vg.Length(figureHeight)
	for _, f := range panels {
		_, h := f.size()
		height = max(height, h)
	}
	canvas := vgsvg.New(figureWidth*vg.Length(len(panels)), height)
	for i, f := range panels {
		left := figureWidth * vg.Length(i)
		f.draw(draw.Crop(draw.New(canvas), left, left+figureWidth-figureWidth*vg.Length(len(panels)), 0, 0))
	}
	return writeSVG(w, canvas)
}
