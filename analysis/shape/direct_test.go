package shape

import (
	"math"
	"strings"
	"testing"

	"github.com/noiseprobe/noiseprobe/analysis/enhancement"
	"github.com/noiseprobe/noiseprobe/internal/numtest"
	"github.com/noiseprobe/noiseprobe/internal/seed"
	"github.com/noiseprobe/noiseprobe/noise"
	"github.com/noiseprobe/noiseprobe/probe"
	"gonum.org/v1/gonum/stat"
)

// population draws minibatches of dense gradients.
type population struct {
	n, p int
	x    []float64
}

// noiseSq is |xi|^2 of NE noise.
func (g population) noiseSq(pairing noise.Pairing, batch int, alpha float64, root uint64) float64 {
	rng := seed.New(root, "minibatches")
	b, prime := make([]int, batch), make([]int, batch)
	noise.Draw(rng, pairing, g.n, b, prime)
	sum := 0.0
	for k := range g.p {
		mean, v := 0.0, 0.0
		for i := range g.n {
			mean += g.x[i*g.p+k] / float64(g.n)
		}
		for j := range batch {
			v += (alpha*(g.x[b[j]*g.p+k]-mean) + (1-alpha)*(g.x[prime[j]*g.p+k]-mean)) / float64(batch)
		}
		sum += v * v
	}
	return sum
}

// TestDirectRows: of a population that is recorded whole the prediction is exact. Over 40 sets of 64 draws of each arm the test rejects in about
// 7% at 5%; of 120 more than 18 have a probability of 0.1%.
func TestDirectRows(t *testing.T) {
	rng := seed.New(1, "direct rows")
	g := population{n: 100, p: 6}
	g.x = radial(rng, g.n, g.p, func() float64 { return math.Sqrt(rng.ExpFloat64()) })
	u := unitsOf(g.n, g.x)
	u.Population = g.n
	rejected := 0
	for set := range uint64(40) {
		d := &probe.Draws{Plan: probe.Plan{Draws: 64, Batch: 10, Alpha: 1.5, Pairing: noise.Independent}, Population: g.n, Effective: 4}
		for m := range uint64(64) {
			root := set*1000 + m
			d.EnhancedSq = append(d.EnhancedSq, g.noiseSq(noise.Independent, 10, 1.5, root))
			d.NormSq = append(d.NormSq, g.noiseSq(noise.Independent, 10, 1, root+100))
			d.PrimeNormSq = append(d.PrimeNormSq, g.noiseSq(noise.Independent, 10, 1, root+200))
			d.EffectiveSq = append(d.EffectiveSq, g.noiseSq(noise.Independent, 4, 1, root+300))
		}
		rows, _ := directRows(d, u)
		if len(rows) != 3 || rows[0].Arm != enhancement.ArmNE || rows[1].Draws != 128 || rows[2].Batch != 4 {
			t.Fatalf("%+v", rows)
		}
		for _, r := range rows {
			if r.PValue < 0.05 {
				rejected++
			}
			if !(r.CI.Lo < float64(r.NormExcess) && float64(r.NormExcess) < r.CI.Hi) {
				t.Errorf("%+v", r)
			}
		}
	}
	if rejected > 18 {
		t.Errorf("%d of 120 rows reject the closed form", rejected)
	}
}

// TestNoDirectRows where draws are differences, too few, or intervals are withheld.
func TestNoDirectRows(t *testing.T) {
	u := factoredUnits(64)
	draws := func(n int) *probe.Draws {
		d := &probe.Draws{Plan: probe.Plan{Batch: 10, Alpha: 1.5, Pairing: noise.Independent}, Population: 1000, Effective: 4}
		for i := range n {
			x := float64(1 + i%7)
			d.NormSq, d.PrimeNormSq, d.EnhancedSq, d.EffectiveSq = append(d.NormSq, x), append(d.PrimeNormSq, x), append(d.EnhancedSq, x), append(d.EffectiveSq, x)
		}
		return d
	}
	ghost := draws(64)
	ghost.Ghost = 10
	for _, c := range []struct {
		d   *probe.Draws
		u   *probe.Units
		why string
	}{
		{ghost, u, "a draw is the difference of two minibatches"},
		{draws(8), u, "8 draws are too few; 32 would do"},
		{draws(64), u.Subset([]int{1, 2, 3, 4, 5, 6}), "6 units are too few; it takes 34 or more"},
	} {
		if rows, none := directRows(c.d, c.u); rows != nil || !strings.Contains(none.String(), c.why) {
			t.Errorf("%s: %q, %+v", c.why, none, rows)
		}
	}
	if rows, _ := directRows(draws(64), u); len(rows) != 3 {
		t.Errorf("%d rows", len(rows))
	}
}

// TestLogVariance leaves out one value after the other.
func TestLogVariance(t *testing.T) {
	x := []float64{1, 4, 9, 2, 7, 7, 0.5}
	log, se := logVariance(x)
	var values []float64
	for i := range x {
		rest := append(append([]float64(nil), x[:i]...), x[i+1:]...)
		values = append(values, math.Log(stat.Variance(rest, nil)))
	}
	n := float64(len(x))
	want := math.Sqrt((n - 1) * (n - 1) / n * stat.Variance(values, nil))
	if err := numtest.AllClose([]float64{log, se}, []float64{math.Log(stat.Variance(x, nil)) + want*want/2, want}, numtest.Tol{Rel: 1e-12}); err != nil {
		t.Error(err)
	}
}
