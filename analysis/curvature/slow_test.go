package curvature

import (
	"math"
	"slices"
	"testing"

	"github.com/noiseprobe/noiseprobe/internal/numtest"
	"github.com/noiseprobe/noiseprobe/internal/seed"
	"github.com/noiseprobe/noiseprobe/noise"
	"github.com/noiseprobe/noiseprobe/probe"
	"gonum.org/v1/gonum/mat"
)

// population has a few vectors a unit, the columns of F_k, and its gradient, written out.
type population struct {
	p       int
	columns [][][]float64 // unit, column
	g       [][]float64
	// optimizer, if not nil, has the metric of [probe.Curvature.Preconditioned].
	optimizer *probe.Optimizer
}

// random units: long gradients go with large curvature, as in a network.
func random(label string, n, each, p int) population {
	rng := seed.New(5, label, uint64(n))
	vector := func(scale, mean float64) []float64 {
		v := make([]float64, p)
		for j := range v {
			v[j] = mean + scale*rng.NormFloat64()/float64(1+j)
		}
		return v
	}
	r := population{p: p}
	for range n {
		scale := math.Exp(0.3 * rng.NormFloat64())
		var columns [][]float64
		for range each {
			columns = append(columns, vector(scale, 0.1))
		}
		r.columns, r.g = append(r.columns, columns), append(r.g, vector(scale, 0.2))
	}
	return r
}

func (r population) subset(index []int) population {
	s := population{p: r.p, optimizer: r.optimizer}
	for _, i := range index {
		s.columns, s.g = append(s.columns, r.columns[i]), append(s.g, r.g[i])
	}
	return s
}

// layers cuts vectors into layers of these sizes.
func layers(sizes []int, rows [][]float64) (all []probe.Layer) {
	at := 0
	for i, size := range sizes {
		var flat []float64
		for _, row := range rows {
			flat = append(flat, row[at:at+size]...)
		}
		at += size
		all = append(all, probe.NewDense([]string{"dense1", "output"}[i], len(rows), size, flat))
	}
	return all
}

// reduced is what a checkpoint would store of the gradients and of the curvature of some of the units.
func (r population) reduced(units []int) (*probe.Curvature, *probe.Units) {
	sizes := []int{r.p / 2, r.p - r.p/2}
	g := &probe.Gradients{Layers: layers(sizes, r.g)}
	g.Meta.Index, g.Meta.Loss = make([]int, len(r.g)), make([]float64, len(r.g))
	var rows [][]float64
	for _, k := range units {
		rows = append(rows, r.columns[k]...)
	}
	columns := probe.Columns{Gradients: &probe.Gradients{Layers: layers(sizes, rows)}, Each: len(r.columns[0]), Unit: units}
	c := columns.Reduce(g)
	if r.optimizer != nil {
		c.Preconditioned, _ = columns.Precondition(g, r.optimizer)
	}
	return c, g.Reduce(nil)
}

func everyone(n int) []int {
	index := make([]int, n)
	for i := range index {
		index[i] = i
	}
	return index
}

func dot(x, y []float64) float64 {
	sum := 0.0
	for i, v := range x {
		sum += v * y[i]
	}
	return sum
}

// matrix is F of these units, P×P.
func (r population) matrix(units []int) *mat.SymDense {
	f := mat.NewSymDense(r.p, nil)
	for _, k := range units {
		for _, h := range r.columns[k] {
			f.SymRankOne(f, 1/float64(len(units)), mat.NewVecDense(r.p, h))
		}
	}
	return f
}

func (r population) mean() []float64 {
	mean := make([]float64, r.p)
	for _, g := range r.g {
		for j, v := range g {
			mean[j] += v / float64(len(r.g))
		}
	}
	return mean
}

// sigma is the covariance of the gradients with this divisor.
func (r population) sigma(divisor float64) *mat.SymDense {
	s, mean := mat.NewSymDense(r.p, nil), mat.NewVecDense(r.p, r.mean())
	for _, g := range r.g {
		var c mat.VecDense
		c.SubVec(mat.NewVecDense(r.p, g), mean)
		s.SymRankOne(s, 1/divisor, &c)
	}
	return s
}

func traceOfProduct(a, b mat.Symmetric) float64 {
	var product mat.Dense
	product.Mul(a, b)
	return mat.Trace(&product)
}

