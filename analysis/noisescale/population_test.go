package noisescale

import (
	"math"
	"testing"

	"github.com/noiseprobe/noiseprobe/internal/seed"
)

// TestPopulation: of minibatches without replacement from a population whose mean gradient is 0, |grad L|^2 is 0 on average, and without N it is
// -tr Sigma / N. The bounds are four standard errors.
func TestPopulation(t *testing.T) {
	const n, p, steps, small, big = 40, 30, 4000, 8, 20
	r := seed.New(1, "population")
	population, mean := make([][]float64, n), make([]float64, p)
	for i := range population {
		for range p {
			population[i] = append(population[i], r.NormFloat64())
		}
		for j, v := range population[i] {
			mean[j] += v / n
		}
	}
	trace := 0.0
	for _, row := range population {
		for j := range row {
			row[j] -= mean[j]
			trace += row[j] * row[j] / (n - 1)
		}
	}
	normSq := func(index []int) (sum float64) {
		for j := range p {
			m := 0.0
			for _, i := range index {
				m += population[i][j] / float64(len(index))
			}
			sum += m * m
		}
		return sum
	}
	log := NewLog(1)
	for step := range steps {
		row := Row{Step: step, SmallBatch: small, BigBatch: big, All: Norms{normSq(r.Perm(n)[:small]), normSq(r.Perm(n)[:big])}}
		if err := log.Add(row); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		population int
		want       float64
	}{{0, -trace / n}, {n, 0}} {
		log.Population = c.population
		e, err := log.Analyse(1)
		if err != nil {
			t.Fatal(err)
		}
		se := (e.CI.GradientNormSq.Hi - e.CI.GradientNormSq.Lo) / 4
		if math.Abs(float64(e.GradientNormSq)-c.want) > 4*se || math.Abs(float64(e.Trace)/trace-1) > 0.02 || se > trace/n/8 {
			t.Errorf("population %d: |grad L|^2 = %g (%g), want %g; tr Sigma %g, want %g", c.population, e.GradientNormSq, se, c.want, e.Trace, trace)
		}
	}
}

// TestPopulationOfEnhancedGradients: norms that are the expectations of independent pairs at alpha = 2, f = 5, give |G|^2 and tr Sigma back:
//
//	|G|^2 + f (1/b - 1/N) tr Sigma
func TestPopulationOfEnhancedGradients(t *testing.T) {
	const n, f, signal, trace = 100, 5, 0.3, 40.0
	expected := func(b float64) float64 { return signal + f*(1/b-1.0/n)*trace }
	log := NewLog(2)
	log.Population = n
	for step := range FewestSteps {
		if err := log.Add(Row{Step: step, SmallBatch: 10, BigBatch: 50, All: Norms{expected(10), expected(50)}}); err != nil {
			t.Fatal(err)
		}
	}
	r, err := log.Analyse(1)
	if err != nil {
		t.Fatal(err)
	}
	if math.Abs(float64(r.Trace)/trace-1) > 1e-12 || math.Abs(float64(r.GradientNormSq)/signal-1) > 1e-12 {
		t.Errorf("tr Sigma %g, want %g; |G|^2 %g, want %g", r.Trace, trace, r.GradientNormSq, signal)
	}
}
