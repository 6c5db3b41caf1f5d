package normality

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/noiseprobe/noiseprobe/internal/numtest"
	"github.com/noiseprobe/noiseprobe/internal/seed"
)

// planted returns normal rows, but for draws along the direction u, of length 1.
func planted(n int, u []float64, draw func(*rand.Rand) float64, root uint64) Rows {
	d := len(u)
	r := seed.New(root, "planted", uint64(n), uint64(d))
	x := make([]float64, 0, n*d)
	for range n {
		row, along := make([]float64, d), 0.0
		for j := range row {
			row[j] = r.NormFloat64()
			along += row[j] * u[j]
		}
		other := draw(r)
		for j := range row {
			row[j] += (other - along) * u[j]
		}
		x = append(x, row...)
	}
	return Rows{n, d, x}
}

func TestPursuitFindsPlantedDirection(t *testing.T) {
	u := []float64{0.6, 0, -0.48, 0, 0.64, 0, 0, 0}
	for name, draw := range map[string]func(*rand.Rand) float64{
		"laplace": func(r *rand.Rand) float64 { return (r.ExpFloat64() - r.ExpFloat64()) / math.Sqrt2 },
		"student": func(r *rand.Rand) float64 { return studentT10(r) * math.Sqrt(0.8) },
		"uniform": func(r *rand.Rand) float64 { return math.Sqrt(12) * (r.Float64() - 0.5) },
	} {
		p := Pursue(planted(8000, u, draw, 1), 1)
		along := 0.0
		for j, v := range u {
			along += v * p.Direction[j]
		}
		if math.Abs(along) < 0.9 || p.Gaussian.Contains(float64(p.HeldOut)) || p.Test.LogP > -8 {
			t.Errorf("%s: cosine %.3f, %+v", name, along, p)
		}
	}
}

// On normal rows the held-out g2 leaves its Gaussian range 5% of the time, and the one of the search nearly always. 200 rows:
// outside [2, 22] with a probability of 1e-4 at a new seed.
func TestPursuitOfGaussianRows(t *testing.T) {
	numtest.NotShort(t, "many samples")
	t.Parallel()
	const reps = 200
	outside, found := 0, 0
	for rep := range reps {
		p := Pursue(normalRows(300, 6, uint64(100+rep)), 5)
		if !p.Gaussian.Contains(float64(p.HeldOut)) {
			outside++
		}
		if !p.Gaussian.Contains(float64(p.Found)) {
			found++
		}
	}
	if outside < 2 || outside > 22 || found < reps/2 {
		t.Errorf("outside the Gaussian range: %d held out, %d found, of %d", outside, found, reps)
	}
}

// The direction is such that projecting the half's rows is projecting its white rows: climbing again stays there.
func TestPursuitIsAFixedPoint(t *testing.T) {
	r := normalRows(400, 5, 9)
	z, _ := standardised(r)
	half := Rows{r.N, r.D, z}
	u, reason := search(half, 3)
	if reason != "" {
		t.Fatal(reason)
	}
	_, g2 := centre(half.project(u)).shape()
	// No direction of many does better.
	rng := seed.New(1, "directions")
	for range 3000 {
		w := make([]float64, r.D)
		for j := range w {
			w[j] = rng.NormFloat64()
		}
		if _, other := centre(half.project(w)).shape(); math.Abs(other) > math.Abs(g2)+1e-9 {
			t.Errorf("|g2| = %g, along %v it is %g", math.Abs(g2), w, math.Abs(other))
		}
	}
}

func TestKurtosisLawInverts(t *testing.T) {
	for _, n := range []int{8, 20, 1000} {
		law := newKurtosisLaw(n)
		for _, z := range []float64{-1.96, -0.3, 0, 1, 1.96} {
			if err := numtest.Close(law.z(law.g2(z)), z, numtest.Tol{Abs: 1e-10}); err != nil {
				t.Errorf("n = %d: %v", n, err)
			}
		}
	}
}

func TestPursuitThatIsRefused(t *testing.T) {
	for reason, r := range map[string]Rows{
		"needs at least 16 rows": normalRows(15, 2, 1),
		"needs at least 24 rows": normalRows(23, 10, 1),
		"is constant":            {20, 1, make([]float64, 20)},
	} {
		if p := Pursue(r, 1); p.Direction != nil || p.HeldOut.Defined() || p.Test.PValue.Defined() || !strings.Contains(p.Reason, reason) {
			t.Errorf("%s: %+v", reason, p)
		}
	}
}
