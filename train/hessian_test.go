package train

import (
	"math"
	"slices"
	"testing"

	"github.com/noiseprobe/noiseprobe/internal/numtest"
	"github.com/noiseprobe/noiseprobe/internal/seed"
	"github.com/noiseprobe/noiseprobe/internal/vector"
	"github.com/noiseprobe/noiseprobe/probe"
)

// randomUnit is a direction of length 1.
func randomUnit(p int) []float32 {
	rng := seed.New(4, "direction")
	v := make([]float32, p)
	for i := range v {
		v[i] = float32(rng.NormFloat64())
	}
	length := math.Sqrt(vector.Dot(v, v))
	for i := range v {
		v[i] /= float32(length)
	}
	return v
}

// TestSecondDerivativesOfALinearModel: without hidden layers the Hessian is the Gauss-Newton matrix, v' H_i v = sum_c (h_ic . v)^2. At h = 0.02 the error of
// central differences is of the order of h^2 times the inputs' squares, 1e-4; that of rounding is smaller.
func TestSecondDerivativesOfALinearModel(t *testing.T) {
	m, err := NewNetwork(nil, []int{12}, 4, 1)
	if err != nil {
		t.Fatal(err)
	}
	data := images(9, 12, 4, 1)
	v := randomUnit(m.Parameters())
	var units [][]int
	for i := range 9 {
		units = append(units, []int{i})
	}
	before := slices.Clone(m.Weights)
	got, err := Source{Model: m, Data: data}.SecondDerivatives(v, 0.02, units)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(m.Weights, before) {
		t.Error("the weights have changed")
	}
	c := columnsOf(t, m, 9, 4, 1, func(r *probe.Record) error { return m.RecordClasses(r, data, upTo(9)) })
	want := make([]float64, 9)
	for at, along := range c.Project(v) {
		want[at/4] += along * along
	}
	if err := numtest.CloseToLargest(got, want, 1e-3); err != nil {
		t.Error(err)
	}
}

// TestSecondDerivativesOfGhostBatches: second differences of the mean loss of a ghost batch, in float64.
func TestSecondDerivativesOfGhostBatches(t *testing.T) {
	m := newImageModel(t, "[3,3,3,1]", []int{1, 4, 4}, 3, 4)
	data := images(8, 16, 3, 7)
	v := randomUnit(m.Parameters())
	units := [][]int{{0, 1, 2, 3}, {4, 5, 6, 7}}
	const h = 0.001 // no ReLU changes sides
	got, err := Source{Model: m, Data: data}.SecondDerivatives(v, h, units)
	if err != nil {
		t.Fatal(err)
	}
	before := slices.Clone(m.Weights)
	loss := func(unit []int, h float32) float64 {
		copy(m.Weights, before)
		vector.AddScaled(m.Weights, h, v)
		pixels, labels := slowInputs(data, unit)
		return mean(slowNetwork{m: m, groups: [][]int{{0, 1, 2, 3}}}.losses(pixels, labels, []int{1, 4, 4}))
	}
	var want []float64
	for _, unit := range units {
		want = append(want, (loss(unit, h)-2*loss(unit, 0)+loss(unit, -h))/(h*h))
	}
	if err := numtest.CloseToLargest(got, want, 0.02); err != nil {
		t.Error(err)
	}
}

// TestSecondDerivativesAgainstPyTorch: tr(H Sigma) of the reference network by autograd, the covariance (divisor n-1) of every second sample's gradient and the Hessian of the
// mean loss over the others. At h = 1e-4 no ReLU changes sides.
func TestSecondDerivativesAgainstPyTorch(t *testing.T) {
	c := loadMLP(t)
	var own []int
	var other [][]int
	for i := 0; i < c.N; i += 2 {
		own, other = append(own, i), append(other, []int{i + 1})
	}
	g, err := c.model.Record(c.data, own, probe.Meta{})
	if err != nil {
		t.Fatal(err)
	}
	mean64 := g.Mean()
	total := 0.0
	for i := range own {
		v := make([]float32, len(mean64))
		for j, x := range g.Unit(i) {
			v[j] = float32(x - mean64[j])
		}
		square := vector.Dot(v, v)
		for j := range v {
			v[j] /= float32(math.Sqrt(square))
		}
		all, err := Source{Model: c.model, Data: c.data}.SecondDerivatives(v, 1e-4, other)
		if err != nil {
			t.Fatal(err)
		}
		total += square * mean(all) / float64(len(own)-1)
	}
	if err := numtest.Close(total, readPyTorchCurvature(t)["mlp"].Hessian, numtest.Tol{Rel: single}); err != nil {
		t.Error(err)
	}
}
