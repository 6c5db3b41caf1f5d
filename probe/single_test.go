package probe

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/noiseprobe/noiseprobe/internal/numtest"
	"github.com/noiseprobe/noiseprobe/internal/seed"
	"github.com/noiseprobe/noiseprobe/internal/strided"
	"gonum.org/v1/gonum/mat"
)

// TestSingleGram compares products in float32 with sums in float64, for columns of very different sizes.
func TestSingleGram(t *testing.T) {
	const n, width = 37, 2*singleColumns + 100
	r := seed.New(1, "single gram")
	values, rounded := make([]float64, n*width), make([]float32, n*width)
	for j := range width {
		scale := math.Exp(3 * r.NormFloat64())
		for i := range n {
			rounded[i*width+j] = float32(scale * r.NormFloat64())
			values[i*width+j] = float64(rounded[i*width+j])
		}
	}
	got, want := make([]float64, n*n), make([]float64, n*n)
	for i := range n {
		for j := range i + 1 {
			got[i*n+j] = 5 // to which is added
			want[i*n+j] = 5 + dot64(values[i*width:(i+1)*width], values[j*width:(j+1)*width])
		}
	}
	(&singleGram{n, make([]float32, n*n)}).add(got, rounded, width)
	for i := range n {
		for j := range i + 1 {
			if bound := 2e-6 * math.Sqrt(want[i*n+i]*want[j*n+j]); math.Abs(got[i*n+j]-want[i*n+j]) > bound {
				t.Fatalf("x_%d . x_%d = %g, want %g within %g", i, j, got[i*n+j], want[i*n+j], bound)
			}
		}
	}
}

// TestAllAbove holds the factorisation against the eigenvalues of a Gram matrix, which stays as it was.
func TestAllAbove(t *testing.T) {
	const n, p = 12, 40
	r := seed.New(2, "all above")
	for _, c := range []struct {
		rank int
		want bool
	}{{n, true}, {3, false}, {n - 2, false}} {
		rows := mat.NewDense(n, p, nil)
		for k := range c.rank {
			for i := range n {
				a := r.NormFloat64()
				for j := range p {
					rows.Set(i, j, rows.At(i, j)+a*math.Sin(float64((k+1)*(j+3))))
				}
			}
		}
		d := NewDense("layer", n, p, rows.RawMatrix().Data)
		u := (&Gradients{Meta: Meta{Index: make([]int, n), Loss: make([]float64, n)}, Layers: []Layer{d}}).SecondMoments(nil)
		before := slices.Clone(u.Centred)
		var e mat.EigenSym
		e.Factorize(mat.NewSymDense(n, slices.Clone(u.Centred)), false)
		values := e.Values(nil) // ascending; the first or second is the one of centring
		if above := values[1] > 1e-5*u.Trace(); above != c.want {
			t.Fatalf("rank %d: eigenvalues %g", c.rank, values)
		}
		if got := u.allAbove(1e-5); got != c.want || !slices.Equal(u.Centred, before) {
			t.Errorf("rank %d: %v", c.rank, got)
		}
	}
}

// TestSingleIsForLargeFloat32: nothing else loses digits.
func TestSingleIsForLargeFloat32(t *testing.T) {
	for _, c := range []struct {
		element strided.Element
		n, p    int
		want    bool
	}{
		{strided.Float32, 1000, 1_000_000, true}, {strided.BFloat16, 1000, 1_000_000, true}, {strided.Float64, 1000, 1_000_000, false}, {strided.Float32, 1000, 100_000, false},
		{strided.Float32, 10_000, 9_000, false},
	} {
		s := NewStreamed("layer", &strided.Matrix{Element: c.element, Shape: []int{c.n, c.p}})
		if _, single := s.single(); single != c.want {
			t.Errorf("%+v: %v", c, single)
		}
	}
}

// wave is a large matrix in float32 that lies nowhere, with a mean that is longer than its deviations. Its rows repeat after some.
type wave struct{ n, p, distinct int }

func (w wave) Units() int      { return w.n }
func (w wave) Parameters() int { return w.p }
func (w wave) Single() bool    { return true }

func (w wave) at(i, j int) float64 {
	return float64(float32(3 + math.Sin(float64(1+i%w.distinct)*float64(j+1))))
}

func (w wave) ReadBlock(dst []float64, top, bottom, left, right int) error {
	return read(w, dst, top, bottom, left, right)
}

func (w wave) ReadSingles(dst []float32, top, bottom, left, right int) error {
	return read(w, dst, top, bottom, left, right)
}

