package dataset

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/noiseprobe/noiseprobe/internal/numtest"
)

// idx writes an IDX stream from its header words and values.
func idx(values []byte, words ...uint32) []byte {
	var out []byte
	for _, w := range words {
		out = binary.BigEndian.AppendUint32(out, w)
	}
	return append(out, values...)
}

func gzipped(data []byte) []byte {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	z.Write(data)
	z.Close()
	return b.Bytes()
}

func images(n int) []byte {
	values := make([]byte, n*784)
	for i := range values {
		values[i] = byte(i * i >> 4)
	}
	return idx(values, imageMagic, uint32(n), 28, 28)
}

func labels(y ...byte) []byte { return idx(y, labelMagic, uint32(len(y))) }

func write(t *testing.T, path string, data []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
}

// tinyFashion writes a set of three training images and two test images, all gzip-compressed but the training images.
func tinyFashion(t *testing.T, dir string) {
	t.Helper()
	write(t, filepath.Join(dir, "train-images-idx3-ubyte"), images(3))
	write(t, filepath.Join(dir, "train-labels-idx1-ubyte.gz"), gzipped(labels(9, 0, 4)))
	write(t, filepath.Join(dir, "t10k-images-idx3-ubyte.gz"), gzipped(images(2)))
	write(t, filepath.Join(dir, "t10k-labels-idx1-ubyte.gz"), gzipped(labels(1, 2)))
}

// oneLine requires an error of one line with these parts.
func oneLine(t *testing.T, err error, parts ...string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error, want one with %q", parts)
	}
	for _, part := range parts {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%q does not say %q", err, part)
		}
	}
	if strings.Contains(err.Error(), "\n") || strings.HasSuffix(err.Error(), ".") {
		t.Errorf("%q is not one line without a full stop", err)
	}
}

// corrupted flips a bit in the middle.
func corrupted(data []byte) []byte {
	data = slices.Clone(data)
	data[len(data)/2] ^= 16
	return data
}

// Every kind of damage, each in a file of an otherwise good set: the error names that file and the reason.
func TestDamagedIDX(t *testing.T) {
	trainImages, trainLabels, testLabels := "train-images-idx3-ubyte", "train-labels-idx1-ubyte.gz", "t10k-labels-idx1-ubyte.gz"
	noise := make([]byte, 784)
	for i := range noise {
		noise[i] = byte(i * i * i >> 3)
	}
	for _, c := range []struct {
		name, file string
		data       []byte
		reason     string
	}{
		{"empty", trainImages, nil, "truncated: the header of an IDX file of images takes 16 bytes"},
		{"half a header", trainImages, images(3)[:10], "truncated: the header"},
		{"header only", trainImages, images(3)[:16], "truncated: the header promises 3 images"},
		{"truncated", trainImages, images(3)[:2000], "truncated: the header promises 3 images, the file is too small"},
		{"truncated, repacked", trainImages, gzipped(images(3)[:2000]), "truncated: the header promises 3 images, the data end after 2"},
		{"one byte short", trainLabels, labels(9, 0, 4)[:10], "truncated: the header promises 3 labels"},
		{"trailing", trainImages, append(images(3), 0), "trailing data after 3 images"},
		{"trailing, packed", trainLabels, gzipped(append(labels(9, 0, 4), 1)), "trailing data after 3 labels"},
		{"no images", trainImages, images(0), "no images in it"},
		{"no labels", trainLabels, labels(), "no labels in it"},
		{"MNIST of another size", trainImages, idx(make([]byte, 3*1024), imageMagic, 3, 32, 32), "images of 32 x 32 pixels, want 28 x 28"},
		{"swapped", trainImages, labels(9, 0, 4), "holds labels where images are expected"},
		{"swapped the other way", trainLabels, images(3), "holds images where labels are expected"},
		{"not IDX", trainImages, []byte("not an idx file, not at all"), "not an IDX file of images (magic number 0x6e6f7420, want 0x00000803)"},
		{"floats", trainImages, idx(nil, 0x0d03, 3, 28, 28), "not an IDX file of images"},
		{"counts differ", trainLabels, labels(9, 0), "2 labels, but"},
		{"label above", testLabels, labels(1, 10), "label 10 of item 1 is not between 0 and 9"},
		{"absurd count", trainImages, idx(nil, imageMagic, math.MaxUint32, 28, 28), "truncated: the header promises 4294967295 images"},
		{"absurd count, packed", trainLabels, gzipped(idx(nil, labelMagic, math.MaxUint32)), "truncated"},
		{"gzip, truncated", trainImages, gzipped(images(3))[:150], "truncated"},
		{"gzip, header cut", trainImages, gzipped(images(3))[:6], "truncated gzip data"},
		{"gzip, no checksum", trainImages, gzipped(images(3))[:len(gzipped(images(3)))-4], "truncated gzip data"},
		{"gzip, corrupt", trainImages, corrupted(gzipped(idx(noise, imageMagic, 1, 28, 28))), "gzip"},
		{"gzip, wrong checksum", trainLabels, append(gzipped(labels(9, 0, 4))[:len(gzipped(labels(9, 0, 4)))-8], make([]byte, 8)...), "corrupt gzip data"},
		{"gzip, trailing", trainLabels, append(gzipped(labels(9, 0, 4)), "rest"...), "gzip"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			tinyFashion(t, dir)
			write(t, filepath.Join(dir, c.file), c.data)
			_, err := Open(dir, Options{Want: "fashion-mnist"})
			oneLine(t, err, filepath.Join(dir, c.file), c.reason)
		})
	}
}

