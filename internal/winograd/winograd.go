// Package winograd has the transforms of the minimal filtering F(4×4, 3×3): a tile of 4×4 outputs of a convolution with a kernel of
// 3×3 takes 36 multiplications in place of 144. With a patch d of 6×6 inputs and a kernel g it is
//
//	y = A' [(G g G') o (B' d B)] A,    y_ij = sum_kl d_(i+k, j+l) g_kl
//
// (Lavin and Gray, arXiv:1509.09308, after Winograd, and Toom and Cook). Its two gradients are the adjoints, given the derivative y
// with respect to the output:
//
//	with respect to d:  B [(G g G') o (A y A')] B'        with respect to g:  G' [(B' d B) o (A y A')] G
//
// The sums over channels, tiles or samples come between the transforms: they are 36 matrix products.
//
// All transforms work on vectors of channels, which are contiguous. A patch, tile or kernel is a square of vectors, whose rows and
// columns are row and col elements apart; the 36 vectors of a transform are plane elements apart, with the vector in row i and column
// j at (6 i + j) plane. The functions panic if a slice is too short. If plane is a multiple of a page all planes share a few places
// in the cache, and the transforms are up to three times slower: make plane an odd multiple of 16 elements.
//
// # Points
//
// The matrices follow from a choice of points, here 0, ±2/3, ±3/2 and infinity. Sums over n channels of products of normal random
// numbers, added up one after the other in float32, have these errors in units of the root mean square of the exact sums
// (TestAccuracy):
//
//	 n    direct          ±2/3, ±3/2      ±5/8, ±3/2      ±√½, ±√2        ±1/2, ±2        ±1, ±2
//	      rms     max     rms     max     rms     max     rms     max     rms     max     rms     max
//	 64   4.3e-7  2.8e-6  7.4e-7  4.1e-6  7.6e-7  4.9e-6  7.7e-7  3.5e-6  1.1e-6  7.0e-6  1.8e-6  1.7e-5
//	256   9.2e-7  5.1e-6  1.5e-6  6.4e-6  1.4e-6  6.9e-6  1.6e-6  9.6e-6  2.0e-6  9.7e-6  3.4e-6  3.4e-5
//	512   1.3e-6  7.6e-6  2.1e-6  1.4e-5  2.0e-6  9.8e-6  2.0e-6  1.2e-5  3.0e-6  1.6e-5  4.5e-6  3.6e-5
//
// The last points are those of Lavin and Gray. The first three choices cannot be told apart by 960 sums, for the gradients too; where
// the product of two points is 1, some coefficients are 1. The tests require, for all three products, an rms of at most 1.1e-7 sqrt n
// and no error above 1e-6 sqrt n.
//
// # Bits
//
// Every transform exists in plain Go and, for AVX2 and NEON, in assembly (from tools/kernels), which computes whole vectors of 8
// channels. Both round after every operation and give the same bits.
package winograd

const (
	// Tile is the side of a tile of outputs.
	Tile = 4
	// Patch is the side of the patch of inputs that a tile depends on.
	Patch = Tile + side - 1
	// Planes is the number of multiplications for a tile and a channel.
	Planes = Patch * Patch

	side = 3 // of a kernel
)

// Input sets the planes of dst to B' d B, for the 6×6 patch d in src.
func Input(channels int, dst []float32, plane int, src []float32, row, col int) {
	input.run(channels, inPlanes(dst, plane), square{src, row, col})
}

// InputAdjointAdd adds B v B' to the 6×6 patch in dst, for the planes v of src. It adds because patches overlap.
func InputAdjointAdd(channels int, dst []float32, row, col int, src []float32, plane int) {
	inputAdjoint.run(channels, square{dst, row, col}, inPlanes(src, plane))
}

// Output sets the 4×4 tile in dst to A' m A, for the planes m of src.
func Output(channels int, dst []float32, row, col int, src []float32, plane int) {
	output.run(channels, square{dst, row, col}, inPlanes(src, plane))
}

// OutputAdjoint sets the planes of dst to A y A', for the 4×4 tile y in src.
func OutputAdjoint(channels int, dst []float32, plane int, src []float32, row, col int) {
	outputAdjoint.run(channels, inPlanes(dst, plane), square{src, row, col})
}

// Kernel sets the planes of dst to G g G', for the 3×3 kernel g in src.
func Kernel(channels int, dst []float32, plane int, src []float32, row, col int) {
	kernel.run(channels, inPlanes(dst, plane), square{src, row, col})
}

// KernelAdjoint sets the 3×3 kernel in dst to G' u G, for the planes u of src.
func KernelAdjoint(channels int, dst []float32, row, col int, src []float32, plane int) {
	kernelAdjoint.run(channels, square{dst, row, col}, inPlanes(src, plane))
}
