package dataset

import (
	"embed"
	"fmt"

	"github.com/noiseprobe/noiseprobe/train/dataset/internal/imagepack"
)

//go:generate go run ./internal/makesubset

// embedded is a folder, so that the licence is part of every copy and the generator builds when there is no subset yet.
//
//go:embed fashion-mnist
var embedded embed.FS

const (
	embeddedSet   = FashionMNIST
	embeddedTrain = 10000 // images: the first 1,000 of each class, in the order of the set; the rest are test images
)

// openEmbedded unpacks the class-balanced subset of Fashion-MNIST: of each class the first 1,000 training and the first
// 200 test images, in the order of the set.
func openEmbedded() (*Dataset, error) {
	packed, err := embedded.ReadFile("fashion-mnist/subset.zip")
	if err != nil {
		return nil, fmt.Errorf("embedded images: %w", err)
	}
	d := fashionMNIST().describe(Embedded)
	height, width := d.Shape[1], d.Shape[2]
	pixels, labels, err := imagepack.Unpack(packed, height, width)
	if err != nil {
		return nil, fmt.Errorf("embedded images: %w", err)
	}
	y, cut := labelInts(labels), embeddedTrain*height*width
	d.Train = Split{Pixels: pixels[:cut:cut], Y: y[:embeddedTrain:embeddedTrain]}
	d.Test = Split{Pixels: pixels[cut:], Y: y[embeddedTrain:]}
	return d, nil
}
