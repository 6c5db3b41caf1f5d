package optimizer_test

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"os"
	"testing"

	"github.com/noiseprobe/noiseprobe/analysis/enhancement"
	"github.com/noiseprobe/noiseprobe/analysis/estimate"
	"github.com/noiseprobe/noiseprobe/analysis/optimizer"
	"github.com/noiseprobe/noiseprobe/internal/numtest"
	"github.com/noiseprobe/noiseprobe/noise"
	"github.com/noiseprobe/noiseprobe/probe"
)

// planted has n gradients of p parameters, of mean mu and with variances of exactly 1 (divisor n-1), in pairs mu +- x.
func planted(n, p int, mu float64) *probe.Gradients {
	rng, rows := rand.New(rand.NewPCG(5, 6)), make([]float64, n*p)
	for j := range p {
		total := 0.0
		for i := 0; i < n; i += 2 {
			x := rng.NormFloat64()
			rows[i*p+j], rows[(i+1)*p+j], total = x, -x, total+2*x*x
		}
		for i := range n {
			rows[i*p+j] = mu + rows[i*p+j]*math.Sqrt(float64(n-1)/total)
		}
	}
	return &probe.Gradients{Layers: []probe.Layer{probe.NewDense("layer", n, p, rows)}}
}

func stateOf(p int, mu, epsilon float64) *probe.Optimizer {
	o := &probe.Optimizer{Name: "adam", Step: 1000, LearningRate: 1e-3, Beta1: 0.9, Beta2: 0.999, Epsilon: epsilon}
	o.M, o.V, o.Gradient = make([]float32, p), make([]float32, p), make([]float32, p)
	for j := range o.V {
		o.V[j], o.Gradient[j] = float32(mu*mu+1), float32(mu)
	}
	return o
}

func row(t *testing.T, n *optimizer.Noise, evidence string, arm enhancement.Arm) optimizer.Update {
	t.Helper()
	for _, u := range n.Updates {
		if u.Evidence == evidence && u.Arm == arm {
			return u
		}
	}
	t.Fatalf("no %s row of %s", evidence, arm)
	return optimizer.Update{}
}

