package tail

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/noiseprobe/noiseprobe/internal/numtest"
)

// matrixOf fills a matrix draw after draw.
func matrixOf(draws, coordinates int, value func(i, j int) float64) Matrix {
	m := Matrix{draws, coordinates, make([]float64, draws*coordinates)}
	for i := range m.Data {
		m.Data[i] = value(i/coordinates, i%coordinates)
	}
	return m
}

// scaled draws coordinates whose log scales have standard deviation 1.
func scaled(r *rand.Rand, draws, coordinates int, draw func() float64) Matrix {
	scale := make([]float64, coordinates)
	for j := range scale {
		scale[j] = math.Exp(r.NormFloat64())
	}
	return matrixOf(draws, coordinates, func(_, j int) float64 { return scale[j] * draw() })
}

func verdicts(reps int, draw func(r *rand.Rand) Matrix) map[string]int {
	count := map[string]int{}
	for rep := range reps {
		count[ScaleArtefact(draw(rng("verdicts", rep)), uint64(rep)).Verdict]++
	}
	return count
}

// The reference alpha by its definition: one column, blocks of neighbours.
func referenceByDefinition(m Matrix, k1 int) float64 {
	var x []float64
	for i, v := range m.Data {
		mean := 0.0
		for _, w := range m.column(i % m.Coordinates) {
			mean += w
		}
		x = append(x, v-mean/float64(m.Draws))
	}
	logs := func(x []float64) float64 {
		sum := 0.0
		for _, v := range x {
			sum += math.Log(math.Abs(v) + math.Nextafter(1, 2) - 1)
		}
		return sum / float64(len(x))
	}
	var y []float64
	for block := range slices.Chunk(x, k1) {
		sum := 0.0
		for _, v := range block {
			sum += v
		}
		y = append(y, sum)
	}
	return math.Log(float64(k1)) / (logs(y) - logs(x))
}

func TestReferenceAlphaByDefinition(t *testing.T) {
	r := rng("reference", 0)
	// The largest divisors up to the root of 12 x 40 = 480 and of 7 x 9 = 63.
	for _, c := range []struct{ draws, coordinates, k1 int }{{12, 40, 20}, {7, 9, 7}, {10, 10, 10}} {
		m := scaled(r, c.draws, c.coordinates, r.NormFloat64)
		alpha, k1 := ReferenceAlpha(m)
		if k1 != c.k1 {
			t.Errorf("%d x %d: K1 = %d, want %d", c.draws, c.coordinates, k1, c.k1)
		}
		if err := numtest.Close(float64(alpha), referenceByDefinition(m, c.k1), numtest.Tol{Rel: 1e-10}); err != nil {
			t.Errorf("%d x %d: %v", c.draws, c.coordinates, err)
		}
	}
	for _, v := range []float64{0, 0.1} {
		if alpha, _ := ReferenceAlpha(matrixOf(12, 30, func(int, int) float64 { return v })); alpha.Defined() {
			t.Errorf("all draws are %g: alpha = %g", v, float64(alpha))
		}
	}
	if alpha, k1 := ReferenceAlpha(matrixOf(1, 13, func(int, int) float64 { return r.NormFloat64() })); alpha.Defined() || k1 != 1 {
		t.Errorf("13 numbers gave %v, K1 = %d", alpha, k1)
	}
}