func read[T number](w wave, dst []T, top, bottom, left, right int) error {
	for i := top; i < bottom; i++ {
		for j := left; j < right; j++ {
			dst[(i-top)*(right-left)+j-left] = T(w.at(i, j))
		}
	}
	return nil
}

// TestLargeSingleMatrix holds the products of some rows of matrices that are large enough against sums in float64. Of one whose rows repeat after 300, and so
// has not the rank of its size, float32 is not enough.
func TestLargeSingleMatrix(t *testing.T) {
	numtest.NeedFull(t, "two matrices of 10^8 numbers")
	for _, c := range []struct {
		w   wave
		ok  bool
		rel float64
	}{{wave{1300, 82_000, 1300}, true, 1e-7}, {wave{1300, 82_000, 300}, false, 1e-12}} {
		w := c.w
		s := NewStreamed("layer", w)
		g := &Gradients{Meta: Meta{Index: make([]int, w.n), Loss: make([]float64, w.n)}, Layers: []Layer{s}}
		if _, ok := g.singleMoments(nil); ok != c.ok {
			t.Fatalf("%+v: %v", w, ok)
		}
		u := g.SecondMoments(nil)
		if s.Err() != nil {
			t.Fatal(s.Err())
		}
		mean := make([]float64, w.p)
		s.MeanTo(mean)
		for _, pair := range [][2]int{{0, 0}, {7, 3}, {1299, 1299}, {1299, 640}} {
			want, a, b := 0.0, 0.0, 0.0
			for j, m := range mean {
				x, y := w.at(pair[0], j)-m, w.at(pair[1], j)-m
				want, a, b = want+x*y, a+x*x, b+y*y
			}
			if got := u.Centred[pair[0]*w.n+pair[1]]; math.Abs(got-want) > c.rel*math.Sqrt(a*b) {
				t.Errorf("%+v, %v: %g, want %g", w, pair, got, want)
			}
		}
	}
}

// TestSinglePass: what a pass over numbers read as float32 gives besides products is what it gives over the same numbers as float64.
func TestSinglePass(t *testing.T) {
	w := wave{9, 700, 9}
	direction := make([]float32, w.p)
	for j := range direction {
		direction[j] = float32(math.Cos(float64(j)))
	}
	wide, narrow := NewStreamed("layer", w), NewStreamed("layer", w)
	wideCopy, narrowCopy := make([]float64, 2*w.n), make([]float64, 2*w.n)
	var wideSums, narrowSums []tileSums
	var deviations []float64
	pass(wide, w.ReadBlock, wanted{vectors: [][]float32{direction}, coordinates: selection{[]int{3, 600}, wideCopy, 2}}, func(b block[float64], s []tileSums) {
		wideSums, deviations = s, slices.Clone(b.values)
	})
	pass(narrow, w.ReadSingles, wanted{vectors: [][]float32{direction}, coordinates: selection{[]int{3, 600}, narrowCopy, 2}}, func(b block[float32], s []tileSums) {
		narrowSums = s
		for k, v := range b.values {
			if math.Abs(float64(v)-deviations[k]) > 1e-7 {
				t.Fatalf("deviation %d: %g, want %g", k, v, deviations[k])
			}
		}
	})
	tol := numtest.Tol{Abs: 1e-11, Rel: 1e-13}
	check := func(what string, got, want []float64) {
		t.Helper()
		if err := numtest.AllClose(got, want, tol); err != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
	check("coordinates", narrowCopy, wideCopy)
	check("means", narrow.mean, wide.mean)
	check("variances", narrow.variance, wide.variance)
	for k, want := range wideSums {
		got := narrowSums[k]
		check("|g|^2", got.normSq, want.normSq)
		check("gbar . (g - gbar)", got.meanDot, want.meanDot)
		check("g . v", got.along[0], want.along[0])
		if got.nonzero != want.nonzero {
			t.Errorf("nonzero: %v", got.nonzero)
		}
	}
}

// TestSinglePassSaysWhatIsWrong: as [TestStreamedSaysWhatIsWrong] says it of float64.
func TestSinglePassSaysWhatIsWrong(t *testing.T) {
	for what, value := range map[string]float64{"NaN": math.NaN(), "infinite value": math.Inf(-1)} {
		s := NewStreamed("layer", wave{5, 600, 5})
		pass(s, func(dst []float32, top, bottom, left, right int) error {
			dst[2*(right-left)+500] = float32(value)
			return nil
		}, wanted{}, func(block[float32], []tileSums) {})
		if want := what + " at row 2, column 500 "; s.Err() == nil || !strings.Contains(s.Err().Error(), want) {
			t.Errorf("%v, want %s", s.Err(), want)
		}
	}
}
