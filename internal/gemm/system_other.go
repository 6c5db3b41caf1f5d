//go:build !((linux || darwin) && (amd64 || arm64) && !android && !ios)

package gemm

import (
	"fmt"
	"runtime"
)

func findSystem() (opener, error) {
	return nil, fmt.Errorf("system BLAS: not supported on %s/%s", runtime.GOOS, runtime.GOARCH)
}
