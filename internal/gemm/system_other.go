//go:build !((linux || darwin) && (amd64 || arm64) && !android && !ios && !static)

package gemm

import (
	"fmt"
	"runtime"
)

func findSystem() (opener, error) {
	return nil, fmt.Errorf("system BLAS: this program was built for %s/%s without it, for lack of support or by -tags static", runtime.GOOS, runtime.GOARCH)
}
