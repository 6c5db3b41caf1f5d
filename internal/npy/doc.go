// Package npy reads NumPy's .npy and .npz files and writes .npy.
//
// It is opinionated that an array is numbers in row-major order: whatever byte order, element type or Fortran order a file has,
// Read returns C order in the type that the caller asks for. Everything else that a .npy file can hold is refused: objects
// (pickled data are never unpickled), strings, times, complex and structured types. A header is compared with the size of the
// file before anything is allocated for it; a byte too many is an error like a byte too few. Values are not checked: NaN is a
// number here. Start with Read, and with Open for archives and for arrays that need not fit in memory.
//
// A shape that does not fit the data given to Write panics; errors caused by a file are one line with the path and the reason.
//
// Format: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html.
package npy
