package probe

import (
	"fmt"
	"math"
	"testing"

	"github.com/noiseprobe/noiseprobe/internal/seed"
)

// TestSingleGram compares products in float32 with sums in float64, for columns of very different sizes and for numbers whose squares float32 does not have.
func TestSingleGram(t *testing.T) {
	const n, width = 37, 2*singleColumns + 100
	for _, size := range []float64{1, 1e-30, 1e25} {
		t.Run(fmt.Sprint(size), func(t *testing.T) {
			r := seed.New(1, "single gram")
			values, variance := make([]float64, n*width), make([]float64, width)
			for j := range width {
				scale := size * math.Exp(3*r.NormFloat64())
				for i := range n {
					v := scale * r.NormFloat64()
					values[i*width+j] = v
					variance[j] += v * v / n
				}
			}
			got, want := make([]float64, n*n), make([]float64, n*n)
			for i := range n {
				for j := range i + 1 {
					got[i*n+j] = 5 * size * size // to which is added
					want[i*n+j] = 5*size*size + dot64(values[i*width:(i+1)*width], values[j*width:(j+1)*width])
				}
			}
			newSingleGram(n, singleColumns).add(got, values, width, variance)
			for i := range n {
				for j := range i + 1 {
					if bound := 2e-6 * math.Sqrt(want[i*n+i]*want[j*n+j]); math.Abs(got[i*n+j]-want[i*n+j]) > bound {
						t.Fatalf("x_%d . x_%d = %g, want %g within %g", i, j, got[i*n+j], want[i*n+j], bound)
					}
				}
			}
		})
	}
}