// 1/alpha = 1/2 + s^2/log K1 for Gaussian coordinates with log scales of standard deviation s = 1: 1.55 at K1 = 1000.
func TestGaussianScalesAreNoTail(t *testing.T) {
	r := rng("scales", 0)
	m := scaled(r, 200, 5000, r.NormFloat64)
	a := ScaleArtefact(m, 1)
	// The mean of 5000 squared log scales has a standard error of 2%, which is 0.005 of 1/alpha; blocks add 0.0015/log... of it.
	if want := 1 / (0.5 + 1/math.Log(1000)); a.ReferenceK1 != 1000 || math.Abs(float64(a.ReferenceAlpha)-want) > 0.06 {
		t.Errorf("the reference gives %v, K1 = %d, want %.3f", a.ReferenceAlpha, a.ReferenceK1, want)
	}
	if math.Abs(float64(a.SurrogateReferenceAlpha-a.ReferenceAlpha)) > 0.06 {
		t.Errorf("the surrogate's reference is %v, the data's %v", a.SurrogateReferenceAlpha, a.ReferenceAlpha)
	}
	if a.Verdict != ConsistentWithGaussian || !a.CI.Contains(float64(a.SurrogateAlpha)) || !a.Survives.CI.Contains(0) {
		t.Errorf("%+v", a)
	}
}

// Rates of false alarm: of Gaussian matrices 5% are not called consistent, so that 4 or more of 20 have a probability of
// 1.6%; seeds are fixed.
func TestGaussianVerdict(t *testing.T) {
	numtest.NotShort(t, "many samples")
	count := verdicts(20, func(r *rand.Rand) Matrix { return scaled(r, 256, 16, r.NormFloat64) })
	if count[ConsistentWithGaussian] < 17 {
		t.Errorf("verdicts %v", count)
	}
}

func TestStudentIsNotStable(t *testing.T) {
	numtest.NotShort(t, "many samples")
	count := verdicts(10, func(r *rand.Rand) Matrix {
		return scaled(r, 1024, 32, distuv.StudentsT{Mu: 0, Sigma: 1, Nu: 5, Src: r}.Rand)
	})
	// Less than 5% are called stable by the measured rates: two or more of 10 with probability below 9%.
	if count[StableLike] > 1 || count[ConsistentWithGaussian] > 0 || count[HeavierNotStable] == 0 {
		t.Errorf("verdicts %v", count)
	}
}

func TestStableIsStableLike(t *testing.T) {
	numtest.NotShort(t, "many samples")
	reps := numtest.Cases(10, 4)
	count := verdicts(reps, func(r *rand.Rand) Matrix {
		return scaled(r, 1024, 32, distuv.AlphaStable{Alpha: 1.5, C: 1, Src: r}.Rand)
	})
	if count[StableLike] < reps*4/5 {
		t.Errorf("verdicts %v", count)
	}
}

// A direction along which noise is stable reaches every coordinate: draws x = g + s v with g Gaussian and s stable.
func TestPlantedStableDirection(t *testing.T) {
	count := verdicts(4, func(r *rand.Rand) Matrix {
		law := distuv.AlphaStable{Alpha: 1.5, C: 1, Src: r}
		const draws, coordinates = 16384, 4
		s, v := make([]float64, draws), make([]float64, coordinates)
		for i := range s {
			s[i] = law.Rand()
		}
		for j := range v {
			v[j] = 2 + r.Float64()
		}
		return matrixOf(draws, coordinates, func(i, j int) float64 { return r.NormFloat64() + s[i]*v[j] })
	})
	if count[StableLike] < 3 {
		t.Errorf("verdicts %v", count)
	}
}

// Half of the numbers are exact zeros: with K = 250,000 the reference reads 1/(1/2 + (36/2)/log 500 + ...), about 0.33.
func TestZerosAreNoTail(t *testing.T) {
	r := rng("zeros", 0)
	// Both signs of the mean that is taken off are kept from making log eps of nothing: pairs x, -x have mean 0.
	m := matrixOf(500, 500, func(int, int) float64 { return float64(r.IntN(2)) * r.NormFloat64() })
	for i := range 250 {
		for j := range 500 {
			m.Data[(499-i)*500+j] = -m.Data[i*500+j]
		}
	}
	if alpha, _ := ReferenceAlpha(m); math.Abs(float64(alpha)-0.33) > 0.05 {
		t.Errorf("the reference reads %v, want 0.33", alpha)
	}
	free := matrixOf(512, 50, func(int, int) float64 { return float64(r.IntN(2)) * r.NormFloat64() })
	a := ScaleArtefact(free, 1)
	if a.Verdict != ConsistentWithGaussian || a.Zeros != Zeros(free.Data) || a.CoordinatesUsed < 45 {
		t.Errorf("%d of %d coordinates, %d zeros, %q", a.CoordinatesUsed, a.Coordinates, a.Zeros, a.Verdict)
	}
}

