//go:build (linux || darwin) && (amd64 || arm64) && !android && !ios && !static

package gemm

import (
	"fmt"
	"runtime"
	"strings"
	"sync"

	"github.com/ebitengine/purego"
)

// library is an opened system BLAS.
type library struct {
	maker
	single fortran[float32]
	double fortran[float64]
	// mu guards the library, its number of threads and the arguments of the call. Some threaded builds do not allow two calls at once,
	// and two products would compete for the cores anyway.
	mu sync.Mutex
}

// system is the library of this machine. It is searched for once, and never closed, since it may have threads of its own.
var system = sync.OnceValues(openFirst)

func findSystem() (opener, error) {
	lib, err := system()
	if err != nil {
		return nil, err
	}
	return lib.open, nil
}

func (lib *library) open(workers int) *backend {
	threads := "threads of its own choosing"
	if lib.setThreads != nil {
		workers = lib.resize(workers)
		threads = count(workers, "thread")
	}
	return &backend{
		name:    fmt.Sprintf("%s (%s)", lib.title, threads),
		workers: workers,
		sgemm:   lib.single.gemm,
		dgemm:   lib.double.gemm,
		ssyrk:   lib.single.syrk,
		dsyrk:   lib.double.syrk,
	}
}

// resize sets the number of threads and returns the resulting one: the library may be built for fewer, or for one.
func (lib *library) resize(workers int) int {
	lib.mu.Lock()
	defer lib.mu.Unlock()
	lib.setThreads(workers)
	return max(1, int(lib.threads()))
}

// openFirst opens the first library of the list that exists and is recognised.
func openFirst() (*library, error) {
	var refused []string
	for _, file := range libraryFiles() {
		handle, err := purego.Dlopen(file, purego.RTLD_NOW|purego.RTLD_LOCAL)
		if err != nil {
			continue
		}
		lib, err := openLibrary(handle, file)
		if err == nil {
			return lib, nil
		}
		refused = append(refused, err.Error())
	}
	if refused != nil {
		return nil, fmt.Errorf("system BLAS: %s", strings.Join(refused, "; "))
	}
	return nil, fmt.Errorf("system BLAS: none found (looked for %s)", strings.Join(libraryFiles(), ", "))
}

// libraryFiles lists the names to try, multi-threaded builds first where a distribution ships several.
func libraryFiles() []string {
	if runtime.GOOS == "darwin" {
		return []string{accelerate}
	}
	return []string{
		"libopenblasp.so.0", "libopenblaso.so.0", "libopenblas.so.0", "libopenblas.so",
		"libblis.so.4", "libblis.so",
		"libmkl_rt.so.2", "libmkl_rt.so.1", "libmkl_rt.so",
		"libblas.so.3", "libcblas.so.3",
	}
}

func openLibrary(handle uintptr, file string) (*library, error) {
	known, err := identify(handle, file)
	if err != nil {
		return nil, err
	}
	lib := &library{maker: known}
	workers := runtime.GOMAXPROCS(0)
	lib.single = fortran[float32]{mu: &lib.mu, spare: tiledSingle(workers)}
	lib.double = fortran[float64]{mu: &lib.mu, spare: tiledDouble(workers)}
	if err := lib.single.find(handle, "sgemm_", "ssyrk_"); err != nil {
		return nil, err
	}
	if err := lib.double.find(handle, "dgemm_", "dsyrk_"); err != nil {
		return nil, err
	}
	return lib, nil
}
