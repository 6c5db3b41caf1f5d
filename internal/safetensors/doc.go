// Package safetensors reads and writes the safetensors format: a JSON header, then plain arrays.
//
//	8 bytes   length of the header, little-endian
//	header    {"__metadata__": {key: value, ...}, name: {"dtype": ..., "shape": [...], "data_offsets": [begin, end]}, ...}
//	data      elements, little-endian, row-major, without gaps
//
// The package holds that a file is either right in every byte that can be checked or refused with its name and the
// reason: a header is compared with the size of the file before anything is allocated for it, and a file written here
// carries a checksum. Start with Write, and with Open for files of others or OpenVerified for one's own.
//
// A shape that does not fit its data, a row range outside the tensor and a dst of the wrong length panic: the caller
// could know. Whatever a file or a name from elsewhere can cause is an error. Values are not judged: NaN is a number here.
//
// Format: https://github.com/huggingface/safetensors.
package safetensors
