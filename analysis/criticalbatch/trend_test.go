package criticalbatch

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/noiseprobe/noiseprobe/internal/numtest"
)

// TestLossTrend: pooling gives the least-squares fit, here checked against every monotone step function of 9 rows.
func TestLossTrend(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 1))
	for range 50 {
		losses := make([]float64, 9)
		for i := range losses {
			losses[i] = math.Exp(rng.NormFloat64() - float64(i)/8)
		}
		var fit []float64
		var trend Trend
		for i, loss := range losses {
			trend.Add(i, loss)
		}
		for _, l := range trend.levels {
			for range int(l.count) {
				fit = append(fit, math.Log(l.loss))
			}
		}
		best, want := math.Inf(1), []float64(nil)
		for cuts := range 1 << 8 { // a bit for each gap between rows
			y := blockMeans(losses, cuts)
			squares := 0.0
			for i, loss := range losses {
				squares += (math.Log(loss) - y[i]) * (math.Log(loss) - y[i])
			}
			if slices.IsSortedFunc(y, func(a, b float64) int { return cmp.Compare(b, a) }) && squares < best {
				best, want = squares, y
			}
		}
		if err := numtest.AllClose(fit, want, numtest.Tol{Abs: 1e-12}); err != nil {
			t.Fatalf("%v: %v", losses, err)
		}
	}
}

// blockMeans replaces log losses by their means between the cuts.
func blockMeans(losses []float64, cuts int) []float64 {
	y := make([]float64, len(losses))
	for start, i := 0, 0; i < len(losses); i++ {
		if i < len(losses)-1 && cuts>>i&1 == 0 {
			continue
		}
		mean := 0.0
		for _, loss := range losses[start : i+1] {
			mean += math.Log(loss) / float64(i+1-start)
		}
		for k := start; k <= i; k++ {
			y[k] = mean
		}
		start = i + 1
	}
	return y
}
