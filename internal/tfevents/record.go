package tfevents

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
)

// ErrTruncated is the error of a file that ends within a record, as one does that is being written.
var ErrTruncated = errors.New("ends within a record")

// maxRecord bounds what is read as one record; TensorBoard's own limit for a message is 2 GiB.
const maxRecord = 1 << 30

// headerSize is that of the length and its checksum.
const headerSize = 12

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// masked is the checksum of a record: a rotated CRC-32C, since the CRC of bytes that contain their own CRC tells little.
func masked(data []byte) uint32 {
	crc := crc32.Checksum(data, castagnoli)
	return (crc>>15 | crc<<17) + 0xa282ead8
}

// appendRecord frames a message.
func appendRecord(b, message []byte) []byte {
	start := len(b)
	b = binary.LittleEndian.AppendUint64(b, uint64(len(message)))
	b = binary.LittleEndian.AppendUint32(b, masked(b[start:]))
	b = append(b, message...)
	return binary.LittleEndian.AppendUint32(b, masked(message))
}

// readRecord reads the next message into buffer; at the end of the file the error is [io.EOF].
func readRecord(r io.Reader, buffer *bytes.Buffer) ([]byte, error) {
	var header [headerSize]byte
	if _, err := io.ReadFull(r, header[:]); err != nil {
		return nil, truncated(err)
	}
	if binary.LittleEndian.Uint32(header[8:]) != masked(header[:8]) {
		return nil, errors.New("the checksum of a length does not hold")
	}
	length := binary.LittleEndian.Uint64(header[:8])
	if length > maxRecord {
		return nil, fmt.Errorf("a record has %d bytes, more than %d", length, maxRecord)
	}
	buffer.Reset()
	if _, err := io.CopyN(buffer, r, int64(length)+4); err != nil {
		return nil, truncated(noEnd(err))
	}
	message, sum := buffer.Bytes()[:length], buffer.Bytes()[length:]
	if binary.LittleEndian.Uint32(sum) != masked(message) {
		return nil, errors.New("the checksum of a record does not hold")
	}
	return message, nil
}

// noEnd turns the end of a file where more must follow into that of a record.
func noEnd(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

func truncated(err error) error {
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return ErrTruncated
	}
	return err
}
