package curvature

import (
	"math"
	"testing"

	"github.com/noiseprobe/noiseprobe/internal/numtest"
	"github.com/noiseprobe/noiseprobe/internal/seed"
	"gonum.org/v1/gonum/mat"
)

// TestLinearRegression: for y = w0'x + e with x ~ N(0, H), e of variance s^2 and weights w0 + w, squared loss has the gradient (w'x - e) x and the
// Gauss-Newton matrix x x', and by Isserlis
//
//	Sigma = (s^2 + w'Hw) H + H w w' H,    tr(H Sigma) = (s^2 + w'Hw) tr H^2 + w' H^3 w
//
// (derivations, curvature). Over 200 samples of 60 units the interval of noise_trace_unbiased should hold it in 190; fewer than 178 have a
// probability of 1e-3 at a coverage of 94%.
func TestLinearRegression(t *testing.T) {
	h, w := []float64{2, 1, 0.5, 0.2}, []float64{0.3, -0.5, 1, 2}
	const s = 0.7
	wHw, h2, wH3w, hh := 0.0, 0.0, 0.0, 0.0
	for j, v := range h {
		wHw += w[j] * w[j] * v
		h2 += v * v
		wH3w += w[j] * w[j] * v * v * v
		hh += w[j] * w[j] * v * v * v // w'H H H w = gbar' F gbar with gbar = H w
	}
	want := (s*s+wHw)*h2 + wH3w
	mean, inside := 0.0, 0
	const cases = 200
	for run := range cases {
		rng := seed.New(uint64(run), "linear regression")
		r := population{p: 4}
		for range 60 {
			x, error := make([]float64, 4), -s*rng.NormFloat64()
			for j := range x {
				x[j] = math.Sqrt(h[j]) * rng.NormFloat64()
				error += w[j] * x[j]
			}
			g := make([]float64, 4)
			for j, v := range x {
				g[j] = error * v
			}
			r.columns, r.g = append(r.columns, [][]float64{x}), append(r.g, g)
		}
		m := meet(r.reduced(everyone(60)))
		all := m.sums()
		mean += all.noiseTrace() / cases
		if m.jackknife(m.replicates()).positive(all.noiseTrace(), sums.noiseTrace).Contains(want) {
			inside++
		}
	}
	// The standard deviation of one estimate is about a third of it.
	if math.Abs(mean/want-1) > 4*0.35/math.Sqrt(cases) || inside < 178 {
		t.Errorf("mean %v, closed form %v, %d of %d intervals hold it", mean, want, inside, cases)
	}
}

// TestCalibratedSoftmax: where labels are drawn from the model's own probabilities, Sigma + gbar gbar' = F. The probabilities are multiples of 1/4, and
// every sample is there four times, with labels in these proportions, so that this holds exactly.
func TestCalibratedSoftmax(t *testing.T) {
	rng := seed.New(3, "calibrated")
	var r population
	const in, classes = 3, 3
	r.p = in * classes
	probabilities := [][]float64{{0.25, 0.25, 0.5}, {0.75, 0.25, 0}, {0, 1, 0}, {0.5, 0, 0.5}}
	for range 12 {
		p := probabilities[rng.IntN(4)]
		x := []float64{rng.NormFloat64(), rng.NormFloat64(), 1}
		gradient := func(label int, scale float64) []float64 {
			g := make([]float64, 0, r.p)
			for c := range classes {
				d := p[c]
				if c == label {
					d--
				}
				for _, v := range x {
					g = append(g, scale*d*v)
				}
			}
			return g
		}
		var columns [][]float64
		for c := range classes {
			columns = append(columns, gradient(c, math.Sqrt(p[c])))
		}
		for c := range classes {
			for range int(4 * p[c]) {
				r.columns, r.g = append(r.columns, columns), append(r.g, gradient(c, 1))
			}
		}
	}
	n := len(r.g)
	f, s, mean := r.matrix(everyone(n)), r.sigma(float64(n)), mat.NewVecDense(r.p, r.mean())
	s.SymRankOne(s, 1, mean)
	if !mat.EqualApprox(f, s, 1e-12) {
		t.Fatalf("F\n%v\nSigma + gbar gbar'\n%v", mat.Formatted(f), mat.Formatted(s))
	}
	c, u := r.reduced(everyone(n))
	got := Of(c, u, Settings{Alpha: math.NaN()})
	// tr(F Sigma) = |F|^2 - gbar' F gbar, and tr F = tr Sigma + |gbar|^2.
	have := []float64{float64(got.NoiseTrace), float64(got.Trace)}
	size := float64(got.Frobenius)
	want := []float64{size*size - float64(got.GradientCurvature), u.Trace() + u.MeanNormSq}
	if err := numtest.AllClose(have, want, numtest.Tol{Rel: 1e-12}); err != nil {
		t.Error(err)
	}
}

// TestEigenbasis: where noise is proportional to curvature, so it is along every eigenvector. Curvature x x' with gradients a x, a of variance 1, from
// N(0, H): v'Fv = v'Hv, v' Sigma v = v'Hv; eigenvalues from 200 units a half have errors of 10%, 4 of which are allowed.
func TestEigenbasis(t *testing.T) {
	rng := seed.New(3, "eigenbasis")
	r := population{p: 3}
	for range 400 {
		x := []float64{3 * rng.NormFloat64(), rng.NormFloat64(), 0.3 * rng.NormFloat64()}
		a := float64(1 - 2*rng.IntN(2))
		r.columns, r.g = append(r.columns, [][]float64{x}), append(r.g, []float64{a * x[0], a * x[1], a * x[2]})
	}
	c, u := r.reduced(everyone(400))
	got := Of(c, u, Settings{Alpha: math.NaN()}).Eigenbasis
	if len(got) != 3 {
		t.Fatalf("%d directions", len(got))
	}
	for i, want := range []float64{9, 1, 0.09} {
		d := got[i]
		if math.Abs(float64(d.Curvature)/want-1) > 0.4 || math.Abs(float64(d.Noise)/float64(d.Curvature)-1) > 0.05 ||
			!d.CurvatureCI.Contains(float64(d.Curvature)) || !d.NoiseCI.Contains(float64(d.Noise)) {
			t.Errorf("%d: %+v", i, d)
		}
	}
}
