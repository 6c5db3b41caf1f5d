// Package tfevents writes and reads the scalars of TensorBoard's event files, which PyTorch's SummaryWriter, TensorFlow, JAX and others
// write as well.
//
// A file is a sequence of records, and a record is a message of protocol buffers, of which only what scalars need is known here:
//
//	8 bytes   length n, little-endian
//	4 bytes   masked CRC-32C of the length
//	n bytes   Event{wall_time, step, file_version, Summary{Value{tag, simple_value or tensor, metadata}...}}
//	4 bytes   masked CRC-32C of the message
//
// It is opinionated that a file is read up to what is wrong with it: a record that is cut off is the end of a file that is being written,
// [ErrTruncated], and a checksum that does not hold is an error; what was read before is returned with both. Histograms, images and texts
// are skipped. A scalar is written as a float32, as TensorBoard keeps it.
//
// Start with [Create] and with [Read], or [ReadDir] for all files of a training.
//
// Formats: tensorflow/core/lib/io/record_writer.h, core/util/event.proto, core/framework/summary.proto and tensor.proto of
// https://github.com/tensorflow/tensorflow.
package tfevents

// Scalar is one value of a series.
type Scalar struct {
	// Tag names the series, such as "train/loss".
	Tag  string
	Step int64
	// Time is when it was written, in seconds since 1970.
	Time  float64
	Value float64
}
