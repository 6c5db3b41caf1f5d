package main

import (
	"bytes"
	"os"
	"testing"

	"github.com/noiseprobe/noiseprobe/internal/numtest"
	"github.com/noiseprobe/noiseprobe/train/dataset"
	"github.com/noiseprobe/noiseprobe/train/dataset/internal/imagepack"
)

// The embedded file is what this program makes of the whole set.
func TestSubsetIsCurrent(t *testing.T) {
	numtest.NeedFull(t, "the embedded images, packed again")
	d, err := dataset.Open(set, dataset.Options{Want: set})
	if err != nil || d.Notice != "" {
		t.Skipf("NOT TESTED on real data, which takes the whole set: %v", err)
	}
	want, err := os.ReadFile("../../fashion-mnist/subset.zip")
	if err != nil {
		t.Fatal(err)
	}
	got, err := pack(d)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Equal(got, want) {
		return
	}
	if sameImages(t, got, want) {
		t.Skip("the same images in other bytes: the deflate encoder of this Go release differs from the one that made the file")
	}
	t.Error("fashion-mnist/subset.zip is out of date: run go generate")
}

func sameImages(t *testing.T, a, b []byte) bool {
	pixelsA, labelsA, errA := imagepack.Unpack(a, 28, 28)
	pixelsB, labelsB, errB := imagepack.Unpack(b, 28, 28)
	if errA != nil || errB != nil {
		t.Fatal(errA, errB)
	}
	return bytes.Equal(pixelsA, pixelsB) && bytes.Equal(labelsA, labelsB)
}

// By hand: the first two of each class, in the order they come.
func TestFirstOfEachClass(t *testing.T) {
	s := dataset.Split{Pixels: []byte{10, 11, 12, 13, 14, 15}, Y: []int{1, 0, 1, 1, 0, 0}}
	pixels, labels := firstOfEachClass([]byte{9}, []byte{7}, s, 2)
	if !bytes.Equal(pixels, []byte{9, 10, 11, 12, 14}) || !bytes.Equal(labels, []byte{7, 1, 0, 1, 0}) {
		t.Errorf("took pixels %v with labels %v", pixels, labels)
	}
}
