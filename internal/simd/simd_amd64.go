package simd

import "golang.org/x/sys/cpu"

func best() Set {
	switch {
	case !cpu.X86.HasAVX2 || !cpu.X86.HasFMA:
		return Generic
	case !cpu.X86.HasAVX512F:
		return AVX2
	}
	return AVX512
}
