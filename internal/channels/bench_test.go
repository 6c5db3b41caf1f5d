package channels

import (
	"fmt"
	"testing"
)

// Benchmark measures the functions on images of a small network and on one far larger than the caches, beside a copy. Bytes
// are those of matrices read and written.
func Benchmark(b *testing.B) {
	for _, s := range []struct{ height, width, channels int }{{32, 32, 64}, {8, 8, 256}, {3136, 32, 64}} {
		rows := s.height * s.width
		o := newOperands(8, rows, s.channels, false)
		n := len(o.x)
		dst, pooled := make([]float32, n), make([]float32, n/4)
		sum, dot := make([]float32, s.channels), make([]float32, s.channels)
		for _, f := range []struct {
			name  string
			bytes int
			run   func()
		}{
			{"copy", 8 * n, func() { copy(dst, o.x) }},
			{"Sums", 4 * n, func() { Sums(sum, o.x) }},
			{"SquaredDeviations", 4 * n, func() { SquaredDeviations(sum, o.x, o.mean) }},
			{"NormaliseReLU", 8 * n, func() { NormaliseReLU(dst, o.x, o.mean, o.scale, o.shift) }},
			{"DeltaSums", 8 * n, func() { DeltaSums(sum, dot, o.x, o.dy, o.mean, o.scale, o.shift) }},
			{"Delta", 12 * n, func() { Delta(dst, o.x, o.dy, o.mean, o.scale, o.shift, o.first, o.second) }},
			{"MaxPool", 5 * n, func() { MaxPool(pooled, o.x, s.height, s.width, s.channels) }},
			{"MaxPoolAdjoint", 9 * n, func() { MaxPoolAdjoint(dst, o.x, pooled, s.height, s.width, s.channels) }},
		} {
			b.Run(fmt.Sprintf("%s/%dx%d", f.name, rows, s.channels), func(b *testing.B) {
				b.SetBytes(int64(f.bytes))
				for b.Loop() {
					f.run()
				}
			})
		}
	}
}
