package tail

import (
	"math"
	"math/rand/v2"
	"testing"
)

func halfNormals(r *rand.Rand, n int) []float64 {
	x := normal(r, n)
	for i, v := range x {
		x[i] = math.Abs(v)
	}
	return x
}

// onesided returns n values with P(X > x) = x^-index for x > 1.
func onesided(r *rand.Rand, n int, index float64) []float64 {
	x := pareto(r, n, index)
	for i, v := range x {
		x[i] = math.Abs(v)
	}
	return x
}

func mapped(x []float64, f func(float64) float64) []float64 {
	for i, v := range x {
		x[i] = f(v)
	}
	return x
}

// Of 200 samples of 200 values, those that begin at a sharp end have a half-normal counterpart, and others a Gaussian one. Gaussian samples are
// mistaken with a probability of 1%: more than 4.5% of 200 has a probability below 1e-3.
func TestCounterpartLaw(t *testing.T) {
	const n, reps = 200, 200
	for name, c := range map[string]struct {
		draw   func(r *rand.Rand) []float64
		lo, hi float64 // share of half-normal counterparts
		sign   float64 // of their scale
	}{
		"normal":           {func(r *rand.Rand) []float64 { return normal(r, n) }, 0, 0.045, 0},
		"normal + 10":      {func(r *rand.Rand) []float64 { return mapped(normal(r, n), func(v float64) float64 { return v + 10 }) }, 0, 0.045, 0},
		"student":          {func(r *rand.Rand) []float64 { return student2(r, n) }, 0, 0.02, 0},
		"two-sided Pareto": {func(r *rand.Rand) []float64 { return pareto(r, n, 1.5) }, 0, 0.05, 0},
		"uniform": {func(r *rand.Rand) []float64 {
			return mapped(make([]float64, n), func(float64) float64 { return r.Float64() - 0.5 })
		}, 0, 0.045, 0},
		"half-normal":  {func(r *rand.Rand) []float64 { return halfNormals(r, n) }, 0.99, 1, 1},
		"Pareto":       {func(r *rand.Rand) []float64 { return onesided(r, n, 1.5) }, 0.99, 1, 1},
		"minus Pareto": {func(r *rand.Rand) []float64 { return mapped(onesided(r, n, 2), func(v float64) float64 { return -v }) }, 0.99, 1, -1},
	} {
		half := 0
		for rep := range reps {
			got := counterpart(c.draw(rng("law "+name, rep)))
			if got.Law == HalfNormal {
				half++
				if c.sign != 0 && math.Copysign(1, float64(got.Scale)) != c.sign {
					t.Errorf("%s: %+v", name, got)
				}
			}
		}
		if share := float64(half) / reps; share < c.lo || share > c.hi {
			t.Errorf("%s: %.3f of the counterparts are half-normal, want %g to %g", name, share, c.lo, c.hi)
		}
	}
	// By hand: minimum 1, mean 1.5 above it, sqrt(pi/2) = 1.2533.
	if got := halfNormal(1, 2.5); math.Abs(float64(got.Scale)-1.5*1.2533141373155) > 1e-12 || got.Location != 1 {
		t.Errorf("%+v", got)
	}
}

// The largest of samples drawn from their ranks have the mean of those of whole samples: 5 standard errors of 2000.
func TestLargestOfCounterparts(t *testing.T) {
	const n, m, reps = 200, 10, 2000
	for _, c := range []Counterpart{{Gaussian, 0.3, 2}, {HalfNormal, -0.5, 2}, {HalfNormal, 1, 3}, {HalfNormal, 2, -1}} {
		for _, side := range []Side{Absolute, Left, Right} {
			var fast, slow [m][]float64
			r := rng("extremes", int(side))
			for range reps {
				x := make([]float64, n)
				for i := range x {
					z := r.NormFloat64()
					if c.Law == HalfNormal {
						z = math.Abs(z)
					}
					x[i] = float64(c.Location) + float64(c.Scale)*z
				}
				f, s := c.largest(n, m, side, r), largest(x, side, m)
				for i := range m {
					fast[i], slow[i] = append(fast[i], f[i]), append(slow[i], s[i])
				}
			}
			for i := range m {
				m1, s1 := meanStdDev(fast[i])
				m2, s2 := meanStdDev(slow[i])
				if math.Abs(m1-m2) > 5*math.Hypot(s1, s2)/math.Sqrt(reps) || math.Abs(s1-s2) > 5*s2/math.Sqrt(reps) {
					t.Errorf("%+v, %v: value %d is %g, sd %g; want %g, sd %g", c, side, i, m1, s1, m2, s2)
				}
			}
		}
	}
}
