package gemm

import (
	"fmt"
	"os"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/noiseprobe/noiseprobe/internal/simd"
)

// backend is a provider of products. The arguments of its functions have been checked; no dimension and no alpha is 0. They may be
// called by several goroutines at once. ssyrk and dsyrk must fill C on and below the diagonal, and may write anything above it.
type backend struct {
	name    string
	workers int
	sgemm   func(product[float32])
	dgemm   func(product[float64])
	ssyrk   func(gram[float32])
	dsyrk   func(gram[float64])
	// sgemmBatch is nil where a batch is computed product by product.
	sgemmBatch func(batch[float32])
}

var (
	current atomic.Pointer[backend]
	choice  sync.Mutex // held while current changes
)

// Names that [Use] accepts.
const (
	Auto    = "auto"
	Builtin = "builtin"
	System  = "system"
	Gonum   = "gonum"
)

// Names are all of them.
func Names() []string { return []string{Auto, Builtin, System, Gonum} }

// Use selects the backend of all products from now on; products that are being computed finish with the one they began with.
//
//	auto       the first of the following three that is available and fast
//	builtin    the kernels of this package, in assembly for x86-64 with AVX2 and FMA or AVX-512 and for arm64, else in slow plain
//	           Go; all of them give the same bits
//	system     OpenBLAS, BLIS or MKL, or Accelerate on macOS, opened at run time
//	gonum      gonum's pure Go routines
//
// workers bounds the threads of one product; 0 or less means all available processors, runtime.GOMAXPROCS(0). A system
// library may run fewer, and Accelerate decides for itself.
//
// The error is one line that names the backend and says why it is not available; the one in use then stays.
func Use(name string, workers int) error {
	choice.Lock()
	defer choice.Unlock()
	b, err := find(name)
	if err != nil {
		return err
	}
	if workers <= 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	current.Store(b(workers))
	return nil
}

// Check returns the error that [Use] would return, without changing the backend in use or the threads of a library.
func Check(name string) error {
	_, err := find(name)
	return err
}

// Name describes the backend in use, for records: "builtin avx512 (2 workers)", "openblas 0.3.21 (2 threads)", "gonum (2 workers)".
func Name() string { return inUse().name }

// SameBits reports whether the backends with these names give the same bits: they are the same, or built-in kernels of any set of
// instructions and number of workers, or gonum with any number of workers.
func SameBits(a, b string) bool {
	return a == b || bitsOf(a) != "" && bitsOf(a) == bitsOf(b)
}

// bitsOf names what the bits of a backend's results depend on; it is empty for a system library, of which that is not known.
func bitsOf(name string) string {
	switch family, _, _ := strings.Cut(name, " "); {
	case family == "builtin":
		return "one chain of fused multiply-adds"
	case family == "gonum":
		return family + " on " + runtime.GOARCH
	}
	return ""
}

// Workers returns how many threads one product may use.
func Workers() int { return inUse().workers }

// inUse returns the backend in use, which is auto unless Use has been called.
func inUse() *backend {
	if b := current.Load(); b != nil {
		return b
	}
	choice.Lock()
	defer choice.Unlock()
	if current.Load() == nil {
		current.Store(openAuto(runtime.GOMAXPROCS(0)))
	}
	return current.Load()
}

// opener makes a backend with a number of workers, which may change the threads of a library; finding the opener does not.
type opener func(workers int) *backend

func find(name string) (opener, error) {
	switch name {
	case Auto:
		_, err := simd.Choose()
		return openAuto, err
	case Builtin:
		return findBuiltin()
	case System:
		return findSystem()
	case Gonum:
		return openGonum, nil
	}
	return nil, fmt.Errorf("unknown BLAS %q: want auto, builtin, system or gonum", name)
}

func openAuto(workers int) *backend {
	if b, err := findBuiltin(); err == nil && !slowKernels() {
		return b(workers)
	}
	if b, err := findSystem(); err == nil {
		return b(workers)
	}
	return openGonum(workers)
}

// slowKernels reports whether the built-in kernels are those in plain Go without the environment asking for them.
func slowKernels() bool { return simd.Kernels() == simd.Generic && os.Getenv(simd.Variable) == "" }

// count returns "1 thread", "2 threads".
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
