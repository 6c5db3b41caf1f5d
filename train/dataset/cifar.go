package dataset

import (
	"errors"
	"fmt"
)

// coarseClasses is the number of CIFAR-100's superclasses, whose label comes before the class.
const coarseClasses = 20

// readCIFAR reads those files of CIFAR-10 or CIFAR-100 that exist, in the official binary layout. The last file holds the test
// images, the others hold training images.
func (l *loader) readCIFAR(paths []string) (train, test Split, err error) {
	last := len(paths) - 1
	for i, path := range paths {
		if path == "" {
			continue
		}
		batch, err := l.readCIFARFile(path, l.Files[i])
		if err != nil {
			return train, test, err
		}
		if i == last {
			return train, batch, nil
		}
		train.Pixels = append(train.Pixels, batch.Pixels...)
		train.Y = append(train.Y, batch.Y...)
	}
	panic("dataset: readCIFAR without the test file")
}

// readCIFARFile reads the records of a file, at most as many as the known one has. A record is
//
//	[coarse label]   label   1,024 red   1,024 green   1,024 blue bytes
func (l *loader) readCIFARFile(path string, known FileInfo) (split Split, err error) {
	err = l.read(path, known, func(f *rawFile) error {
		data, err := readUpTo(f, min(known.Bytes, f.limit)+1)
		if err == nil && int64(len(data)) > known.Bytes {
			err = fmt.Errorf("trailing data after the %d bytes of %s", known.Bytes, l.Title)
		}
		if err == nil {
			split, err = l.splitRecords(data)
		}
		return err
	})
	return split, err
}

// splitRecords separates labels and pixels. It moves the pixels to the beginning of data.
func (s SetInfo) splitRecords(data []byte) (Split, error) {
	size := s.Shape[0] * s.Shape[1] * s.Shape[2]
	record := s.prefix + size
	if len(data) == 0 {
		return Split{}, errors.New("no images in it")
	}
	if len(data)%record != 0 {
		return Split{}, fmt.Errorf("%d bytes are not a whole number of %s records of %d bytes", len(data), s.Title, record)
	}
	y := make([]int, len(data)/record)
	for i := range y {
		r := data[i*record : (i+1)*record]
		y[i] = int(r[s.prefix-1])
		if y[i] >= s.Classes {
			return Split{}, fmt.Errorf("label %d of record %d is not between 0 and %d", y[i], i, s.Classes-1)
		}
		if s.prefix == 2 && r[0] >= coarseClasses {
			return Split{}, fmt.Errorf("coarse label %d of record %d is not between 0 and %d", r[0], i, coarseClasses-1)
		}
		copy(data[i*size:], r[s.prefix:])
	}
	return Split{Pixels: data[:len(y)*size], Y: y}, nil
}
