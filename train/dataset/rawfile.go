package dataset

import (
	"bufio"
	"bytes"
	"compress/flate"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/noiseprobe/noiseprobe/internal/filekind"
)

// maxExpansion is the most that deflate can expand: a match of 258 bytes from two bits.
const maxExpansion = 1032

// firstBuffer has room for the largest file of any set, CIFAR-100's training images.
const firstBuffer = 160 << 20

// rawFile reads the uncompressed contents of a file, gzip-compressed or not. Its errors, and those of failed, name the
// file.
type rawFile struct {
	path  string
	limit int64 // the largest number of bytes that the contents can have
	read  int64 // bytes so far
	file  *os.File
	r     io.Reader
}

func openRaw(path string) (*rawFile, error) {
	f, size, err := filekind.Open(path)
	if err != nil {
		return nil, err
	}
	raw := &rawFile{path: path, file: f, limit: size}
	if err := raw.sniff(); err != nil {
		f.Close()
		return nil, raw.failed(err)
	}
	return raw, nil
}

// sniff recognises compression by the contents and not by the name, since a mirror may have decompressed the file.
func (f *rawFile) sniff() error {
	buffered := bufio.NewReaderSize(f.file, 1<<16)
	f.r = buffered
	if magic, _ := buffered.Peek(2); string(magic) != "\x1f\x8b" {
		return nil
	}
	f.limit *= maxExpansion
	unpacked, err := gzip.NewReader(buffered)
	f.r = unpacked
	return err
}

func (f *rawFile) Read(p []byte) (int, error) {
	n, err := f.r.Read(p)
	f.read += int64(n)
	return n, err
}

func (f *rawFile) Close() error { return f.file.Close() }

// failed returns err as one line that names the file.
func (f *rawFile) failed(err error) error {
	var corrupt flate.CorruptInputError
	switch {
	case errors.As(err, &corrupt), errors.Is(err, gzip.ErrChecksum), errors.Is(err, gzip.ErrHeader):
		return fmt.Errorf("%s: corrupt gzip data: %w", f.path, err)
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return fmt.Errorf("%s: truncated gzip data", f.path)
	}
	return fmt.Errorf("%s: %w", f.path, err)
}

// readUpTo reads n bytes, or fewer where r ends. It allocates no more than firstBuffer at once, since n may come from a damaged header;
// beyond that memory grows with the bytes that are read.
func readUpTo(r io.Reader, n int64) ([]byte, error) {
	var b bytes.Buffer
	b.Grow(int(min(n, firstBuffer)) + bytes.MinRead)
	_, err := b.ReadFrom(io.LimitReader(r, n))
	return b.Bytes(), err
}
