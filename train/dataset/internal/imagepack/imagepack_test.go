package imagepack

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/noiseprobe/noiseprobe/internal/numtest"
)

// Law: unpacking what was packed gives the same images, whatever they are.
func TestRoundTrip(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	for _, shape := range [][3]int{{0, 28, 28}, {1, 1, 1}, {3, 1, 7}, {3, 7, 1}, {5, 28, 28}, {2, 3, 5}} {
		labels := make([]byte, shape[0])
		pixels := make([]byte, shape[0]*shape[1]*shape[2])
		for i := range pixels {
			pixels[i] = byte(rng.Uint32() >> (rng.Uint32() % 32))
		}
		for i := range labels {
			labels[i] = byte(rng.Uint32())
		}
		before := slices.Clone(pixels)
		packed, err := Pack(pixels, labels, shape[1], shape[2])
		if err != nil {
			t.Fatal(err)
		}
		gotPixels, gotLabels, err := Unpack(packed, shape[1], shape[2])
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(gotPixels, pixels) || !bytes.Equal(gotLabels, labels) {
			t.Errorf("shape %v: came back changed", shape)
		}
		if !bytes.Equal(before, pixels) {
			t.Errorf("shape %v: Pack changed its input", shape)
		}
	}
}

// By hand. Neighbours a = 10, b = 30, c = 20: a + b - c = 20, so c is the guess; |b-c| + |a-c| = 20 has 5 bits, and
// neither a nor b is background: stream 4*5. With a = b = c = 0 the guess is a, in stream 1 + 2.
func TestPredict(t *testing.T) {
	for _, c := range []struct {
		a, b, c, stream int
		guess           byte
	}{{10, 30, 20, 20, 20}, {0, 0, 0, 3, 0}} {
		if guess, stream := predict(c.a, c.b, c.c); guess != c.guess || stream != c.stream {
			t.Errorf("%v: got %d in stream %d", c, guess, stream)
		}
	}
}

// The last stream is within the array even where neighbours differ most.
func TestPredictStreams(t *testing.T) {
	highest := 0
	for a := range 256 {
		for b := range 256 {
			for _, c := range []int{0, a / 2, 255} {
				_, k := predict(a, b, c)
				highest = max(highest, k)
			}
		}
	}
	if want := len(streams{}) - 1; highest != want {
		t.Errorf("highest stream %d, want %d", highest, want)
	}
}

func TestUnpackDamaged(t *testing.T) {
	pixels := bytes.Repeat([]byte{1, 5, 9, 200}, 49*20)
	packed, err := Pack(pixels, make([]byte, 20), 14, 14)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := Unpack(packed, 14, 15); err == nil || !strings.Contains(err.Error(), "too early") {
		t.Errorf("images too wide: got %v", err)
	}
	if _, _, err := Unpack(packed, 14, 13); err == nil {
		t.Error("images too narrow: no error")
	}
	if _, _, err := Unpack(packed[:len(packed)/2], 14, 14); err == nil {
		t.Error("half a file: no error")
	}
	// One flipped bit either fails or touches nothing that matters (names of the zip, unused fields).
	for i := range packed {
		damaged := slices.Clone(packed)
		damaged[i] ^= 4
		if got, _, err := Unpack(damaged, 14, 14); err == nil && !bytes.Equal(got, pixels) {
			t.Fatalf("flipping a bit of byte %d changed the images without an error", i)
		}
	}
}

func TestPackPanicsOnShape(t *testing.T) {
	numtest.Panics(t, "10 pixels in a 3x3 image", "imagepack: ", func() { Pack(make([]byte, 10), make([]byte, 1), 3, 3) })
}
