package dataset

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"testing"

	"github.com/noiseprobe/noiseprobe/internal/numtest"
)

// isolate keeps a test from finding data sets that the machine has.
func isolate(t *testing.T) {
	t.Helper()
	home := t.TempDir()
	for _, name := range []string{"HOME", "XDG_CACHE_HOME", "LocalAppData"} {
		t.Setenv(name, home)
	}
	t.Setenv(EnvDir, "")
	was := systemDir
	systemDir = t.TempDir()
	t.Cleanup(func() { systemDir = was })
}

// installed opens a set of this machine, or skips.
func installed(t *testing.T, set string) *Dataset {
	t.Helper()
	d, err := Open(set, Options{Want: set})
	if err != nil {
		t.Skipf("NOT TESTED on real data: %v", err)
	}
	return d
}

func tinySplit() Split {
	return Split{Pixels: []uint8{0, 1, 128, 255, 51, 102}, Y: []int{7, 9, 3}}
}

func TestGather(t *testing.T) {
	s := tinySplit()
	before := slices.Clone(s.Pixels)
	index := []int{2, 0, 2}
	got := make([]float32, 6)
	s.Gather(got, index)
	// By definition: the pixels 51, 102, 0, 1, 51, 102, each over 255.
	want := []float32{51. / 255, 102. / 255, 0, 1. / 255, 51. / 255, 102. / 255}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if !slices.Equal(s.Pixels, before) || !slices.Equal(index, []int{2, 0, 2}) {
		t.Error("Gather changed its input")
	}
	labels := make([]int32, 3)
	s.Labels(labels, index)
	if want := []int32{3, 7, 3}; !slices.Equal(labels, want) {
		t.Errorf("labels %v, want %v", labels, want)
	}
}

// Law: every pixel value becomes the float32 nearest to p/255, which is float32(p)/float32(255).
func TestGatherIsExactDivision(t *testing.T) {
	all := Split{Y: []int{0}}
	for p := range 256 {
		all.Pixels = append(all.Pixels, uint8(p))
	}
	got := make([]float32, 256)
	all.Gather(got, []int{0})
	for p, v := range got {
		if v != float32(p)/255 || v != float32(float64(p)/255) {
			t.Errorf("pixel %d: %v", p, v)
		}
	}
}

func TestGatherPanics(t *testing.T) {
	s := tinySplit()
	numtest.Panics(t, "short dst", "dataset: ", func() { s.Gather(make([]float32, 3), []int{0, 1}) })
	numtest.Panics(t, "long dst", "dataset: ", func() { s.Gather(make([]float32, 5), []int{0, 1}) })
	numtest.Panics(t, "index 3 of 3", "dataset: ", func() { s.Gather(make([]float32, 2), []int{3}) })
	numtest.Panics(t, "index -1", "dataset: ", func() { s.Gather(make([]float32, 2), []int{-1}) })
	numtest.Panics(t, "labels, short dst", "dataset: ", func() { s.Labels(nil, []int{0}) })
	numtest.Panics(t, "labels, index 3 of 3", "dataset: ", func() { s.Labels(make([]int32, 1), []int{3}) })
	s.Gather(nil, nil)
	Split{}.Gather(nil, nil)
}

// The definition, written out.
func TestChecksum(t *testing.T) {
	d := &Dataset{Classes: 10, Shape: [3]int{1, 1, 2}, Train: tinySplit(), Test: Split{Pixels: []uint8{4, 5}, Y: []int{6}}}
	bytes := []byte{10, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 1, 0, 0, 0, 0, 1, 128, 255, 51, 102, 7, 9, 3, 4, 5, 6}
	sum := sha256.Sum256(bytes)
	if got, want := d.Checksum(), hex.EncodeToString(sum[:]); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	moved := *d
	moved.Source, moved.Notice = "elsewhere", "a notice"
	if moved.Checksum() != d.Checksum() {
		t.Error("the checksum depends on where the data came from")
	}
}

func BenchmarkGather(b *testing.B) {
	d := synthetic(fashionMNIST(), 1)
	index := make([]int, 1000)
	for i := range index {
		index[i] = i * 7919 % d.Train.N()
	}
	dst := make([]float32, len(index)*784)
	b.SetBytes(int64(len(dst)))
	for b.Loop() {
		d.Train.Gather(dst, index)
	}
}

func BenchmarkOpenEmbedded(b *testing.B) {
	for b.Loop() {
		if _, err := openEmbedded(); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSynthetic(b *testing.B) {
	for b.Loop() {
		synthetic(fashionMNIST(), 1)
	}
}
