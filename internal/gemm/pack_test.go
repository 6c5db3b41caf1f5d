package gemm

import (
	"slices"
	"testing"

	"github.com/noiseprobe/noiseprobe/internal/simd"
)

// Panels cover all columns, in the number that workspaces are made for, and only the very last may be narrower than a vector.
func TestPanelsCoverTheColumns(t *testing.T) {
	for _, k := range []kernel[float32]{{panelCols: 24, vector: 8}, {panelCols: 48, vector: 16}, {panelCols: 48, vector: 1}} {
		for n := range 400 {
			var widths []int
			for left := n; left > 0; left -= k.nextPanel(left) {
				widths = append(widths, k.nextPanel(left))
			}
			if len(widths) != blocks(n, k.panelCols) {
				t.Errorf("%d columns in panels of %d: %v", n, k.panelCols, widths)
			}
			if narrow := slices.IndexFunc(widths, func(w int) bool { return w <= k.vector }); narrow > 0 && k.vector > 1 {
				t.Errorf("%d columns in panels of %d: %v has one of a single vector", n, k.panelCols, widths)
			}
			whole := k.wholePanels(n)
			for i, w := range widths {
				if (w == k.panelCols) != (i < whole) {
					t.Errorf("%d columns in panels of %d: %v begins with %d whole ones", n, k.panelCols, widths, whole)
				}
			}
		}
	}
}

func TestCopyCutsRows(t *testing.T) {
	eachKernel(t, func(t *testing.T, set simd.Set) {
		testCopy(t, singleKernel(set), 8)
		testCopy(t, doubleKernel(set), 4)
	})
}

// testCopy cuts rows into strips, panels and pieces of 32 bytes.
func testCopy[T float](t *testing.T, e kernel[T], unit int) {
	const pieces = 3
	for _, width := range []int{stripRows, e.panelCols, unit} {
		stride, ldd := pieces*width+5, width+3
		for k := range 10 {
			apart := k*ldd + 7
			src, want := make([]T, k*stride), make([]T, pieces*apart)
			for i := range src {
				src[i] = T(i + 1)
			}
			got := make([]T, len(want))
			for i := range k * pieces * width {
				row, piece, col := i/(pieces*width), i/width%pieces, i%width
				want[piece*apart+row*ldd+col] = src[row*stride+piece*width+col]
			}
			if k > 0 {
				e.copy(k, pieces, width, src, stride, got, ldd, apart)
			}
			if err := firstDifference(got, want); err != nil {
				t.Fatalf("%d rows of %d pieces of %d: %v", k, pieces, width, err)
			}
		}
	}
}