// Scales of coordinates cancel, and their order does not matter. Powers of 2 make it exact.
func TestScalesCancel(t *testing.T) {
	r := rng("cancel", 0)
	m := scaled(r, 256, 6, r.NormFloat64)
	other := matrixOf(256, 6, func(i, j int) float64 { return m.Data[i*6+5-j] * math.Ldexp(1, 10*j-30) })
	a, b := ScaleArtefact(m, 1), ScaleArtefact(other, 1)
	if err := numtest.Close(float64(a.Alpha), float64(b.Alpha), numtest.Tol{Rel: 1e-10}); err != nil || a.Verdict != b.Verdict {
		t.Errorf("%v; verdicts %q, %q", err, a.Verdict, b.Verdict)
	}
}

// The slow version: for each coordinate and group, block sums written out.
func TestGrowthByDefinition(t *testing.T) {
	r := rng("growth", 0)
	m := scaled(r, 256, 3, r.NormFloat64)
	d := newDesign(256)
	// 8 groups of 32; blocks up to 8 are a quarter of a group.
	if want := (design{groups: 8, size: 32, levels: 4}); d != want {
		t.Fatalf("design %+v, want %+v", d, want)
	}
	g := d.measure(m)
	for group, row := range g.mean {
		for level, got := range row {
			k, sum, count := 1<<level, 0.0, 0
			for j := range 3 {
				mean := 0.0
				for i := range 256 {
					mean += m.Data[i*3+j] / 256
				}
				for first := group * 32; first < (group+1)*32; first += k {
					y := 0.0
					for i := range k {
						y += m.Data[(first+i)*3+j] - mean
					}
					sum, count = sum+math.Log(math.Abs(y)), count+1
				}
			}
			if err := numtest.Close(got, sum/float64(count), numtest.Tol{Abs: 1e-10}); err != nil {
				t.Errorf("group %d, K = %d: %v", group, k, err)
			}
		}
	}
}

func TestArtefactOfLittle(t *testing.T) {
	for name, m := range map[string]Matrix{
		"empty":       {},
		"few draws":   matrixOf(127, 2, func(i, j int) float64 { return float64(i*j + i) }),
		"all zero":    matrixOf(200, 2, func(int, int) float64 { return 0 }),
		"constant":    matrixOf(200, 2, func(int, int) float64 { return 3 }),
		"not finite":  matrixOf(200, 1, func(i, _ int) float64 { return math.Inf(1) }),
		"no sample":   {Draws: 500},
		"mostly zero": matrixOf(200, 1, func(i, _ int) float64 { return float64(i / 199) }),
	} {
		a := ScaleArtefact(m, 1)
		data, err := json.Marshal(a)
		if err != nil || a.Verdict != TooFewDraws || !strings.Contains(string(data), `"alpha":null,"ci":null`) {
			t.Errorf("%s: %s, %v", name, data, err)
		}
	}
	defer func() {
		if recover() == nil {
			t.Error("a matrix of the wrong size did not panic")
		}
	}()
	ScaleArtefact(Matrix{2, 2, []float64{1}}, 1)
}

func TestMatrixIsNotModified(t *testing.T) {
	r := rng("unmodified", 0)
	m := scaled(r, 128, 3, r.NormFloat64)
	before := slices.Clone(m.Data)
	ScaleArtefact(m, 1)
	if !slices.Equal(m.Data, before) {
		t.Error("the matrix was modified")
	}
}
