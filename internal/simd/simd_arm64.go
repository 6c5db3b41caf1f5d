package simd

func best() Set { return NEON }
