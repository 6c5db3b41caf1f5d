// Package channels holds the loops of batch normalisation and pooling over images with their channels last: matrices of float32
// with a row for each pixel and a column for each channel, row after row without gaps. Every loop exists in plain Go and, for
// AVX2 and NEON, in assembly (from tools/kernels). Both round after every operation and give the same bits, except that a NaN
// may have other bits. A call runs on one core; several images can be given to several calls at once. Start with [NormaliseReLU].
//
// Arguments that belong to channels, such as mean, have one element for each channel; the functions panic unless all lengths fit.
// No result may share memory with an argument unless the function says so.
package channels

import "fmt"

// rowsOf panics unless the elements are whole rows of at least one channel.
func rowsOf(elements, channels int) {
	if channels == 0 || elements%channels != 0 {
		panic(fmt.Sprintf("channels: %d elements are no matrix of %d channels", elements, channels))
	}
}

// equal panics unless all lengths are the wanted one.
func equal(want int, lengths ...int) {
	for _, n := range lengths {
		if n != want {
			panic(fmt.Sprintf("channels: %d elements where there are %d of their like", n, want))
		}
	}
}

// The functions named plain... are the loops in Go, for the channels from from on.

// Sums sets dst to the sums of the columns of x, in float32, with one running sum over the rows in order:
//
//	dst[c] = sum_r x[r][c]
//
// It is meant for the rows of one image; the caller adds the sums of several images in float64.
func Sums(dst, x []float32) {
	rowsOf(len(x), len(dst))
	clear(dst)
	if from := sumsFast(dst, x); from < len(dst) {
		plainSums(from, dst, x)
	}
}

func plainSums(from int, dst, x []float32) {
	stride := len(dst)
	dst = dst[from:]
	for lo := from; lo < len(x); lo += stride {
		row := x[lo:][:len(dst)]
		for c, v := range row {
			dst[c] += v
		}
	}
}

// SquaredDeviations sets dst to the sums of squared deviations from a mean, added up as in [Sums]:
//
//	dst[c] = sum_r (x[r][c] - mean[c])^2
func SquaredDeviations(dst, x, mean []float32) {
	rowsOf(len(x), len(dst))
	equal(len(dst), len(mean))
	clear(dst)
	if from := squaredDeviationsFast(dst, x, mean); from < len(dst) {
		plainSquaredDeviations(from, dst, x, mean)
	}
}

func plainSquaredDeviations(from int, dst, x, mean []float32) {
	stride := len(dst)
	dst, mean = dst[from:], mean[from:]
	for lo := from; lo < len(x); lo += stride {
		row, mean := x[lo:][:len(dst)], mean[:len(dst)]
		for c, v := range row {
			d := v - mean[c]
			dst[c] += float32(d * d)
		}
	}
}
