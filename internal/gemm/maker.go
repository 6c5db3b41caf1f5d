//go:build (linux || darwin) && (amd64 || arm64) && !android && !ios && !static

package gemm

import (
	"fmt"
	"strings"

	"github.com/ebitengine/purego"
)

const accelerate = "/System/Library/Frameworks/Accelerate.framework/Accelerate"

// maker says which library was opened and how its number of threads is set; without a setter the library decides.
type maker struct {
	title      string
	setThreads func(n int)
	threads    func() int32
}

// identify recognises a library by functions that only that library has. The reference BLAS, which many systems install as
// libblas.so.3, is refused: it is slower than gonum.
func identify(handle uintptr, file string) (maker, error) {
	switch {
	case has(handle, "openblas_get_config"):
		return openBLAS(handle), nil
	case has(handle, "bli_info_get_version_str"):
		return blis(handle), nil
	case has(handle, "MKL_Get_Version_String"):
		return mkl(handle), nil
	case file == accelerate:
		return maker{title: "accelerate"}, nil
	}
	return maker{}, fmt.Errorf("%s is none of OpenBLAS, BLIS and MKL", file)
}

func has(handle uintptr, symbol string) bool {
	_, err := purego.Dlsym(handle, symbol)
	return err == nil
}

func openBLAS(handle uintptr) maker {
	// "OpenBLAS 0.3.21 NO_LAPACKE DYNAMIC_ARCH ..."; releases before 0.3.4 leave out name and number.
	var config func() string
	purego.RegisterLibFunc(&config, handle, "openblas_get_config")
	words := strings.Fields(config())
	if len(words) < 2 || words[0] != "OpenBLAS" {
		words = []string{"", "of unknown version"}
	}
	return threaded(handle, "openblas "+words[1], "openblas_set_num_threads", "openblas_get_num_threads")
}

func blis(handle uintptr) maker {
	var version func() string
	purego.RegisterLibFunc(&version, handle, "bli_info_get_version_str")
	if serial(handle) {
		return maker{"blis " + version(), func(int) {}, func() int32 { return 1 }}
	}
	return threaded(handle, "blis "+version(), "bli_thread_set_num_threads", "bli_thread_get_num_threads")
}

// serial reports whether BLIS was built without threads: it would report whatever number of threads was set.
func serial(handle uintptr) bool {
	const symbol = "bli_info_get_enable_threading"
	if !has(handle, symbol) {
		return false
	}
	var threading func() int32
	purego.RegisterLibFunc(&threading, handle, symbol)
	return threading() == 0
}

func mkl(handle uintptr) maker {
	// "Intel(R) oneAPI Math Kernel Library Version 2023.1-Product Build ..."
	var version func(text *byte, size int32)
	purego.RegisterLibFunc(&version, handle, "MKL_Get_Version_String")
	text := make([]byte, 256)
	version(&text[0], int32(len(text)))
	_, rest, _ := strings.Cut(strings.TrimRight(string(text), "\x00 "), "Version ")
	number, _, _ := strings.Cut(rest, " ")
	return threaded(handle, "mkl "+number, "MKL_Set_Num_Threads", "MKL_Get_Max_Threads")
}

func threaded(handle uintptr, title, set, get string) maker {
	m := maker{title: title}
	if has(handle, set) && has(handle, get) {
		purego.RegisterLibFunc(&m.setThreads, handle, set)
		purego.RegisterLibFunc(&m.threads, handle, get)
	}
	return m
}
