package vector

import (
	"math"
	"slices"
	"sync"
	"testing"

	"github.com/noiseprobe/noiseprobe/internal/numtest"
	"github.com/noiseprobe/noiseprobe/internal/seed"
)

// lengths reach over several vectors and all remainders.
const lengths = 70

// inputs returns vectors of normal numbers with zeros of both signs, an infinity and a NaN among them, each with a tail that
// no function may touch.
func inputs(root uint64, n int) (vectors [4][]float32) {
	r := seed.New(root, "vector", uint64(n))
	for i := range vectors {
		x := make([]float32, n+9)
		for j := range x {
			x[j] = float32(r.NormFloat64())
		}
		for _, special := range []float64{0, math.Copysign(0, -1), math.Inf(1), math.NaN()} {
			x[r.IntN(len(x))] = float32(special)
		}
		vectors[i] = x
	}
	return vectors
}

// same compares bit for bit but for the payload of NaN and the sign of zero.
func same(t *testing.T, name string, n int, got, want []float32) {
	t.Helper()
	for i := range want {
		if got[i] != want[i] && (got[i] == got[i] || want[i] == want[i]) {
			t.Fatalf("%s of %d elements: [%d] = %v, want %v", name, n, i, got[i], want[i])
		}
	}
}

func TestAgainstDefinitions(t *testing.T) {
	definitions := map[string]struct {
		run    func(x [4][]float32, n int)
		define func(x [4][]float32, i int) float32
	}{
		"Add": {
			func(x [4][]float32, n int) { Add(x[0][:n], x[1]) },
			func(x [4][]float32, i int) float32 { return x[0][i] + x[1][i] },
		},
		"AddReLU": {
			func(x [4][]float32, n int) { AddReLU(x[0][:n], x[1]) },
			func(x [4][]float32, i int) float32 { return max(x[0][i]+x[1][i], 0) },
		},
		"MaskTo": {
			func(x [4][]float32, n int) { MaskTo(x[0][:n], x[1], x[2]) },
			func(x [4][]float32, i int) float32 {
				if x[1][i] > 0 {
					return x[2][i]
				}
				return 0
			},
		},
		"AddScaled": {
			func(x [4][]float32, n int) { AddScaled(x[0][:n], 0.3, x[1]) },
			func(x [4][]float32, i int) float32 { return x[0][i] + float32(0.3*x[1][i]) },
		},
	}
	for name, d := range definitions {
		for n := range lengths {
			x := inputs(1, n)
			want := append([]float32(nil), x[0]...)
			for i := range n {
				want[i] = d.define(x, i)
			}
			d.run(x, n)
			same(t, name, n, x[0], want)
			untouched := inputs(1, n)
			for k := 1; k < 4; k++ {
				same(t, name+" changed an input", n, x[k], untouched[k])
			}
		}
	}
}

func TestMaskInPlace(t *testing.T) {
	for n := range lengths {
		x, y := inputs(6, n), inputs(6, n)
		MaskTo(x[0][:n], x[1], x[2])
		MaskTo(y[2][:n], y[1], y[2])
		same(t, "MaskTo in place", n, y[2][:n], x[0][:n])
	}
}

func TestAddProducts(t *testing.T) {
	for n := range lengths {
		x := inputs(2, n)
		got, want := make([]float64, n+5), make([]float64, n+5)
		for i := range got {
			got[i] = float64(i) / 3
			want[i] = got[i]
			if i < n {
				want[i] += float64((float64(x[0][i]) + 1) * float64(x[1][i]))
			}
		}
		AddProducts(got[:n], x[0], x[1])
		for i := range want {
			if got[i] != want[i] && (got[i] == got[i] || want[i] == want[i]) {
				t.Fatalf("%d elements: [%d] = %v, want %v", n, i, got[i], want[i])
			}
		}
	}
}

func TestAddDeviationProducts(t *testing.T) {
	for n := range lengths {
		r := seed.New(9, "deviations", uint64(n))
		wide := func() []float64 {
			v := make([]float64, n+5)
			for i := range v {
				v[i] = r.NormFloat64()
			}
			return v
		}
		x, got, p, q := inputs(2, n), wide(), wide(), wide()
		want, c := slices.Clone(got), Coefficients{r.NormFloat64(), r.NormFloat64(), r.NormFloat64(), r.NormFloat64()}
		for j := range n {
			x, y := float64(x[0][j]), float64(x[1][j])
			want[j] += float64(x*(c.D+q[j]+y)) + float64(y*(c.A+p[j])) + float64(c.P*q[j]) + float64(c.Q*p[j])
		}
		AddDeviationProducts(got[:n], x[0], x[1], p, q, c)
		for i := range want {
			if got[i] != want[i] && (got[i] == got[i] || want[i] == want[i]) {
				t.Fatalf("%d elements: [%d] = %v, want %v", n, i, got[i], want[i])
			}
		}
	}
}

func TestDot(t *testing.T) {
	for n := range 3 * lengths {
		r := seed.New(5, "dot", uint64(n))
		x, y := make([]float32, n), make([]float32, n)
		var lanes [16]float64
		for i := range x {
			x[i], y[i] = float32(r.NormFloat64()), float32(r.NormFloat64())
			lanes[i%16] += float64(x[i]) * float64(y[i])
		}
		want := 0.0
		for _, v := range lanes {
			want += v
		}
		if got := Dot(x, y); got != want {
			t.Fatalf("%d elements: %v, want %v", n, got, want)
		}
	}
}

