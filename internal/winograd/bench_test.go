package winograd

import (
	"fmt"
	"testing"
)

// BenchmarkTile transforms a tile after the other, as in a layer: of an image of 32×32 pixels and its margins, and planes that
// hold all its tiles. What one call reads and writes is counted as bytes.
func BenchmarkTile(b *testing.B) {
	for _, m := range mappings() {
		for _, n := range []int{64, 256} {
			b.Run(fmt.Sprintf("%s/%d", m.name, n), func(b *testing.B) { tiles(b, &m, n, 16) })
		}
	}
}

// BenchmarkUnpadded shows what planes cost whose distance is a multiple of a page.
func BenchmarkUnpadded(b *testing.B) {
	for _, m := range mappings() {
		b.Run(fmt.Sprintf("%s/%d", m.name, 256), func(b *testing.B) { tiles(b, &m, 256, 0) })
	}
}

func tiles(b *testing.B, m *mapping, n, padding int) {
	const across = 8
	const pixels = across*Tile + side - 1
	plane := across*across*n + padding
	image, planes := square{make([]float32, pixels*pixels*n), pixels * n, n}, inPlanes(make([]float32, Planes*plane), plane)
	b.SetBytes(int64(4 * n * (m.from()*m.from() + m.to()*m.to())))
	t := 0
	for b.Loop() {
		dst, src := image, planes
		dst.data = dst.data[Tile*(t/across*image.row+t%across*image.col):]
		src.data = src.data[t*n:]
		if m.toPlanes {
			dst, src = src, dst
		}
		m.run(n, dst, src)
		t = (t + 1) % (across * across)
	}
}
