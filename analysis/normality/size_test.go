package normality

import (
	"math"
	"testing"

	"github.com/noiseprobe/noiseprobe/internal/numtest"
	"github.com/noiseprobe/noiseprobe/internal/seed"
)

// At level 5% the tests reject what 2000 samples of 100 normal rows in 5 dimensions showed: 5.7% (Mardia's skewness), 3.4% (his
// kurtosis), 5.7% (Henze-Zirkler). The bounds are four standard errors of 500 samples on either side: false alarms below 1e-3.
func TestMultivariateSizeUnderNormality(t *testing.T) {
	numtest.NotShort(t, "many samples")
	t.Parallel()
	const reps = 500
	rate := map[string]float64{}
	for rep := range reps {
		v := whiten(normalRows(100, 5, uint64(rep)))
		_, tests := v.mardia()
		for _, test := range append(tests, v.henzeZirkler()) {
			rate[test.Name] += count(test.PValue < 0.05) / reps
		}
	}
	for name, bounds := range map[string][2]float64{
		"mardia-skewness": {0.015, 0.099}, "mardia-kurtosis": {0.002, 0.067}, "henze-zirkler": {0.015, 0.099},
	} {
		if r := rate[name]; r < bounds[0] || r > bounds[1] {
			t.Errorf("%s rejects %.3f of normal samples at 5%%", name, r)
		}
	}
}

// The bootstrap's p is at most 2/40 with a probability of 5% under normality, exactly: of 120 samples 6, and outside [1, 16]
// with a probability of 2e-3.
func TestEnergySizeUnderNormality(t *testing.T) {
	numtest.NotShort(t, "many samples")
	t.Parallel()
	const reps = 120
	rejected := 0
	for rep := range reps {
		if Energy(normalRows(30, 3, uint64(rep)), 39, uint64(rep)).PValue < 0.0501 {
			rejected++
		}
	}
	if rejected < 1 || rejected > 16 {
		t.Errorf("%d of %d rejected", rejected, reps)
	}
}

// Rows that share a random scale are a multivariate Student: heavy in every direction, and no test misses 500 of them. The
// skewness test is not made for a symmetric law, but b1 is inflated all the same.
func TestMultivariatePower(t *testing.T) {
	r := seed.New(8, "power")
	x := make([]float64, 0, 500*4)
	for range 500 {
		scale := 1 / math.Sqrt(r.ExpFloat64()+r.ExpFloat64())
		for range 4 {
			x = append(x, scale*r.NormFloat64())
		}
	}
	rows := Rows{500, 4, x}
	for _, test := range Multivariate(rows, MultivariateOptions{Replicates: 99}).Tests {
		if test.PValue > 0.01 || !test.LogP.Defined() {
			t.Errorf("%+v", test)
		}
	}
}

func benchmarkRows(b *testing.B, statistic func(whitened)) {
	r := normalRows(5000, 50, 1)
	for b.Loop() {
		statistic(whiten(r))
	}
}

func BenchmarkEnergy(b *testing.B)       { benchmarkRows(b, func(v whitened) { v.energy() }) }
func BenchmarkHenzeZirkler(b *testing.B) { benchmarkRows(b, func(v whitened) { v.henzeZirkler() }) }
func BenchmarkMardia(b *testing.B)       { benchmarkRows(b, func(v whitened) { v.mardia() }) }
