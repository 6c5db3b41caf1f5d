package npy

// Number is an element type that arrays are read as.
type Number interface{ float32 | float64 | int64 }

// Array is an array in row-major (C) order.
type Array[T Number] struct {
	Shape []int // empty for a scalar
	Data  []T
}

// maxDims is the largest number of dimensions that NumPy 2 has.
const maxDims = 64

// rowMajor returns in C order the elements of an array that is in Fortran order, in which the first index runs fastest.
func rowMajor[T Number](data []T, shape []int) []T {
	stride := make([]int, len(shape)) // of the result
	step := 1
	for k := len(shape) - 1; k >= 0; k-- {
		stride[k] = step
		step *= shape[k]
	}
	out := make([]T, len(data))
	index := make([]int, len(shape))
	at := 0
	for _, v := range data {
		out[at] = v
		for k := range shape {
			index[k]++
			at += stride[k]
			if index[k] < shape[k] {
				break
			}
			at -= index[k] * stride[k]
			index[k] = 0
		}
	}
	return out
}
