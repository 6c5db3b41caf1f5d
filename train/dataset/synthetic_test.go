package dataset

import (
	"math"
	"testing"
)

func TestSyntheticShapes(t *testing.T) {
	isolate(t)
	for _, s := range Sets() {
		if s.Name == "cifar-100" && testing.Short() {
			continue
		}
		d, err := Open("synthetic", Options{Want: s.Name, Seed: 1})
		if err != nil {
			t.Fatal(err)
		}
		size := s.Shape[0] * s.Shape[1] * s.Shape[2]
		if d.Name != s.Name || d.Source != "synthetic" || d.Classes != s.Classes || d.Shape != s.Shape || d.Notice != "" {
			t.Errorf("%s: %+v", s.Name, d)
		}
		if d.Train.N() != 10000 || d.Test.N() != 2000 || len(d.Train.Pixels) != 10000*size || len(d.Test.Pixels) != 2000*size {
			t.Errorf("%s: %d training and %d test images", s.Name, d.Train.N(), d.Test.N())
		}
		for class := range s.Classes {
			if n, m := count(d.Train.Y, class), count(d.Test.Y, class); n != 10000/s.Classes || m != 2000/s.Classes {
				t.Errorf("%s, class %d: %d training and %d test images", s.Name, class, n, m)
			}
		}
	}
}

// The same on every machine: checksums computed once on linux/amd64.
func TestSyntheticIsFixed(t *testing.T) {
	for _, c := range []struct {
		set  SetInfo
		seed uint64
		want string
	}{
		{fashionMNIST(), 1, "d27b3d6e18aee2d8cd7fdde740138e5890726653d62f207ef8409bb0bf324734"},
		{fashionMNIST(), 2, "5a487246212de3097c64b6e7f70931ea15078e6c659c5eed3db0ea1945fe335d"},
		{cifar10(), 1, "6b863e16d36e3f63f4105293c49e4ff06c5cb91354bca9af5d4ca8a9f79c5368"},
	} {
		if got := synthetic(c.set, c.seed).Checksum(); got != c.want {
			t.Errorf("%s with seed %d: checksum %s, want %s", c.set.Name, c.seed, got, c.want)
		}
	}
}

// Nearest class mean is a weak linear classifier. That it is far above chance shows that there is something to learn; that
// it is below the 97.1 % which no classifier can pass shows that there is something left.
func TestSyntheticIsLearnable(t *testing.T) {
	if got := nearestMean(synthetic(fashionMNIST(), 3)); got < 0.6 || got > 0.95 {
		t.Errorf("nearest mean gets %.3f right, want 0.6 to 0.95", got)
	}
}

func nearestMean(d *Dataset) float64 {
	size := len(d.Train.Pixels) / d.Train.N()
	means := make([][]float64, d.Classes)
	for c := range means {
		means[c] = make([]float64, size)
	}
	for i, class := range d.Train.Y {
		for j, p := range d.Train.Pixels[i*size : (i+1)*size] {
			means[class][j] += float64(p) * float64(d.Classes) / float64(d.Train.N())
		}
	}
	right := 0
	for i, class := range d.Test.Y {
		best, nearest := -1, math.Inf(1)
		for c, mean := range means {
			sum := 0.0
			for j, p := range d.Test.Pixels[i*size : (i+1)*size] {
				sum += (float64(p) - mean[j]) * (float64(p) - mean[j])
			}
			if sum < nearest {
				best, nearest = c, sum
			}
		}
		if best == class {
			right++
		}
	}
	return float64(right) / float64(d.Test.N())
}

// triangular has mean 0 and variance 4 * 2 * (16*16 - 1) / 12 = 170, over its 256 equally likely bytes.
func TestTriangular(t *testing.T) {
	sum, squares := 0, 0
	for b := range 256 {
		v := int(triangular(byte(b)))
		sum += v
		squares += v * v
	}
	if sum != 0 || squares != 170*256 {
		t.Errorf("sum %d, want 0; sum of squares %d, want %d", sum, squares, 170*256)
	}
}
