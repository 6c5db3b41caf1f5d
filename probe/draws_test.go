package probe_test

import (
	"errors"
	"math"
	"reflect"
	"testing"

	"github.com/noiseprobe/noiseprobe/internal/numtest"
	"github.com/noiseprobe/noiseprobe/noise"
	"github.com/noiseprobe/noiseprobe/probe"
)

// linear is a model whose per-sample gradients are known. It remembers the minibatches that it was asked for, so that a test can
// repeat the computation from the definition.
type linear struct {
	g [][]float64 // [N][P]
	// wrong is added to the weight of the samples of B: 0 in a correct trainer.
	wrong float64
	// failAt is the number of the call that fails, from 1; 0 for none.
	failAt int

	asked [][]int // the minibatches of MeanGradientTo
	calls int
}

var errBroken = errors.New("the backward pass broke")

func newLinear() *linear {
	const n, p = 200, 30
	m := &linear{g: make([][]float64, n)}
	x := normals("linear", n*p)
	for i := range m.g {
		m.g[i] = x[i*p : (i+1)*p]
	}
	return m
}

func (m *linear) Parameters() int { return len(m.g[0]) }
func (m *linear) Population() int { return len(m.g) }

func (m *linear) MeanGradientTo(dst []float32, index []int) error {
	if err := m.call(); err != nil {
		return err
	}
	m.asked = append(m.asked, append([]int(nil), index...))
	copy(dst, narrow(m.mean(index)))
	return nil
}

// EnhancedGradientTo is one weighted pass over the 2B samples, in float32 as in a trainer.
func (m *linear) EnhancedGradientTo(dst []float32, alpha float64, b, bPrime []int) error {
	if err := m.call(); err != nil {
		return err
	}
	clear(dst)
	weight, weightPrime := noise.Weights(alpha, len(b))
	for k, i := range append(append([]int(nil), b...), bPrime...) {
		w := weight + m.wrong
		if k >= len(b) {
			w = weightPrime
		}
		for j, v := range m.g[i] {
			dst[j] += float32(w * v)
		}
	}
	return nil
}

func (m *linear) call() error {
	m.calls++
	if m.calls == m.failAt {
		return errBroken
	}
	return nil
}

func (m *linear) mean(index []int) []float64 {
	var rows [][]float64
	for _, i := range index {
		rows = append(rows, m.g[i])
	}
	return meanOf(rows)
}

// trace of the covariance of all gradients, divisor N.
func (m *linear) trace() float64 {
	gram := momentsOf(m.g).Centred
	sum := 0.0
	for i := range m.g {
		sum += gram[i*len(m.g)+i] / float64(len(m.g))
	}
	return sum
}

var plan = probe.Plan{Draws: 12, Batch: 20, Alpha: 1.5, Pairing: noise.Independent, Seed: 9}

