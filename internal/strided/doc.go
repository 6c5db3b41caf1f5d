// Package strided reads rectangular blocks of a matrix that is in a file and need not fit in memory.
//
// The matrix is an array [n, ...] of floating-point numbers. Its first axis are the rows; its other axes, flattened in row-major
// order, are the columns, whatever the order in the file. Numbers are returned as float64, exactly: half precision, bfloat16 and
// float32 are among the float64. Start with [Matrix].
package strided
