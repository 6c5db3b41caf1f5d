// Package safetensors reads and writes the safetensors format: a JSON header, then plain arrays.
//
//	8 bytes   length of the header, little-endian
//	header    {"__metadata__": {key: value, ...}, name: {"dtype": ..., "shape": [...], "data_offsets": [begin, end]}, ...}
//	data      elements, little-endian, row-major, without gaps
//
// It is opinionated that a file is either right in every byte that can be checked, or refused with its name and the reason: a header
// is compared with the size of the file before anything is allocated for it, and a file written here has a checksum. Start with
// Write, and with Open for files from elsewhere or OpenVerified for files of this package.
//
// What the caller can know panics: a shape that does not fit its data, rows outside the tensor, a dst of the wrong length. What a file
// or a name from elsewhere can cause is an error. Values are not checked: NaN is a number here.
//
// Format: https://github.com/huggingface/safetensors.
package safetensors
