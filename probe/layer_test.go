package probe_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/noiseprobe/noiseprobe/internal/numtest"
	"github.com/noiseprobe/noiseprobe/internal/seed"
	"github.com/noiseprobe/noiseprobe/probe"
)

func normals(label string, count int) []float64 {
	rng := seed.New(11, label, uint64(count))
	x := make([]float64, count)
	for i := range x {
		x[i] = 0.3 + rng.NormFloat64()
	}
	return x
}

func narrow(x []float64) []float32 {
	y := make([]float32, len(x))
	for i, v := range x {
		y[i] = float32(v)
	}
	return y
}

// rounded rounds to float32, in which files hold gradients.
func rounded(x []float64) []float64 {
	for i, v := range x {
		x[i] = float64(float32(v))
	}
	return x
}

// problem is a layer together with its gradients written out, [n][p], and the accuracy that its representation allows:
// relative to the largest entry of a result.
type problem struct {
	name  string
	layer probe.Layer
	rows  [][]float64
	rel   float64
}

func problems() (list []problem) {
	for _, s := range []struct{ n, in, out int }{{1, 1, 1}, {2, 3, 1}, {7, 5, 4}, {33, 17, 9}, {12, 100, 40}} {
		a, delta := narrow(normals("a", s.n*s.in)), narrow(normals("delta", s.n*s.out))
		rows := outerProducts(s.n, s.in, s.out, a, delta)
		p := s.out * (s.in + 1)
		name := fmt.Sprintf("n=%d,in=%d,out=%d", s.n, s.in, s.out)
		list = append(list,
			problem{"factored " + name, probe.NewFactored("dense1", s.n, s.in, s.out, a, delta), rows, 2e-6},
			problem{"dense " + name, probe.NewDense("dense1", s.n, p, slices.Concat(rows...)), rows, 1e-13},
			problem{"streamed " + name, inColumns("dense1", rows, 100), rows, 1e-13})
		unbiased := probe.NewFactored("dense1", s.n, s.in, s.out, a, delta)
		unbiased.NoBias = true
		list = append(list, problem{"without bias " + name, unbiased, shortened(rows, s.out*s.in), 2e-6})
	}
	for _, s := range []struct{ n, positions, rows, width int }{{1, 1, 1, 1}, {4, 3, 5, 2}, {9, 8, 6, 3}} {
		ids, delta := numbers(s.n*s.positions, s.rows), narrow(normals("delta", s.n*s.positions*s.width))
		list = append(list, problem{
			fmt.Sprint("embedding ", s), probe.NewEmbedding("dense1", s.n, s.rows, s.width, ids, delta), tableRows(s.n, s.rows, s.width, ids, delta), 1e-13,
		})
	}
	return list
}

// outerProducts writes out the gradients of y = W a + b: delta_i a_i^T, then delta_i.
func outerProducts(n, in, out int, a, delta []float32) [][]float64 {
	rows := make([][]float64, n)
	for i := range rows {
		for o := range out {
			for j := range in {
				rows[i] = append(rows[i], float64(delta[i*out+o])*float64(a[i*in+j]))
			}
		}
		for o := range out {
			rows[i] = append(rows[i], float64(delta[i*out+o]))
		}
	}
	return rows
}

// momentsOf is the definition of the second moments.
func momentsOf(rows [][]float64) *probe.Units {
	gbar, centred := meanOf(rows), centredOf(rows)
	g := &probe.Units{MeanNormSq: product(gbar, gbar), Centred: crossOf(centred, centred)}
	for _, row := range rows {
		g.MeanDot = append(g.MeanDot, product(gbar, row))
	}
	return g
}

func centredOf(rows [][]float64) [][]float64 {
	mean, centred := meanOf(rows), make([][]float64, len(rows))
	for i, row := range rows {
		for j, v := range row {
			centred[i] = append(centred[i], v-mean[j])
		}
	}
	return centred
}

func reduce(l probe.Layer) *probe.Units {
	return (&probe.Gradients{Layers: []probe.Layer{l}}).Reduce(nil)
}

func meanOf(rows [][]float64) []float64 {
	m := make([]float64, len(rows[0]))
	for _, row := range rows {
		for j, v := range row {
			m[j] += v / float64(len(rows))
		}
	}
	return m
}

func varianceOf(rows [][]float64) []float64 {
	variance, mean := make([]float64, len(rows[0])), meanOf(rows)
	for _, row := range rows {
		for j, v := range row {
			variance[j] += (v - mean[j]) * (v - mean[j]) / float64(len(rows))
		}
	}
	return variance
}

func product(x, y []float64) float64 {
	sum := 0.0
	for i := range x {
		sum += x[i] * y[i]
	}
	return sum
}

