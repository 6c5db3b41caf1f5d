//go:build !amd64 && !arm64

package simd

func best() Set { return Generic }