func analyse(t *testing.T, g *probe.Gradients, o *probe.Optimizer, alpha float64) *optimizer.Noise {
	t.Helper()
	n, err := optimizer.Analyse(g, o, optimizer.Settings{Alpha: alpha, Batch: 4, Pairing: noise.Replacement, Eigenvalues: 5})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// Variances of a minibatch are 1/4 here, so that mu = 0, 0.15 and 1.5 are the 0, 0.3 and 3 of variance 1. The formula by hand at alpha = 2:
// f = 5, f_u = f (mu^2 + 1) / (mu^2 + f).
func TestStationary(t *testing.T) {
	for _, c := range []struct{ mu, want float64 }{{0, 1}, {0.15, 5 * 1.09 / 5.09}, {1.5, 5 * 10.0 / 14}} {
		n := analyse(t, planted(512, 60, c.mu), stateOf(60, c.mu, 0), 2)
		u := row(t, n, optimizer.Stationary, enhancement.ArmNE)
		closeTo(t, "f_u", float64(u.Ratio), c.want, numtest.Tol{Rel: 1e-6})
		if c.mu > 0 {
			closeTo(t, "mean update", float64(u.MeanNormSq), 60e-6*c.mu*c.mu/(c.mu*c.mu+1.25), numtest.Tol{Rel: 1e-6}) // eta^2 P mu^2 / (mu^2 + f/4)
			closeTo(t, "drift", float64(u.Drift), (c.mu*c.mu+0.25)/(c.mu*c.mu+1.25), numtest.Tol{Rel: 1e-6})
		}
		if !u.CI.Contains(c.want) {
			t.Errorf("mu %g: interval %v", c.mu, u.CI)
		}
		// Rounded to 1 sample, B_eff = 4/5 has less noise than NE: at B = 1 f is 4.
		effective := row(t, n, optimizer.Stationary, enhancement.ArmEffective)
		closeTo(t, "f_u at B_eff", float64(effective.Ratio), 4*(c.mu*c.mu+0.25)/(c.mu*c.mu+1), numtest.Tol{Rel: 1e-6})
	}
}

// A large eps makes D constant, so that the update's noise is the gradient's.
func TestLargeEpsilonGivesF(t *testing.T) {
	u := row(t, analyse(t, planted(64, 10, 0.3), stateOf(10, 0.3, 1e6), 2), optimizer.Stationary, enhancement.ArmNE)
	closeTo(t, "f_u", float64(u.Ratio), 5, numtest.Tol{Rel: 1e-5})
	closeTo(t, "drift", float64(u.Drift), 1, numtest.Tol{Rel: 1e-5})
}

// Frozen moments multiply the gradient's noise by the constant D.
func TestFrozen(t *testing.T) {
	n := analyse(t, planted(64, 10, 0.3), stateOf(10, 0.3, 0), 2)
	c := 1e-3 * 0.1 / (1 - math.Pow(0.9, 1001))
	d := 1 / math.Sqrt(1.09/(1-math.Pow(0.999, 1000)))
	closeTo(t, "one sample", float64(n.UpdateTraceOneSample), 10*c*c*d*d, numtest.Tol{Rel: 1e-6})
	ne, sgd := row(t, n, optimizer.Frozen, enhancement.ArmNE), row(t, n, optimizer.Frozen, enhancement.ArmSGD)
	closeTo(t, "trace of NE", float64(ne.Trace), 5.0/4*10*c*c*d*d, numtest.Tol{Rel: 1e-6})
	closeTo(t, "ratio of NE", float64(ne.Ratio), 5, numtest.Tol{Rel: 1e-12})
	closeTo(t, "ratio of SGD", float64(sgd.Ratio), 1, numtest.Tol{Rel: 1e-12})
}

// Of units of two samples a minibatch of 4 holds two.
func TestUnitsOfSeveralSamples(t *testing.T) {
	g := planted(512, 60, 0.15)
	g.UnitSize = 2
	n := analyse(t, g, stateOf(60, 0.15, 0), 2)
	closeTo(t, "frozen", float64(row(t, n, optimizer.Frozen, enhancement.ArmNE).Ratio), 5, numtest.Tol{Rel: 1e-12})
	closeTo(t, "frozen SGD", float64(row(t, n, optimizer.Frozen, enhancement.ArmSGD).Ratio), 1, numtest.Tol{Rel: 1e-12})
	square := 0.15 * 0.15
	closeTo(t, "f_u", float64(row(t, n, optimizer.Stationary, enhancement.ArmNE).Ratio), 5*(square+0.5)/(square+2.5), numtest.Tol{Rel: 1e-6})
}

// The interval's width is that of the delete-one jackknife of the whole estimate.
func TestStationaryIntervalIsAJackknife(t *testing.T) {
	const n, p = 60, 12
	rng, rows := rand.New(rand.NewPCG(7, 8)), make([]float64, n*p)
	for i := range rows {
		rows[i] = 1 + float64(i%p)/3*rng.NormFloat64()
	}
	without := func(skip int) *probe.Gradients {
		kept := make([]float64, 0, n*p)
		for i := range n {
			if i != skip {
				kept = append(kept, rows[i*p:(i+1)*p]...)
			}
		}
		return &probe.Gradients{Layers: []probe.Layer{probe.NewDense("layer", len(kept)/p, p, kept)}}
	}
	o := stateOf(p, 1, 0.01)
	whole := row(t, analyse(t, without(-1), o, 2), optimizer.Stationary, enhancement.ArmNE)
	var logs []float64
	for i := range n {
		logs = append(logs, math.Log(float64(row(t, analyse(t, without(i), o, 2), optimizer.Stationary, enhancement.ArmNE).Ratio)))
	}
	mean, sum := 0.0, 0.0
	for _, v := range logs {
		mean += v / n
	}
	for _, v := range logs {
		sum += (v - mean) * (v - mean)
	}
	se := math.Sqrt(sum * (n - 1) / n)
	const t975 = 2.00099538 // R: qt(0.975, 59)
	got := math.Log(whole.CI.Hi/whole.CI.Lo) / (2 * t975)
	if math.Abs(got/se-1) > 0.1 {
		t.Errorf("standard error %g, jackknife %g", got, se)
	}
}

// Without the full gradient nothing is said of settled moments, unless the units are the whole population.
func TestUnknownGradient(t *testing.T) {
	g, o := planted(64, 10, 0.3), stateOf(10, 0.3, 0)
	o.Gradient = nil
	n := analyse(t, g, o, 2)
	if n.Row(optimizer.Stationary, enhancement.ArmNE) != nil || n.Unsettled == "" || n.Row(optimizer.Frozen, enhancement.ArmNE) == nil {
		t.Errorf("%+v", n)
	}
	g.Population = 64
	if n := analyse(t, g, o, 2); n.Row(optimizer.Stationary, enhancement.ArmNE) == nil || n.Unsettled != "" {
		t.Errorf("all units: %+v", n)
	}
}

// Adam with gradients of mean mu and variance 1, its weights left alone: the variance of its update under NE over that under SGD, simulated.
func TestStationaryIsWhatAdamDoes(t *testing.T) {
	for mu, simulated := range map[float64]float64{0: 1.000, 0.3: 1.073, 3: 3.599} { // an independent simulation in NumPy
		var variance [2]float64
		for k, f := range []float64{1, 5} {
			variance[k] = adamUpdateVariance(rand.New(rand.NewPCG(9, uint64(k))), 60, mu, math.Sqrt(f))
		}
		want := 5 * (mu*mu + 1) / (mu*mu + 5)
		// 60 parameters and 20,000 updates correlated over about 10 steps: a standard error of about 0.6% of each variance.
		if got := variance[1] / variance[0]; math.Abs(got/want-1) > 0.04 || math.Abs(got/simulated-1) > 0.04 {
			t.Errorf("mu %g: ratio %.3f, predicted %.3f, simulated elsewhere %.3f", mu, got, want, simulated)
		}
	}
}

// adamUpdateVariance is the mean variance of a parameter's update over 20,000 steps, after as many.
func adamUpdateVariance(rng *rand.Rand, p int, mu, sd float64) float64 {
	const steps = 20000
	total := 0.0
	for range p {
		m, v, sum, square := 0.0, mu*mu+sd*sd, 0.0, 0.0
		for t := range 2 * steps {
			g := mu + sd*rng.NormFloat64()
			m, v = 0.9*m+0.1*g, 0.999*v+0.001*g*g
			if t >= steps {
				u := m / math.Sqrt(v)
				sum, square = sum+u, square+u*u
			}
		}
		total += square/steps - sum/steps*sum/steps
	}
	return total / float64(p)
}

// The reference is NumPy in float64, see testdata/vectors/README.md (science).
func TestReference(t *testing.T) {
	const vectors = "../../testdata/vectors/"
	var want struct {
		Optimizer struct {
			Trace          float64   `json:"trace"`
			GradientNormSq float64   `json:"gradient_norm_sq"`
			NoiseScale     float64   `json:"noise_scale"`
			Eigenvalues    []float64 `json:"eigenvalues"`
			Rank           float64   `json:"effective_rank_participation"`
			Update         float64   `json:"update_trace_one_sample"`
		} `json:"optimizer"`
	}
	text, err := os.ReadFile(vectors + "science/expected/mlp_784-32-16-10.t20.json")
	if err == nil {
		err = json.Unmarshal(text, &want)
	}
	if err != nil {
		t.Fatal(err)
	}
	files, err := probe.Open([]string{"../../testdata/pytorch/mlp_784-32-16-10.factors.safetensors"}, 1<<30)
	if err != nil {
		t.Fatal(err)
	}
	defer files.Close()
	g := &files.Gradients
	o, err := probe.ReadOptimizer(vectors+"science/data/mlp_784-32-16-10.t20.optimizer.safetensors", g.Layers, nil)
	if err != nil {
		t.Fatal(err)
	}
	n, err := optimizer.Analyse(g, o, optimizer.Settings{Alpha: 1.5, Batch: 8, Pairing: noise.Replacement, Eigenvalues: 20})
	if err != nil {
		t.Fatal(err)
	}
	w := want.Optimizer
	got := append([]float64{
		float64(n.Trace), float64(n.GradientNormSq), float64(n.NoiseScale), float64(n.EffectiveRankParticipation), float64(n.UpdateTraceOneSample),
	}, floats(n.Eigenvalues)...)
	expected := append([]float64{w.Trace, w.GradientNormSq, w.NoiseScale, w.Rank, w.Update}, w.Eigenvalues...)
	if err := numtest.AllClose(got, expected, numtest.Tol{Rel: 1e-4}); err != nil {
		t.Error(err)
	}
}

func floats(all []estimate.Number) (x []float64) {
	for _, v := range all {
		x = append(x, float64(v))
	}
	return x
}

func closeTo(t *testing.T, what string, got, want float64, tol numtest.Tol) {
	t.Helper()
	if err := numtest.Close(got, want, tol); err != nil {
		t.Errorf("%s: %v", what, err)
	}
}
