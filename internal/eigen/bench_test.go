package eigen

import (
	"fmt"
	"testing"

	"github.com/noiseprobe/noiseprobe/internal/gemm"
	"gonum.org/v1/gonum/mat"
)

func BenchmarkEigen(b *testing.B) {
	gemm.Install() // gonum multiplies with the same backend
	for _, n := range []int{512, 1000} {
		a := gramOf(n, n)
		run := func(name string, do func()) {
			b.Run(fmt.Sprintf("%s-%d", name, n), func(b *testing.B) {
				for b.Loop() {
					do()
				}
			})
		}
		run("values", func() { Values(n, a) })
		run("vectors", func() { Vectors(n, n, a) })
		run("vectors3", func() { Vectors(n, 3, a) })
		run("gonum-values", func() { new(mat.EigenSym).Factorize(mat.NewSymDense(n, a), false) })
		run("gonum-vectors", func() { new(mat.EigenSym).Factorize(mat.NewSymDense(n, a), true) })
	}
}