func TestLayersAgainstTheirDefinition(t *testing.T) {
	for _, p := range problems() {
		t.Run(p.name, func(t *testing.T) {
			if p.layer.Name() != "dense1" || p.layer.Units() != len(p.rows) || p.layer.Parameters() != len(p.rows[0]) {
				t.Fatalf("%s: %d units, %d parameters", p.layer.Name(), p.layer.Units(), p.layer.Parameters())
			}
			p.checkGram(t)
			mean := dirty(len(p.rows[0]))
			p.layer.MeanTo(mean)
			p.check(t, "mean", mean, meanOf(p.rows))
			variance := dirty(len(p.rows[0]))
			p.layer.VarianceTo(variance)
			p.checkVariance(t, variance)
			p.checkProjection(t)
			for i, row := range p.rows {
				unit := dirty(len(row))
				p.layer.UnitTo(unit, i)
				if !slices.Equal(unit, row) {
					t.Errorf("gradient of unit %d is not exact", i)
				}
			}
		})
	}
}

// dirty is memory that a method has to overwrite.
func dirty(n int) []float64 {
	return slices.Repeat([]float64{math.NaN()}, n)
}

func (p problem) check(t *testing.T, what string, got, want []float64) {
	t.Helper()
	if err := numtest.CloseToLargest(got, want, p.rel); err != nil {
		t.Errorf("%s: %v", what, err)
	}
}

// checkVariance allows for errors relative to the largest mean square.
func (p problem) checkVariance(t *testing.T, got []float64) {
	t.Helper()
	want, mean, largest := varianceOf(p.rows), meanOf(p.rows), 0.0
	for j, v := range want {
		largest = max(largest, v+mean[j]*mean[j])
	}
	if err := numtest.AllClose(got, want, numtest.Tol{Abs: p.rel * largest}); err != nil {
		t.Errorf("variance: %v", err)
	}
}

// checkGram allows for errors relative to the largest |g|^2, since a centred entry has the rounding errors of what was subtracted.
func (p problem) checkGram(t *testing.T) {
	t.Helper()
	largest := 0.0
	for _, row := range p.rows {
		largest = max(largest, product(row, row))
	}
	got, want := reduce(p.layer), momentsOf(p.rows)
	tol := numtest.Tol{Abs: p.rel * largest}
	if err := numtest.AllClose(got.Centred, want.Centred, tol); err != nil {
		t.Errorf("centred Gram matrix: %v", err)
	}
	if err := numtest.AllClose(got.MeanDot, want.MeanDot, tol); err != nil {
		t.Errorf("gbar . g_i: %v", err)
	}
	if err := numtest.Close(got.MeanNormSq, want.MeanNormSq, numtest.Tol{Rel: p.rel}); err != nil {
		t.Errorf("|gbar|^2: %v", err)
	}
	for i := range p.rows {
		for j := range i {
			if n := len(p.rows); math.Abs(got.Centred[i*n+j]-got.Centred[j*n+i]) > 1e-15*largest {
				t.Errorf("entries %d, %d of the Gram matrix are not symmetric", i, j)
			}
		}
	}
}

// checkProjection also shows that projections are added to what is there: that is how layers sum up.
func (p problem) checkProjection(t *testing.T) {
	t.Helper()
	v := narrow(normals("v", len(p.rows[0])))
	got, want := make([]float64, len(p.rows)), make([]float64, len(p.rows))
	for i, row := range p.rows {
		got[i], want[i] = 10, 10
		for j, g := range row {
			want[i] += g * float64(v[j])
		}
	}
	p.layer.ProjectTo(got, v)
	p.check(t, "projection", got, want)
}

func TestLayersLeaveTheirDataAlone(t *testing.T) {
	const n, in, out = 6, 4, 3
	a, delta := narrow(normals("a", n*in)), narrow(normals("delta", n*out))
	g := normals("g", n*out*(in+1))
	v := narrow(normals("v", out*(in+1)))
	a0, delta0, g0, v0 := slices.Clone(a), slices.Clone(delta), slices.Clone(g), slices.Clone(v)
	for _, l := range []probe.Layer{probe.NewFactored("l", n, in, out, a, delta), probe.NewDense("l", n, out*(in+1), g)} {
		reduce(l)
		l.MeanTo(make([]float64, l.Parameters()))
		l.VarianceTo(make([]float64, l.Parameters()))
		l.ProjectTo(make([]float64, n), v)
		l.UnitTo(make([]float64, l.Parameters()), 2)
	}
	if !slices.Equal(a, a0) || !slices.Equal(delta, delta0) || !slices.Equal(g, g0) || !slices.Equal(v, v0) {
		t.Error("an input was modified")
	}
}

