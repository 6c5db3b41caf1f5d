package main

import (
	"bytes"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/noiseprobe/noiseprobe/train/dataset"
)

// few is a folder with the first 1000 synthetic images, for training and again for testing, which are read sooner than all are made.
var few string

// withFew are tests while the folder is there.
type withFew struct{ *testing.M }

func (w withFew) Run() int {
	var err error
	if few, err = os.MkdirTemp("", "noiseprobe-few-"); err == nil {
		defer os.RemoveAll(few)
		err = makeFew()
	}
	if err != nil {
		panic(err)
	}
	return w.M.Run()
}

func makeFew() error {
	d, err := dataset.Open(dataset.Synthetic, dataset.Options{Want: "fashion-mnist", Seed: 1})
	if err != nil {
		return err
	}
	labels := make([]byte, 1000)
	for i := range labels {
		labels[i] = byte(d.Train.Y[i])
	}
	return writeImages(few, d.Train.Pixels[:1000*28*28], labels)
}

// writeImages writes four files of Fashion-MNIST's form, the same images for training and for testing.
func writeImages(dir string, pixels, labels []byte) error {
	n := uint32(len(labels))
	var errs []error
	for _, split := range []string{"train", "t10k"} {
		errs = append(errs,
			os.WriteFile(filepath.Join(dir, split+"-images-idx3-ubyte"), idx(pixels, 0x803, n, 28, 28), 0o644),
			os.WriteFile(filepath.Join(dir, split+"-labels-idx1-ubyte"), idx(labels, 0x801, n), 0o644))
	}
	return errors.Join(errs...)
}

func idx(values []byte, header ...uint32) []byte {
	var b bytes.Buffer
	binary.Write(&b, binary.BigEndian, header)
	return append(b.Bytes(), values...)
}