func measure(t *testing.T, m *linear, plan probe.Plan, directions ...probe.Direction) *probe.Draws {
	t.Helper()
	d, err := probe.Measure(m, plan, directions, nil)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func combine(a float64, x []float64, b float64, y []float64) []float64 {
	z := make([]float64, len(x))
	for i := range x {
		z[i] = a*x[i] + b*y[i]
	}
	return z
}

// TestMeasureAgainstItsDefinition repeats every number in float64 from the minibatches that the model was asked for: the
// whole training set, then B, B' and the minibatch of B_eff of every draw.
func TestMeasureAgainstItsDefinition(t *testing.T) {
	m := newLinear()
	directions := probe.RandomDirections(2, m.Parameters(), 2)
	d := measure(t, m, plan, directions...)
	if want := 1 + 3*plan.Draws; len(m.asked) != want || len(m.asked[0]) != m.Population() {
		t.Fatalf("%d minibatches, want %d, first the whole training set", len(m.asked), want)
	}
	full := m.mean(m.asked[0])
	directions = append(directions, probe.MeanDirection(narrow(full)))
	for k := range plan.Draws {
		asked := m.asked[1+3*k:]
		x := combine(1, m.mean(asked[0]), -1, full)
		prime := combine(1, m.mean(asked[1]), -1, full)
		effective := combine(1, m.mean(asked[2]), -1, full)
		ne := combine(plan.Alpha, x, 1-plan.Alpha, prime)
		got := []float64{d.NormSq[k], d.PrimeNormSq[k], d.Cross[k], d.EnhancedSq[k], d.EffectiveSq[k]}
		want := []float64{product(x, x), product(prime, prime), product(x, prime), product(ne, ne), product(effective, effective)}
		if err := numtest.CloseToLargest(got, want, 1e-6); err != nil {
			t.Errorf("draw %d: |x|^2, |x'|^2, <x, x'>, NE, B_eff: %v", k, err)
		}
		for i, u := range directions {
			p := d.Projections[i]
			got := []float64{p.X[k], p.XPrime[k], p.NE[k], p.Effective[k]}
			want := []float64{onto(x, u), onto(prime, u), onto(ne, u), onto(effective, u)}
			if err := numtest.AllClose(got, want, numtest.Tol{Abs: 1e-6}); err != nil || p.Name != u.Name {
				t.Errorf("draw %d onto %s (%s): %v", k, p.Name, u.Name, err)
			}
		}
		if e := d.UpdateError[k]; e > 1e-6 {
			t.Errorf("draw %d: update error %g", k, e)
		}
	}
	// 200 / (1 + 2.5 (200/20 - 1)) = 8.51
	if d.Effective != 9 || d.Population != 200 || d.Plan != plan || len(d.Projections) != 3 {
		t.Errorf("B_eff %d, N %d, plan %+v, %d projections", d.Effective, d.Population, d.Plan, len(d.Projections))
	}
	for k := range plan.Draws {
		if got := len(m.asked[3+3*k]); got != d.Effective {
			t.Errorf("draw %d at B_eff reads %d samples", k, got)
		}
	}
}

func onto(x []float64, u probe.Direction) float64 {
	sum := 0.0
	for i, v := range x {
		sum += v * float64(u.Vector[i])
	}
	return sum
}

// TestUpdateErrorSeesAWrongWeight: a weight that is 1% off is far above rounding.
func TestUpdateErrorSeesAWrongWeight(t *testing.T) {
	m := newLinear()
	m.wrong = 0.01 * plan.Alpha / float64(plan.Batch)
	for k, e := range measure(t, m, plan).UpdateError {
		if e < 1e-3 {
			t.Errorf("draw %d: update error %g", k, e)
		}
	}
}

// TestMeasuredNoiseIsThePredictedOne: z-tests at |z| > 4.75, a false-alarm rate of 2e-6 each and 3e-5 for all twelve.
func TestMeasuredNoiseIsThePredictedOne(t *testing.T) {
	m := newLinear()
	sigma := m.trace()
	for _, p := range noise.Pairings {
		for _, alpha := range []float64{0.5, 1.5} {
			plan := probe.Plan{Draws: 400, Batch: 60, Alpha: alpha, Pairing: p, Seed: 3}
			d := measure(t, m, plan)
			for what, z := range map[string]float64{
				"NE":    zOf(d.EnhancedSq, sigma*noise.CovarianceFactor(p, 200, 60, alpha)),
				"B_eff": zOf(d.EffectiveSq, sigma*noise.CovarianceFactor(p.Single(), 200, d.Effective, 1)),
			} {
				if math.Abs(z) > 4.75 {
					t.Errorf("%s at alpha %g: the noise of %s is %.1f standard errors off", p, alpha, what, z)
				}
			}
		}
	}
}

// zOf is how many standard errors the mean of v lies above want.
func zOf(v []float64, want float64) float64 {
	n, mean, square := float64(len(v)), 0.0, 0.0
	for _, x := range v {
		mean += x / n
	}
	for _, x := range v {
		square += (x - mean) * (x - mean)
	}
	return (mean - want) / math.Sqrt(square/(n*(n-1)))
}

func TestMeasureIsRepeatable(t *testing.T) {
	d := measure(t, newLinear(), plan)
	if again := measure(t, newLinear(), plan); !reflect.DeepEqual(d, again) {
		t.Error("the same plan gives other draws")
	}
	longer := plan
	longer.Draws = 20
	if more := measure(t, newLinear(), longer); !reflect.DeepEqual(more.NormSq[:plan.Draws], d.NormSq) {
		t.Error("more draws change the first ones")
	}
}

// TestNoEffectiveBatch: f = 41 leaves a quarter of a sample of B = 10.
func TestNoEffectiveBatch(t *testing.T) {
	m := newLinear()
	d := measure(t, m, probe.Plan{Draws: 3, Batch: 10, Alpha: 5, Pairing: noise.Disjoint, Seed: 1})
	if d.Effective != 0 || d.EffectiveSq != nil || d.Projections[0].Effective != nil {
		t.Errorf("B_eff %d, %v, %v", d.Effective, d.EffectiveSq, d.Projections[0].Effective)
	}
	if len(m.asked) != 1+2*3 {
		t.Errorf("%d minibatches", len(m.asked))
	}
}

func TestZeroGradientHasNoDirection(t *testing.T) {
	m := &linear{g: [][]float64{{1, -2}, {-1, 2}}}
	d := measure(t, m, probe.Plan{Draws: 1, Batch: 1, Alpha: 1.5, Pairing: noise.Independent})
	if len(d.Projections) != 0 {
		t.Errorf("projected onto %q", d.Projections[0].Name)
	}
}

func TestMeasureStops(t *testing.T) {
	interrupted := errors.New("interrupted")
	m := newLinear()
	left := 3
	d, err := probe.Measure(m, plan, nil, func() error {
		if left--; left < 0 {
			return interrupted
		}
		return nil
	})
	if d != nil || !errors.Is(err, interrupted) {
		t.Errorf("got %v, %v", d, err)
	}
	if want := 1 + 3*3; len(m.asked) != want {
		t.Errorf("%d minibatches before it stopped, want %d", len(m.asked), want)
	}
}

// TestMeasurePassesErrorsOn: the full gradient and the four passes of the first draw.
func TestMeasurePassesErrorsOn(t *testing.T) {
	for call := 1; call <= 5; call++ {
		m := newLinear()
		m.failAt = call
		if d, err := probe.Measure(m, plan, nil, nil); d != nil || !errors.Is(err, errBroken) {
			t.Errorf("call %d: got %v, %v", call, d, err)
		}
		if m.calls != call {
			t.Errorf("%d calls, the one that failed was %d", m.calls, call)
		}
	}
}

func TestMeasureLeavesDirectionsAlone(t *testing.T) {
	directions := probe.RandomDirections(1, 30, 1)
	spare := append(make([]probe.Direction, 0, 4), directions...)
	measure(t, newLinear(), plan, spare...)
	if !reflect.DeepEqual(spare, directions) || spare[:2][1].Name != "" {
		t.Error("the caller's directions were modified")
	}
}

// TestPlannedBatchMustFit: callers check with noise.CheckBatch.
func TestPlannedBatchMustFit(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("201 of 200 samples were drawn")
		}
	}()
	plan := plan
	plan.Batch = 201
	measure(t, newLinear(), plan)
}
