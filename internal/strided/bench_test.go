package strided

import (
	"os"
	"testing"
)

// BenchmarkReadBlock reads a block of a file in either order, as float32: 1000 rows of 8192 columns of 20000, from the
// system's cache.
func BenchmarkReadBlock(b *testing.B) {
	const n, p, width = 1000, 20000, 8192
	file, err := os.Create(b.TempDir() + "/matrix")
	if err != nil {
		b.Fatal(err)
	}
	defer file.Close()
	if err := file.Truncate(4 * n * p); err != nil {
		b.Fatal(err)
	}
	dst := make([]float64, n*width)
	for name, fortran := range map[string]bool{"rows": false, "columns": true} {
		b.Run(name, func(b *testing.B) {
			m := &Matrix{R: file, Element: Float32, Fortran: fortran, Shape: []int{n, p}}
			b.SetBytes(4 * n * width)
			for b.Loop() {
				if err := m.ReadBlock(dst, 0, n, 5000, 5000+width); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
