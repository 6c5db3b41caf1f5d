package gemm

import "math"

// fused returns x y + z, rounded once.
func fused[T float](x, y, z T) T {
	switch x := any(x).(type) {
	case float32:
		return T(fused32(x, float32(y), float32(z)))
	default:
		return T(math.FMA(float64(x.(float64)), float64(y), float64(z)))
	}
}

// fused32 is [math.FMA] in float32. The product is exact in float64; where the sum is not, it is rounded to the neighbour whose last bit is
// 1, so that the rounding to float32 is the only one that counts (Boldo and Melquiond, IEEE Trans. Computers 57 (2008), 462).
func fused32(x, y, z float32) float32 {
	product, addend := float64(x)*float64(y), float64(z)
	sum := float64(product) + addend
	rest := sum - float64(product)
	lost := (float64(product) - (sum - rest)) + (addend - rest)
	if bits := math.Float64bits(sum); bits&1 == 0 && (lost > 0 || lost < 0) {
		if (lost > 0) == (sum > 0) {
			sum = math.Float64frombits(bits + 1)
		} else {
			sum = math.Float64frombits(bits - 1)
		}
	}
	return float32(sum)
}