// TestDefinitions writes out F and Sigma.
func TestDefinitions(t *testing.T) {
	r := random("definitions", 40, 3, 9)
	for _, units := range [][]int{everyone(40), {3, 1, 30, 17, 8}} {
		c, u := r.reduced(units)
		got := Of(c, u, Settings{Alpha: math.NaN()})
		f, s := r.matrix(units), r.sigma(40)
		var eigen mat.EigenSym
		eigen.Factorize(f, false)
		values := eigen.Values(nil)
		slices.Reverse(values)
		noise, size := traceOfProduct(f, s), math.Sqrt(traceOfProduct(f, f))
		mean := r.mean()
		want := []float64{mat.Trace(f), size, noise, noise / (size * math.Sqrt(traceOfProduct(s, s))), 9 * noise / (mat.Trace(f) * mat.Trace(s)),
			mat.Inner(mat.NewVecDense(9, mean), f, mat.NewVecDense(9, mean))}
		have := []float64{float64(got.Trace), float64(got.Frobenius), float64(got.NoiseTrace), float64(got.Alignment), float64(got.Anisotropy),
			float64(got.GradientCurvature)}
		if err := numtest.AllClose(have, want, numtest.Tol{Rel: 1e-12}); err != nil {
			t.Errorf("%d units: %v", len(units), err)
		}
		for i, v := range got.Eigenvalues[:9] {
			if err := numtest.Close(float64(v), values[i], numtest.Tol{Rel: 1e-10, Abs: 1e-12}); err != nil {
				t.Errorf("eigenvalue %d: %v", i, err)
			}
		}
	}
}

// distinct are the means over distinct units that the unbiased estimates are, by going through all of them.
func (r population) distinct(units []int) (frobenius, noise, gradient float64) {
	pairs, count := 0.0, 0.0
	for _, k := range units {
		for _, l := range units {
			if k != l {
				pairs += traceOfProduct(r.matrix([]int{k}), r.matrix([]int{l}))
				count++
			}
		}
	}
	triples := 0.0
	for _, k := range units {
		for i := range r.g {
			for j := range r.g {
				if k == i || k == j || i == j {
					continue
				}
				triples++
				for _, h := range r.columns[k] {
					x, y := dot(h, r.g[i]), dot(h, r.g[j])
					noise += (x - y) * (x - y) / 2
					gradient += x * y
				}
			}
		}
	}
	return math.Sqrt(pairs / count), noise / triples, gradient / triples
}

func TestUnbiasedRunOverDistinctUnits(t *testing.T) {
	r := random("distinct", 12, 2, 6)
	for _, units := range [][]int{everyone(12), {3, 1, 8}} {
		c, u := r.reduced(units)
		got := Of(c, u, Settings{Alpha: math.NaN()})
		frobenius, noise, gradient := r.distinct(units)
		s := r.sigma(11)
		want := []float64{frobenius, noise, 6 * noise / (float64(got.Trace) * mat.Trace(s)), gradient}
		have := []float64{float64(got.FrobeniusUnbiased), float64(got.NoiseTraceUnbiased), float64(got.AnisotropyUnbiased), float64(got.GradientCurvatureUnbiased)}
		if err := numtest.AllClose(have, want, numtest.Tol{Rel: 1e-12}); err != nil {
			t.Errorf("%d units: %v", len(units), err)
		}
	}
}

// TestLayers: the blocks are what each layer has alone.
func TestLayers(t *testing.T) {
	r := random("layers", 12, 2, 6)
	c, u := r.reduced(everyone(12))
	got := Of(c, u, Settings{Alpha: math.NaN()}).Layers
	for i, at := range []int{0, 3} {
		part := population{p: 3}
		for k := range r.g {
			part.g = append(part.g, r.g[k][at:at+3])
			part.columns = append(part.columns, [][]float64{r.columns[k][0][at : at+3], r.columns[k][1][at : at+3]})
		}
		c, u := part.reduced(everyone(12))
		w := Of(c, u, Settings{Alpha: math.NaN()})
		have := []float64{float64(got[i].Trace), float64(got[i].NoiseTrace), float64(got[i].NoiseTraceUnbiased), float64(got[i].Anisotropy),
			float64(got[i].AnisotropyUnbiased), float64(got[i].GradientCurvature), float64(got[i].GradientCurvatureUnbiased)}
		want := []float64{float64(w.Trace), float64(w.NoiseTrace), float64(w.NoiseTraceUnbiased), float64(w.Anisotropy),
			float64(w.AnisotropyUnbiased), float64(w.GradientCurvature), float64(w.GradientCurvatureUnbiased)}
		if err := numtest.AllClose(have, want, numtest.Tol{Rel: 1e-12}); err != nil {
			t.Errorf("layer %d: %v", i, err)
		}
	}
}

// TestWithoutOneUnit computes everything again from the other units.
func TestWithoutOneUnit(t *testing.T) {
	r := random("without", 9, 2, 5)
	r.optimizer = adamOf(5, 0.1)
	units := []int{2, 7, 4, 5}
	c, u := r.reduced(units)
	inMetric := meet(c, u).inMetric(*c.Preconditioned.Meeting).replicatesSeen()
	for out, got := range meet(c, u).replicates() {
		var rest, left []int
		for i := range 9 {
			if i != out {
				rest = append(rest, i)
			}
		}
		for at, i := range rest {
			if slices.Contains(units, i) {
				left = append(left, at)
			}
		}
		c, u := r.subset(rest).reduced(left)
		w := meet(c, u).sums()
		have := []float64{got.n, got.k, got.trace, got.pairs, got.noise, got.gradient, got.sigma, got.square, got.norm}
		want := []float64{w.n, w.k, w.trace, w.pairs, w.noise, w.gradient, w.sigma, w.square, w.norm}
		if err := numtest.AllClose(have, want, numtest.Tol{Rel: 1e-10}); err != nil {
			t.Errorf("without %d: %v", out, err)
		}
		got, w = inMetric[out], meet(c, u).inMetric(*c.Preconditioned.Meeting).seenWithout(-1)
		have = []float64{got.n, got.k, got.noise, got.gradient, got.sigma, got.norm}
		want = []float64{w.n, w.k, w.noise, w.gradient, w.sigma, w.norm}
		if err := numtest.AllClose(have, want, numtest.Tol{Rel: 1e-6}); err != nil { // D gbar in float32
			t.Errorf("without %d, in the metric: %v", out, err)
		}
	}
}

