package gemm

import (
	"fmt"
	"math"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/noiseprobe/noiseprobe/internal/seed"
)

func TestUseNamesWhatIsInUse(t *testing.T) {
	eachBackend(t, func(t *testing.T) {
		pattern := regexp.MustCompile(`^[a-z]+( [^ ]+)? \((1 (thread|worker)|[0-9]+ (thread|worker)s|threads of its own choosing)\)$`)
		if !pattern.MatchString(Name()) {
			t.Errorf("name %q", Name())
		}
		t.Log(Name())
	})
	if err := Use("gonum", 3); err != nil || Name() != "gonum (3 workers)" || Workers() != 3 {
		t.Errorf("gonum with 3: %v, %q, %d", err, Name(), Workers())
	}
	if err := Use("gonum", 1); err != nil || Name() != "gonum (1 worker)" || Workers() != 1 {
		t.Errorf("gonum with 1: %v, %q, %d", err, Name(), Workers())
	}
}

func TestFailedUseChangesNothing(t *testing.T) {
	t.Cleanup(func() { Use("auto", 0) })
	if err := Use("gonum", 2); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"", "cuda", "Gonum"} {
		err := Use(name, 1)
		if err == nil {
			t.Errorf("%q: no error", name)
			continue
		}
		if text := err.Error(); strings.ContainsAny(text, "\n") || strings.HasSuffix(text, ".") || !strings.Contains(text, name) {
			t.Errorf("%q: error %q", name, text)
		}
		if Name() != "gonum (2 workers)" {
			t.Errorf("%q: now in use: %q", name, Name())
		}
	}
}

// TestCheck: a check says what Use would say, and what is in use stays.
func TestCheck(t *testing.T) {
	t.Cleanup(func() { Use("auto", 0) })
	for _, name := range append(Names(), "", "cuda") {
		if err := Use("gonum", 3); err != nil {
			t.Fatal(err)
		}
		checked := fmt.Sprint(Check(name))
		if Name() != "gonum (3 workers)" {
			t.Errorf("after a check of %q: %q", name, Name())
		}
		if used := fmt.Sprint(Use(name, 1)); checked != used {
			t.Errorf("%q: checked %s, used %s", name, checked, used)
		}
	}
}

func TestAutoIsTheFirstToBeHad(t *testing.T) {
	t.Cleanup(func() { Use("auto", 0) })
	if err := Use("auto", 1); err != nil {
		t.Fatal(err)
	}
	auto := Name()
	for _, name := range []string{"builtin", "system", "gonum"} {
		err := Use(name, 1)
		if err == nil {
			break
		}
		t.Log(err)
	}
	if Name() != auto {
		t.Errorf("auto chose %q, not %q", auto, Name())
	}
}

// The promise of the gonum backend: the same bits for any number of workers.
func TestWorkersDoNotChangeTheResult(t *testing.T) {
	t.Cleanup(func() { Use("auto", 0) })
	r := seed.New(1, "workers")
	const m, n, k = 200, 417, 150
	a, b := make([]float32, m*k), make([]float32, k*n)
	for i := range a {
		a[i] = float32(r.NormFloat64())
	}
	for i := range b {
		b[i] = float32(r.NormFloat64())
	}
	for _, trans := range [][2]bool{{false, false}, {false, true}, {true, false}, {true, true}} {
		lda, ldb := k, n
		if trans[0] {
			lda = m
		}
		if trans[1] {
			ldb = k
		}
		var first []float32
		for _, workers := range []int{1, 2, 3, 8} {
			Use("gonum", workers)
			c := make([]float32, m*n)
			Sgemm(trans[0], trans[1], m, n, k, 0.3, a, lda, b, ldb, 0, c, n)
			square := make([]float32, m*m)
			ssyrk(m, k, a, k, square, m)
			c = append(c, square...)
			if first == nil {
				first = c
			}
			for i := range c {
				if math.Float32bits(c[i]) != math.Float32bits(first[i]) {
					t.Fatalf("transposed %v: element %d is %v with %d workers, %v with 1", trans, i, c[i], workers, first[i])
				}
			}
		}
	}
}

func TestConcurrentCallers(t *testing.T) {
	eachBackend(t, func(t *testing.T) {
		var group sync.WaitGroup
		for g := range uint64(8) {
			group.Go(func() {
				r := seed.New(g, "concurrent")
				for range cases(20, 8) {
					p := randomProduct[float32](r, 1+r.IntN(90), 1+r.IntN(250), 1+r.IntN(90), 2, -1)
					q := randomProduct[float64](r, 1+r.IntN(90), 1+r.IntN(250), 1+r.IntN(90), 2, -1)
					wantP, wantQ := clone(p), clone(q)
					naive(wantP)
					naive(wantQ)
					runSgemm(p)
					runDgemm(q)
					if err := firstDifference(p.c, wantP.c); err != nil {
						t.Errorf("float32: %v", err)
					}
					if err := firstDifference(q.c, wantQ.c); err != nil {
						t.Errorf("float64: %v", err)
					}
				}
			})
		}
		group.Wait()
	})
}

// Changing the backend while others multiply is allowed.
func TestUseWhileMultiplying(t *testing.T) {
	t.Cleanup(func() { Use("auto", 0) })
	var group sync.WaitGroup
	for g := range uint64(3) {
		group.Go(func() {
			r := seed.New(g, "switch")
			for range 200 {
				p := randomProduct[float32](r, 1+r.IntN(30), 1+r.IntN(30), 1+r.IntN(30), 1, 0)
				want := clone(p)
				naive(want)
				runSgemm(p)
				if err := firstDifference(p.c, want.c); err != nil {
					t.Error(err)
				}
			}
		})
	}
	for i := range 50 {
		Use([]string{"system", "gonum", "auto"}[i%3], i%4)
	}
	group.Wait()
}

func TestSameBits(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{"builtin avx512 (2 workers)", "builtin avx2 (1 worker)", true},
		{"builtin avx2 (2 workers)", "builtin generic (2 workers)", true},
		{"builtin neon (2 workers)", "builtin avx512 (1 worker)", true},
		{"builtin generic (2 workers)", "builtin generic (1 worker)", true},
		{"builtin avx2 (2 workers)", "gonum (2 workers)", false},
		{"gonum (2 workers)", "gonum (1 worker)", true},
		{"openblas 0.3.21 (2 threads)", "openblas 0.3.21 (1 thread)", false},
		{"openblas 0.3.21 (2 threads)", "openblas 0.3.21 (2 threads)", true},
	} {
		if got := SameBits(c.a, c.b); got != c.want {
			t.Errorf("%q and %q: %v", c.a, c.b, got)
		}
	}
}
