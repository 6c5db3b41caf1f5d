package gemm

import (
	"testing"

	"github.com/noiseprobe/noiseprobe/internal/seed"
)

// TestGrid: there are no more pieces than workers, and the largest is done no later than with C cut along its longer side alone.
func TestGrid(t *testing.T) {
	e := &blocked[float32]{kernel: genericKernel[float32](maxPanelCols)}
	cost := func(m, n int, g grid) int {
		height, width := blocks(blocks(m, stripRows), g.rows)*stripRows, blocks(blocks(n, maxPanelCols), g.cols)*maxPanelCols
		return (min(m, height) + packing) * (min(n, width) + packing)
	}
	r := seed.New(1, "grid")
	for range 1000 {
		m, n, w := 1+r.IntN(2000), 1+r.IntN(2000), 1+r.IntN(200)
		g := e.grid(m, n, w)
		alone := grid{min(w, blocks(m, stripRows)), 1}
		if n > m {
			alone = grid{1, min(w, blocks(n, maxPanelCols))}
		}
		if g.rows*g.cols > w || cost(m, n, g) > cost(m, n, alone) {
			t.Fatalf("%d workers cut %d×%d into %+v, which costs %d; %+v costs %d", w, m, n, g, cost(m, n, g), alone, cost(m, n, alone))
		}
	}
	// Pieces of 64×144 take 64 workers less packing than 16 rows of all 500 columns would.
	if got, want := e.grid(1000, 500, 64), (grid{16, 4}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
}