func TestWrongShapesPanic(t *testing.T) {
	panics(t, "a", func() { probe.NewFactored("l", 3, 2, 2, make([]float32, 5), make([]float32, 6)) })
	panics(t, "delta", func() { probe.NewFactored("l", 3, 2, 2, make([]float32, 6), make([]float32, 7)) })
	panics(t, "g", func() { probe.NewDense("l", 3, 2, make([]float64, 5)) })
	for _, l := range []probe.Layer{
		probe.NewFactored("factored", 3, 1, 2, make([]float32, 3), make([]float32, 6)),
		probe.NewDense("dense", 3, 4, make([]float64, 12)),
		probe.NewEmbedding("embedding", 3, 2, 2, make([]int64, 3), make([]float32, 6)),
		inColumns("streamed", [][]float64{make([]float64, 4), make([]float64, 4), make([]float64, 4)}, 2),
	} {
		panics(t, l.Name()+" mean", func() { l.MeanTo(make([]float64, 3)) })
		panics(t, l.Name()+" variance", func() { l.VarianceTo(make([]float64, 5)) })
		panics(t, l.Name()+" unit", func() { l.UnitTo(make([]float64, 5), 0) })
		panics(t, l.Name()+" projections", func() { l.ProjectTo(make([]float64, 2), make([]float32, 4)) })
		panics(t, l.Name()+" direction", func() { l.ProjectTo(make([]float64, 3), make([]float32, 5)) })
		g := &probe.Gradients{Layers: []probe.Layer{l}}
		panics(t, l.Name()+" direction of all", func() { g.Project(make([]float32, 5)) })
	}
}

func panics(t *testing.T, what string, do func()) {
	t.Helper()
	defer func() {
		t.Helper()
		if message, ok := recover().(string); !ok || !strings.HasPrefix(message, "probe: ") {
			t.Errorf("%s: panicked with %q, want a message of the package", what, message)
		}
	}()
	do()
}

// TestRowsKeepDigitsBesideALargeMean: the deviations are a millionth of the mean. All entries are multiples of 2^-20, so
// that the rows are exact sums; the answer comes from the deviations alone.
func TestRowsKeepDigitsBesideALargeMean(t *testing.T) {
	const n, p = 24, 30
	var rows, deviations [][]float64
	for i := range n {
		var row, deviation []float64
		for j, v := range normals(fmt.Sprint("row", i), p) {
			v = math.Round(v*(1<<20)) / (1 << 20)
			deviation = append(deviation, v)
			row = append(row, v+1e6+float64(j))
		}
		rows, deviations = append(rows, row), append(deviations, deviation)
	}
	want := momentsOf(deviations).Centred
	for _, l := range []probe.Layer{probe.NewDense("dense", n, p, slices.Concat(rows...)), inColumns("streamed", rows, 7)} {
		// gbar is rounded by up to 2^-34 = 6e-11 of a deviation.
		if err := numtest.CloseToLargest(reduce(l).Centred, want, 1e-10); err != nil {
			t.Errorf("%s: %v", l.Name(), err)
		}
	}

	// The obvious shortcut, centring the finished Gram matrix, cannot do this.
	finished := make([]float64, 0, n*n)
	gbar := meanOf(rows)
	for i := range n {
		for j := range n {
			v := product(rows[i], rows[j]) - product(rows[i], gbar) - product(rows[j], gbar) + product(gbar, gbar)
			finished = append(finished, v)
		}
	}
	if numtest.CloseToLargest(finished, want, 1e-6) == nil {
		t.Error("the test is too easy: centring the finished matrix passes as well")
	}
}

// TestDenseMeanIsExactToRounding: a running sum of 1000 values near 1e6 would be off by many units in the last place.
func TestDenseMeanIsExactToRounding(t *testing.T) {
	const n, ulp = 1000, 1.0 / (1 << 33) // the spacing of float64 between 2^19 and 2^20
	rows := make([]float64, n)
	deviation := 0.0
	for i, v := range normals("rows", n) {
		v = math.Round(v*(1<<20)) / (1 << 20)
		rows[i] = 1e6 + v
		deviation += v / n
	}
	mean := []float64{0}
	probe.NewDense("l", n, 1, rows).MeanTo(mean)
	if err := numtest.Close(mean[0]-1e6, deviation, numtest.Tol{Abs: ulp}); err != nil {
		t.Error(err)
	}
}

// A unit whose gradient is far below the mean one keeps the digits of its norm.
func TestNormOfASmallGradientBesideALargeMean(t *testing.T) {
	const n, in, out = 6, 4, 3
	a, delta := narrow(normals("a", n*in)), narrow(normals("delta", n*out))
	for o := range out {
		delta[o] *= 1e-6
	}
	rows := outerProducts(n, in, out, a, delta)
	want := 0.0
	for _, v := range rows[0] {
		want += v * v
	}
	g := probe.Gradients{Layers: []probe.Layer{probe.NewFactored("dense1", n, in, out, a, delta)}}
	if err := numtest.Close(g.Reduce(nil).NormSq[0], want, numtest.Tol{Rel: 1e-6}); err != nil {
		t.Error(err)
	}
}
