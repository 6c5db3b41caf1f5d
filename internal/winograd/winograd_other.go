//go:build !amd64 && !arm64

package winograd

func inputFast(channels int, dst, src square) int         { return 0 }
func inputAdjointFast(channels int, dst, src square) int  { return 0 }
func outputFast(channels int, dst, src square) int        { return 0 }
func outputAdjointFast(channels int, dst, src square) int { return 0 }
func kernelFast(channels int, dst, src square) int        { return 0 }
func kernelAdjointFast(channels int, dst, src square) int { return 0 }
