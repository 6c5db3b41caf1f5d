// Command makesubset writes the subset of Fashion-MNIST that the package embeds: of each class the first 1,000 training
// and the first 200 test images, in the order of the set. It reads the whole set, wherever dataset.Locate finds it.
package main

import (
	"fmt"
	"os"

	"github.com/noiseprobe/noiseprobe/internal/atomicfile"
	"github.com/noiseprobe/noiseprobe/train/dataset"
	"github.com/noiseprobe/noiseprobe/train/dataset/internal/imagepack"
)

const (
	set           = dataset.FashionMNIST
	trainPerClass = 1000
	testPerClass  = 200
)

func main() {
	if err := run("fashion-mnist/subset.zip"); err != nil {
		fmt.Fprintln(os.Stderr, "makesubset:", err)
		os.Exit(1)
	}
}

func run(path string) error {
	d, err := dataset.Open(set, dataset.Options{Want: set})
	if err != nil {
		return err
	}
	if d.Notice != "" {
		return fmt.Errorf("the subset is made from the whole set: %s", d.Notice)
	}
	packed, err := pack(d)
	if err != nil {
		return err
	}
	return atomicfile.WriteBytes(path, packed)
}

func pack(d *dataset.Dataset) ([]byte, error) {
	pixels, labels := firstOfEachClass(nil, nil, d.Train, trainPerClass)
	pixels, labels = firstOfEachClass(pixels, labels, d.Test, testPerClass)
	return imagepack.Pack(pixels, labels, d.Shape[1], d.Shape[2])
}

// firstOfEachClass appends the first n images of each class of s and their labels.
func firstOfEachClass(pixels, labels []byte, s dataset.Split, n int) ([]byte, []byte) {
	size := len(s.Pixels) / s.N()
	taken := map[int]int{}
	for i, class := range s.Y {
		if taken[class] < n {
			taken[class]++
			pixels = append(pixels, s.Pixels[i*size:(i+1)*size]...)
			labels = append(labels, byte(class))
		}
	}
	return pixels, labels
}
