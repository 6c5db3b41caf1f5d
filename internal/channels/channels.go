// Package channels holds the loops of batch normalisation and pooling over images whose channels come last: matrices of
// float32 with a row for each pixel and a column for each channel, row after row without gaps. Each exists in plain Go and, for
// x86-64 with AVX2, in assembly (from tools/kernels); both round after every operation and give the same bits, but for which NaN
// a NaN is. A call runs on one core: who has many images makes a call for each. [NormaliseReLU] is where to start.
//
// What belongs to channels has one element a channel; the functions panic unless all lengths fit. No result may share memory
// with an argument unless its function says so.
package channels

import "fmt"

// rowsOf panics unless a matrix of some elements has whole rows, and there are channels at all.
func rowsOf(elements, channels int) {
	if channels == 0 || elements%channels != 0 {
		panic(fmt.Sprintf("channels: %d elements are no matrix of %d channels", elements, channels))
	}
}

// equal panics unless all lengths are the first one.
func equal(want int, lengths ...int) {
	for _, n := range lengths {
		if n != want {
			panic(fmt.Sprintf("channels: %d elements where there are %d of their like", n, want))
		}
	}
}

// The functions named plain... are the loops in Go, for the channels at and after from.

// Sums sets dst to the sums of the columns of x, in float32, one running sum over the rows in their order:
//
//	dst[c] = sum_r x[r][c]
//
// It is for the rows of one image; the sums of many are added in float64 by the caller.
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

// SquaredDeviations sets dst to the sums of squared deviations from a mean, as [Sums] adds:
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
