package enhancement

import (
	"math"
	"math/rand/v2"

	"github.com/noiseprobe/noiseprobe/internal/seed"
	"github.com/noiseprobe/noiseprobe/noise"
	"github.com/noiseprobe/noiseprobe/probe"
)

// population is a whole training set: one gradient for each sample, at fixed weights. wrong is a planted error, the factor by which the
// trainer's weighted pass multiplies alpha.
type population struct {
	rows  [][]float64
	wrong float64
}

// newPopulation draws n linear-Gaussian gradients with the eigenvalues 1/k, k = 1 to 30 (participation 9.9), whose lengths
// are multiplied by scale.
func newPopulation(rng *rand.Rand, n int, scale func(*rand.Rand) float64) population {
	p := population{wrong: 1}
	for range n {
		s, row := scale(rng), make([]float64, 30)
		for k := range row {
			row[k] = 0.1 + s*rng.NormFloat64()/math.Sqrt(float64(k+1))
		}
		p.rows = append(p.rows, row)
	}
	return p
}

func gaussian(*rand.Rand) float64 { return 1 }

// student5 makes each gradient's noise Student t with 5 degrees of freedom.
func student5(rng *rand.Rand) float64 {
	chi2 := 0.0
	for range 5 {
		v := rng.NormFloat64()
		chi2 += v * v
	}
	return math.Sqrt(5 / chi2)
}

func (p population) Parameters() int { return len(p.rows[0]) }
func (p population) Population() int { return len(p.rows) }

func (p population) MeanGradientTo(dst []float32, index []int) error {
	p.weightedTo(dst, index, 1/float64(len(index)), nil, 0)
	return nil
}

func (p population) EnhancedGradientTo(dst []float32, alpha float64, b, bPrime []int) error {
	alpha *= p.wrong
	w, wPrime := noise.Weights(alpha, len(b))
	p.weightedTo(dst, b, w, bPrime, wPrime)
	return nil
}

func (p population) weightedTo(dst []float32, b []int, w float64, bPrime []int, wPrime float64) {
	total := make([]float64, len(dst))
	for _, i := range b {
		for k, v := range p.rows[i] {
			total[k] += w * v
		}
	}
	for _, i := range bPrime {
		for k, v := range p.rows[i] {
			total[k] += wPrime * v
		}
	}
	for k, v := range total {
		dst[k] = float32(v)
	}
}

// draws are direct draws through the same code that measures a network.
func (p population) draws(plan probe.Plan) *probe.Draws {
	d, err := probe.Measure(p, plan, nil, nil)
	if err != nil {
		panic(err)
	}
	return d
}

// units records n samples, chosen at random without replacement.
func (p population) units(n int, root uint64) *probe.Units {
	var flat []float64
	for _, i := range seed.New(root, "units").Perm(len(p.rows))[:n] {
		flat = append(flat, p.rows[i]...)
	}
	g := &probe.Gradients{Layers: []probe.Layer{probe.NewDense("all", n, p.Parameters(), flat)}}
	u := g.Reduce(nil)
	u.Population = len(p.rows)
	return u
}
func sampleOf(rng *rand.Rand, n int, draw func(*rand.Rand) float64) []float64 {
	x := make([]float64, n)
	for i := range x {
		x[i] = draw(rng)
	}
	return x
}

func student(nu int) func(*rand.Rand) float64 {
	return func(rng *rand.Rand) float64 {
		chi2 := 0.0
		for range nu {
			v := rng.NormFloat64()
			chi2 += v * v
		}
		return rng.NormFloat64() * math.Sqrt(float64(nu)/chi2)
	}
}

// centredUnits are n numbers with mean 0.
