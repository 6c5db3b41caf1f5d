// Package npy reads NumPy's .npy and .npz files and writes .npy.
//
// The package holds that an array is numbers in row-major order: whatever byte order, element type or Fortran order the
// file has, Read returns C order in the type that the caller asks for. Everything else that a .npy file can hold is
// refused: objects (pickled data are never unpickled), strings, times, complex and structured types. A header is compared
// with the size of the file before anything is allocated for it, and a byte too many is as wrong as a byte too few.
// Values are not judged: NaN is a number here. Start with Read, and with Open for archives and for arrays that need not fit
// in memory.
//
// A shape that does not fit the data given to Write panics; whatever a file can cause is an error, one line with the
// path and the reason.
//
// Format: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html.
package npy