// TestSubsetsOfAPopulation: over all 4 of 7 units the mean of each estimate is that of the population (derivations, curvature 8).
func TestSubsetsOfAPopulation(t *testing.T) {
	r := random("subsets", 7, 2, 5)
	mean, count := make([]float64, 5), 0.0
	values := func(r population, population int) []float64 {
		c, u := r.reduced(everyone(len(r.g)))
		u.Population = population
		s := meet(c, u).sums()
		return []float64{s.traceF(), s.pairs / (s.k * (s.k - 1)), s.noiseTrace(), s.gradientCurvature(), s.square}
	}
	for mask := range 1 << 7 {
		var index []int
		for i := range 7 {
			if mask>>i&1 == 1 {
				index = append(index, i)
			}
		}
		if len(index) != 4 {
			continue
		}
		count++
		for j, v := range values(r.subset(index), 7) {
			mean[j] += v
		}
	}
	for j := range mean {
		mean[j] /= count
	}
	if err := numtest.AllClose(mean, values(r, 7), numtest.Tol{Rel: 1e-10}); err != nil || count != 35 {
		t.Error(count, err)
	}
}

// TestStep: the second-order model of a step, written out.
func TestStep(t *testing.T) {
	r := random("step", 60, 2, 8)
	c, u := r.reduced(everyone(60))
	u.Population, u.UnitSize = 60, 1
	const eta, alpha, batch = 0.05, 1.5, 10
	got := Of(c, u, Settings{Alpha: alpha, Batch: batch, Pairing: noise.Independent, LearningRate: eta})
	f, mean := r.matrix(everyone(60)), r.mean()
	// Eq. 4 with f(1.5) = 2.5.
	var xi mat.SymDense
	xi.ScaleSym(2.5*(60-batch)/(batch*59.0), r.sigma(60))
	gain := eta*dot(mean, mean) - eta*eta/2*mat.Inner(mat.NewVecDense(8, mean), f, mat.NewVecDense(8, mean))
	have := []float64{float64(got.StepGain), float64(got.StepCost), float64(got.StepGainUnbiased), float64(got.StepCostUnbiased)}
	_, seen, gradient := r.distinct(everyone(60))
	want := []float64{gain, eta * eta / 2 * traceOfProduct(f, &xi), eta*dot(mean, mean) - eta*eta/2*gradient, eta * eta / 2 * seen * 2.5 * (60 - batch) / (batch * 60.0)}
	if err := numtest.AllClose(have, want, numtest.Tol{Rel: 1e-11}); err != nil {
		t.Error(err)
	}
	// At the learning rate of break even a step gains nothing.
	even := Of(c, u, Settings{Alpha: alpha, Batch: batch, Pairing: noise.Independent, LearningRate: float64(got.BreakEven.LearningRate)})
	if err := numtest.Close(float64(even.CostOverGain), 1, numtest.Tol{Rel: 1e-11}); err != nil {
		t.Error(err)
	}
}

// TestNulls: what cannot be had is null, and says how many units would do.
func TestNulls(t *testing.T) {
	r := random("nulls", 150, 1, 5)
	c, u := r.subset([]int{0, 1}).reduced([]int{0})
	got := Of(c, u, Settings{Alpha: math.NaN()})
	if got.NoiseTraceUnbiased.Defined() || got.Reasons[KeyNoiseTrace] != "2 units are too few; 3 would do" || got.FrobeniusUnbiased.Defined() ||
		got.Withheld != "2 units are too few; 30 would do" || !got.NoiseTrace.Defined() || got.StepGain.Defined() || got.Reasons["step_gain"] == "" {
		t.Errorf("%+v", got)
	}
	c, u = r.reduced(everyone(10))
	if got := Of(c, u, Settings{Alpha: math.NaN()}); got.Withheld != "the curvature of 10 units is too few; 30 would do" || len(got.CI) != 0 {
		t.Errorf("%+v", got)
	}
	c.Drawn = true
	c.Pair[0] = math.NaN()
	if got := Of(c, u, Settings{Alpha: math.NaN()}); got.Frobenius.Defined() || got.Reasons["frobenius"] != "one label was drawn for each unit; two would do" ||
		got.Kind != Sampled || got.Labels != 1 || !got.FrobeniusUnbiased.Defined() {
		t.Errorf("%+v", got)
	}
}
