// Package strided reads rectangular blocks of a matrix that lies in a file and need not fit in memory.
//
// The matrix is an array [n, ...] of floating-point numbers whose first axis are the rows and whose other axes, flattened in
// row-major order, are the columns, whatever order the file has them in. The package holds that a number becomes the
// float64 that it is: half precision, bfloat16 and float32 convert exactly. Start with [Matrix].
package strided
