// Package half reads half-precision numbers, which both file formats may hold.
package half

import "math"

// Value returns the value of an IEEE 754 binary16 number: 1 sign bit, 5 exponent bits, 10 fraction bits.
func Value(bits uint16) float64 {
	exponent, fraction := int(bits>>10&31), float64(bits&1023)
	var v float64
	switch {
	case exponent == 31 && fraction != 0:
		return math.NaN()
	case exponent == 31:
		v = math.Inf(1)
	case exponent == 0:
		v = math.Ldexp(fraction, -24)
	default:
		v = math.Ldexp(1024+fraction, exponent-25)
	}
	if bits>>15 == 1 {
		return -v
	}
	return v
}
