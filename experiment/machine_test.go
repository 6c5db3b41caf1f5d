package experiment

import (
	"math"
	"runtime/debug"
	"testing"

	"github.com/noiseprobe/noiseprobe/internal/gemm"
	"github.com/noiseprobe/noiseprobe/internal/parallel"
)

// TestMachine: a check changes nothing, what is empty stays, and the rest is used.
func TestMachine(t *testing.T) {
	limit := debug.SetMemoryLimit(-1)
	t.Cleanup(func() {
		debug.SetMemoryLimit(limit)
		parallel.SetWorkers(0)
		gemm.Use("auto", 0)
	})
	now := func() Machine { return Machine{gemm.Name(), parallel.Workers(), debug.SetMemoryLimit(-1)} }
	if err := (Machine{BLAS: "gonum", Workers: 3, Memory: 1 << 40}).Use(); err != nil {
		t.Fatal(err)
	}
	before := Machine{"gonum (3 workers)", 3, 1 << 40}
	if got := now(); got != before {
		t.Fatalf("in use are %+v, want %+v", got, before)
	}
	for _, blas := range gemm.Names() {
		(Machine{BLAS: blas, Workers: 1, Memory: math.MaxInt64}).Check()
	}
	if err := (Machine{BLAS: "cuda"}).Check(); err == nil {
		t.Error("cuda is to be had")
	}
	if got := now(); got != before {
		t.Errorf("after checks: %+v", got)
	}
	if err := (Machine{Workers: 2}).Use(); err != nil {
		t.Error(err)
	}
	if got, want := now(), (Machine{"gonum (3 workers)", 2, 1 << 40}); got != want {
		t.Errorf("in use are %+v, want %+v", got, want)
	}
}
