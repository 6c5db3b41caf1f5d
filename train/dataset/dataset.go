package dataset

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
)

// Where the images of a [Dataset] come from, if not from a directory.
const (
	Auto      = "auto"      // the set that a model wants, or what stands for it
	Embedded  = "embedded"  // the subset of Fashion-MNIST in this package
	Synthetic = "synthetic" // a generator
)

// Dataset is a set of labelled images, divided into training and test images.
type Dataset struct {
	Name   string // one of the sets, also where the images are synthetic
	Source string // Embedded, Synthetic, or the directory that it was read from
	Notice string // one line that the user should see, such as a fallback; empty if there is nothing to say
	// Unofficial names the files whose contents are not those that the authors of the set publish, though their sizes are.
	Unofficial  []string
	Classes     int
	Shape       [3]int // channels, height, width
	Train, Test Split
}

// Split is a list of images of the same size with their labels.
type Split struct {
	Pixels []uint8 // image after image, each channels first
	Y      []int   // labels, 0 to classes-1
}

// N is the number of images.
func (s Split) N() int { return len(s.Y) }

// unit holds pixel/255, rounded to float32.
var unit = func() (table [256]float32) {
	for i := range table {
		table[i] = float32(i) / 255
	}
	return table
}()

// Gather writes the images of the given indices into the rows of dst, as
//
//	float32(pixel) / 255
//
// It panics if dst is not exactly as long as these images, or an index is not one of an image.
func (s Split) Gather(dst []float32, index []int) {
	size := 0
	if s.N() > 0 {
		size = len(s.Pixels) / s.N()
	}
	if len(dst) != len(index)*size {
		panic(fmt.Sprintf("dataset: Gather into %d values, %d images have %d", len(dst), len(index), len(index)*size))
	}
	for row, i := range index {
		s.check(i)
		out := dst[row*size : (row+1)*size]
		for j, p := range s.Pixels[i*size : (i+1)*size] {
			out[j] = unit[p]
		}
	}
}

// Labels writes the labels of the given indices into dst. It panics if dst and index differ in length, or an index is not
// one of an image.
func (s Split) Labels(dst []int32, index []int) {
	if len(dst) != len(index) {
		panic(fmt.Sprintf("dataset: Labels into %d values for %d indices", len(dst), len(index)))
	}
	for row, i := range index {
		s.check(i)
		dst[row] = int32(s.Y[i])
	}
}

func (s Split) check(i int) {
	if i < 0 || i >= s.N() {
		panic(fmt.Sprintf("dataset: index %d of %d images", i, s.N()))
	}
}

// Checksum is the sha256 of the data, in hexadecimal. It covers, as little-endian 32-bit numbers, the classes, the shape
// and the two counts; then the training pixels and labels and the test pixels and labels, a byte each. It does not depend
// on where the data came from. All of Fashion-MNIST takes some 50 ms.
func (d *Dataset) Checksum() string {
	h := sha256.New()
	var header []byte
	for _, v := range []int{d.Classes, d.Shape[0], d.Shape[1], d.Shape[2], d.Train.N(), d.Test.N()} {
		header = binary.LittleEndian.AppendUint32(header, uint32(v))
	}
	h.Write(header)
	for _, s := range []Split{d.Train, d.Test} {
		h.Write(s.Pixels)
		h.Write(labelBytes(s.Y))
	}
	return hex.EncodeToString(h.Sum(nil))
}

func labelBytes(y []int) []byte {
	b := make([]byte, len(y))
	for i, v := range y {
		b[i] = byte(v)
	}
	return b
}

func labelInts(b []byte) []int {
	y := make([]int, len(b))
	for i, v := range b {
		y[i] = int(v)
	}
	return y
}
