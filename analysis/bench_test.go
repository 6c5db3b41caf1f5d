package analysis

import (
	"fmt"
	"testing"
)

// BenchmarkAnalyse is one checkpoint; 512 units at B = 500 are a default run's.
func BenchmarkAnalyse(b *testing.B) {
	for _, n := range []int{512, 1000, 2000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			u, d := factoredUnits(n), directDraws(64, 1.5)
			s := settings
			s.Batch = 500
			for b.Loop() {
				Analyse(u, d, s)
			}
		})
	}
}