func TestReadTinyFashion(t *testing.T) {
	dir := t.TempDir()
	tinyFashion(t, dir)
	d, err := Open(dir, Options{Want: "fashion-mnist"})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(d.Train.Y, []int{9, 0, 4}) || !slices.Equal(d.Test.Y, []int{1, 2}) {
		t.Errorf("labels %v and %v", d.Train.Y, d.Test.Y)
	}
	if !bytes.Equal(d.Train.Pixels, images(3)[16:]) || !bytes.Equal(d.Test.Pixels, images(2)[16:]) {
		t.Error("pixels differ from what was written")
	}
	if d.Source != dir || !strings.Contains(d.Notice, "3 of 60000 training and 2 of 10000 test images") {
		t.Errorf("source %q, notice %q", d.Source, d.Notice)
	}
}

func TestRealFashionMNIST(t *testing.T) {
	d := installed(t, "fashion-mnist")
	if d.Train.N() != 60000 || d.Test.N() != 10000 || d.Notice != "" {
		t.Fatalf("%d training and %d test images, notice %q", d.Train.N(), d.Test.N(), d.Notice)
	}
	// First ten labels, mean and standard deviation (divisor n) of the training pixels: numpy on the uncompressed file.
	if want := []int{9, 0, 0, 3, 0, 2, 7, 2, 5, 5}; !slices.Equal(d.Train.Y[:10], want) {
		t.Errorf("first labels %v, want %v", d.Train.Y[:10], want)
	}
	mean, sd := moments(d.Train.Pixels, 1, 784, 0)
	for _, c := range [][2]float64{{mean, 72.940352}, {sd, 90.021182}} {
		if err := numtest.Close(c[0], c[1], numtest.Tol{Abs: 5e-7}); err != nil {
			t.Error(err)
		}
	}
	// Xiao et al. (2017), section 2: 6,000 and 1,000 images of each class.
	for class := range 10 {
		if n, m := count(d.Train.Y, class), count(d.Test.Y, class); n != 6000 || m != 1000 {
			t.Errorf("class %d: %d training and %d test images", class, n, m)
		}
	}
}

func count(y []int, class int) (n int) {
	for _, v := range y {
		if v == class {
			n++
		}
	}
	return n
}

// moments of the pixels of one channel, in exact integer sums; divisor n.
func moments(pixels []byte, channels, plane, channel int) (mean, sd float64) {
	var n, sum, squares int64
	for i, p := range pixels {
		if i/plane%channels == channel {
			n++
			sum += int64(p)
			squares += int64(p) * int64(p)
		}
	}
	mean = float64(sum) / float64(n)
	return mean, math.Sqrt(float64(squares)/float64(n) - mean*mean)
}

// A decoder of untrusted bytes must return what it was promised or an error, and never take more memory than there are
// bytes.
func FuzzIDX(f *testing.F) {
	f.Add(images(2), true)
	f.Add(labels(1, 2, 3), false)
	f.Add(images(2)[:800], true)
	f.Add(append(labels(4), 0), false)
	f.Add(idx(nil, imageMagic, math.MaxUint32, 28, 28), true)
	f.Add([]byte{}, false)
	f.Fuzz(func(t *testing.T, data []byte, wantImages bool) {
		magic, item, size, header := uint32(labelMagic), []int(nil), 1, 8
		if wantImages {
			magic, item, size, header = imageMagic, []int{28, 28}, 784, 16
		}
		got, err := decodeIDX(bytes.NewReader(data), int64(len(data)), magic, item)
		if err == nil && (len(got) == 0 || len(got)%size != 0 || !bytes.Equal(got, data[header:])) {
			t.Errorf("accepted %d bytes as %d values", len(data), len(got))
		}
		if err != nil && strings.Contains(err.Error(), "\n") {
			t.Errorf("%q has two lines", err)
		}
	})
}

// The same through a file, which may be taken for gzip.
func FuzzIDXFile(f *testing.F) {
	f.Add(gzipped(labels(1, 2, 3)))
	f.Add(labels(1, 2, 3))
	f.Add(gzipped(labels(1, 2, 3))[:20])
	f.Add(corrupted(gzipped(labels(1, 2, 3))))
	path := filepath.Join(f.TempDir(), "labels")
	f.Fuzz(func(t *testing.T, data []byte) {
		write(t, path, data)
		got, err := (&loader{}).readIDX(path, FileInfo{}, labelMagic)
		if err == nil && len(got) == 0 {
			t.Error("accepted a file without labels")
		}
		if err != nil && (!strings.HasPrefix(err.Error(), path) || strings.Contains(err.Error(), "\n")) {
			t.Errorf("%q is not one line that names the file", err)
		}
	})
}
