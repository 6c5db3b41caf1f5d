package tail

import (
	"math"
	"slices"
	"sort"
	"testing"

	"github.com/noiseprobe/noiseprobe/internal/numtest"
)

// clausetByDefinition tries every candidate in full.
func clausetByDefinition(x []float64) (xmin, alpha, ks float64) {
	y := []float64{}
	for _, v := range x {
		if v > 0 {
			y = append(y, v)
		}
	}
	sort.Float64s(y)
	distinct := slices.Compact(slices.Clone(y))
	ks = math.Inf(1)
	for _, candidate := range distinct[:max(0, len(distinct)-2)] {
		first, _ := slices.BinarySearch(y, candidate)
		z := y[first:]
		sum := 0.0
		for _, v := range z {
			sum += math.Log(v / candidate)
		}
		a := 1 + float64(len(z))/sum
		d := 0.0
		for i, v := range z {
			d = max(d, math.Abs(1-math.Pow(v/candidate, 1-a)-float64(i)/float64(len(z))))
		}
		if d < ks {
			xmin, alpha, ks = candidate, a, d
		}
	}
	return xmin, alpha, ks
}

func TestPowerLawAgainstDefinition(t *testing.T) {
	rounded := student2(rng("csn", 9), 300)
	for i := range rounded {
		rounded[i] = math.Round(rounded[i]*5) / 5
	}
	for name, x := range map[string][]float64{
		"student": student2(rng("csn", 0), 400), "normal": normal(rng("csn", 1), 400), "pareto": pareto(rng("csn", 2), 300, 1), "ties": rounded,
		"tiny": append(pareto(rng("csn", 3), 200, 2), 1e-12, 1e-20, 5e-324), // far below the last digit of the others
	} {
		xmin, alpha, ks := clausetByDefinition(x)
		f := FitPowerLaw(x, Right)
		got := []float64{float64(f.Xmin), float64(f.Exponent), float64(f.KS)}
		if err := numtest.AllClose(got, []float64{xmin, alpha, ks}, numtest.Tol{Rel: 1e-11}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// The moments of truncated normal laws by sums over a fine grid, and the densities integrate to 1.
func TestTruncatedNormalHasTheMoments(t *testing.T) {
	for _, want := range [][2]float64{{1, 1.2}, {0.5, 0.45}, {2, 7.6}, {1, 1.998}, {1, 1.0001}} {
		density := truncatedNormal(want[0], want[1])
		var mass, m1, m2 float64
		const h = 1e-4
		for l := h / 2; l < 60*want[0]; l += h {
			p := math.Exp(density(l)) * h
			mass, m1, m2 = mass+p, m1+l*p, m2+l*l*p
		}
		if err := numtest.AllClose([]float64{mass, m1, m2}, []float64{1, want[0], want[1]}, numtest.Tol{Rel: 1e-5}); err != nil {
			t.Errorf("%v: %v", want, err)
		}
	}
}

func TestLogErfcIsContinuous(t *testing.T) {
	// erfc itself is a float64 up to 26.
	for _, x := range []float64{20, 22, 26} {
		if err := numtest.Close(logErfc(x), math.Log(math.Erfc(x)), numtest.Tol{Rel: 1e-12}); err != nil {
			t.Error(err)
		}
	}
}

// The p-value of a power law is uniform: below 0.02 for one seed in fifty. Uniform values are no power law.
func TestPowerLawGoodnessOfFit(t *testing.T) {
	r := rng("fit", 0)
	x := pareto(r, 300, 2)
	if f := FitPowerLaw(x, Absolute).Test(x, Absolute, 99, r); f.PValue < 0.02 || f.PValue > 1 || f.Replicates != 99 {
		t.Errorf("Pareto: %+v", f)
	}
	for i := range x {
		x[i] = r.Float64()
	}
	if f := FitPowerLaw(x, Absolute).Test(x, Absolute, 99, r); f.PValue > 0.2 {
		t.Errorf("uniform: %+v", f)
	}
}

// Above 10,000 values the grid may miss the best candidate, but hardly by more than its neighbours differ.
func TestThinnedSearch(t *testing.T) {
	for name, x := range map[string][]float64{"student": student2(rng("thin", 0), 12_000), "pareto": pareto(rng("thin", 1), 12_000, 2)} {
		y := sorted(x)
		exact, f := newScan(y), FitPowerLaw(x, Absolute)
		exact.grid(exact.firstCandidate(), 1.1)
		exact.every(exact.firstCandidate(), len(y))
		if ks := float64(f.KS); !f.Thinned || ks < exact.ks || ks > 1.1*exact.ks {
			t.Errorf("%s: KS %g, of all candidates %g", name, ks, exact.ks)
		}
	}
}