func TestAddWide(t *testing.T) {
	for n := range lengths {
		x, got, want := inputs(7, n), make([]float64, n+5), make([]float64, n+5)
		for i := range got {
			got[i] = float64(i) / 3
			want[i] = got[i]
			if i < n {
				want[i] += float64(x[0][i])
			}
		}
		AddWide(got[:n], x[0])
		for i := range want {
			if got[i] != want[i] && (got[i] == got[i] || want[i] == want[i]) {
				t.Fatalf("%d elements: [%d] = %v, want %v", n, i, got[i], want[i])
			}
		}
	}
}

func TestCentre(t *testing.T) {
	for n := range 3 * lengths {
		r := seed.New(8, "centre", uint64(n))
		x, mean, squares := make([]float32, n+5), make([]float64, n+5), make([]float64, n+5)
		for i := range x {
			x[i], mean[i], squares[i] = float32(r.NormFloat64()), r.NormFloat64(), r.Float64()
		}
		centred, sums, lanes := slices.Clone(x), slices.Clone(squares), [16]float64{}
		for i := range n {
			d := float64(x[i]) - mean[i]
			centred[i] = float32(d)
			sums[i] += float64(d * d)
			lanes[i%16] += float64(d * mean[i])
		}
		want := 0.0
		for _, v := range lanes {
			want += v
		}
		if got := Centre(x[:n], mean, squares); got != want || !slices.Equal(x, centred) || !slices.Equal(squares, sums) {
			t.Fatalf("%d elements: %v, want %v; %v, want %v; %v, want %v", n, got, want, x, centred, squares, sums)
		}
	}
}

func TestAdam(t *testing.T) {
	rates := AdamRates{0.9, 0.1, 0.999, 0.001, 0.01, 1e-8}
	for n := range lengths {
		x, y := inputs(3, n), inputs(3, n)
		for i := range x[3] { // second moments are not negative
			x[3][i] = float32(math.Abs(float64(x[3][i])))
			y[3][i] = x[3][i]
		}
		for range 3 {
			Adam(x[0][:n], x[1], x[2], x[3], rates)
			for i := range n {
				w, g, m, v := &y[0][i], y[1][i], &y[2][i], &y[3][i]
				*m = float32(rates.Beta1**m) + float32(rates.Rest1*g)
				*v = float32(rates.Beta2**v) + float32(float32(rates.Rest2*g)*g)
				*w -= float32(float32(rates.Rate**m) / (float32(math.Sqrt(float64(*v))) + rates.Epsilon))
			}
		}
		for k, name := range []string{"w", "g", "m", "v"} {
			same(t, "Adam's "+name, n, x[k], y[k])
		}
	}
}

// Plain Go is used for the last elements everywhere and for all of them on other machines: it must be the same function.
func TestAssemblyHasTheBitsOfGo(t *testing.T) {
	x, y := inputs(4, 64), inputs(4, 64)
	rates := AdamRates{0.9, 0.1, 0.999, 0.001, 0.01, 1e-8}
	Adam(x[0], x[1], x[2], x[3], rates)
	for i := range y[0] {
		Adam(y[0][i:i+1], y[1][i:], y[2][i:], y[3][i:], rates)
	}
	for k := range x {
		same(t, "Adam", 64, x[k], y[k])
	}
}

func TestShortVectorsPanic(t *testing.T) {
	long, short := make([]float32, 9), make([]float32, 8)
	for name, f := range map[string]func(){
		"Add":         func() { Add(long, short[:8:8]) },
		"AddReLU":     func() { AddReLU(long, short[:8:8]) },
		"MaskTo":      func() { MaskTo(long, short[:8:8], long) },
		"AddScaled":   func() { AddScaled(long, 1, short[:8:8]) },
		"AddProducts": func() { AddProducts(make([]float64, 9), short[:8:8], long) },
		"AddDeviationProducts": func() {
			AddDeviationProducts(make([]float64, 9), long, long, make([]float64, 9), make([]float64, 8), Coefficients{})
		},
		"Dot":  func() { Dot(long, short[:8:8]) },
		"Adam": func() { Adam(long, long, short[:8:8], long, AdamRates{}) },
	} {
		numtest.Panics(t, name, "", f)
	}
}

func BenchmarkAdam(b *testing.B) {
	const n = 1_900_510
	w, g, m, v := make([]float32, n), make([]float32, n), make([]float32, n), make([]float32, n)
	b.SetBytes(7 * 4 * n) // four vectors are read, three written
	for b.Loop() {
		Adam(w, g, m, v, AdamRates{0.9, 0.1, 0.999, 0.001, 0.001, 1e-8})
	}
}

func BenchmarkMaskTo(b *testing.B) {
	const n = 500_000
	dst, y, x := make([]float32, n), make([]float32, n), make([]float32, n)
	b.SetBytes(3 * 4 * n)
	for b.Loop() {
		MaskTo(dst, y, x)
	}
}

func BenchmarkAddReLU(b *testing.B) {
	const n = 500_000
	y, x := make([]float32, n), make([]float32, n)
	b.SetBytes(3 * 4 * n)
	for b.Loop() {
		AddReLU(y, x)
	}
}

func BenchmarkDot(b *testing.B) {
	const n = 1_900_510
	x, y := make([]float32, n), make([]float32, n)
	b.SetBytes(2 * 4 * n)
	for b.Loop() {
		Dot(x, y)
	}
}

// BenchmarkCopy is what memory gives to two cores: vectors far larger than the caches, half for each.
func BenchmarkCopy(b *testing.B) {
	const n = 1 << 24
	dst, src := make([]float32, 2*n), make([]float32, 2*n)
	for i := range src {
		src[i] = 1 // or all of it is one page of zeros
	}
	b.SetBytes(2 * 4 * 2 * n)
	for b.Loop() {
		var group sync.WaitGroup
		for lo := 0; lo < 2*n; lo += n {
			group.Go(func() { copy(dst[lo:lo+n], src[lo:lo+n]) })
		}
		group.Wait()
	}
}
