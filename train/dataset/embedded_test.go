package dataset

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"testing"
)

func TestEmbedded(t *testing.T) {
	isolate(t)
	d, err := Open("embedded", Options{Want: "fashion-mnist"})
	if err != nil {
		t.Fatal(err)
	}
	if d.Name != "fashion-mnist" || d.Source != "embedded" || d.Notice != "" || d.Shape != [3]int{1, 28, 28} {
		t.Errorf("%s from %s, shape %v, notice %q", d.Name, d.Source, d.Shape, d.Notice)
	}
	if d.Train.N() != 10000 || d.Test.N() != 2000 || len(d.Train.Pixels) != 10000*784 || len(d.Test.Pixels) != 2000*784 {
		t.Fatalf("%d training and %d test images", d.Train.N(), d.Test.N())
	}
	for class := range 10 {
		if n, m := count(d.Train.Y, class), count(d.Test.Y, class); n != 1000 || m != 200 {
			t.Errorf("class %d: %d training and %d test images", class, n, m)
		}
	}
	// Made by Checksum itself, of the subset that TestSubsetIsCurrent compares with the whole set.
	if got, want := d.Checksum(), "fd3c833c06b6b9dfe58cb7d7812cccc123d92bd59f2b49410089423ed09522be"; got != want {
		t.Errorf("checksum %s, want %s", got, want)
	}
}

// Changing the embedded file changes what people trained on: it must be done on purpose.
func TestEmbeddedFile(t *testing.T) {
	packed, err := embedded.ReadFile("fashion-mnist/subset.zip")
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(packed)
	if got, want := hex.EncodeToString(sum[:]), "de9987c0ee19542396d549556ba94429c3e74bc84e603ce66103cdc2097cb7d8"; got != want {
		t.Errorf("sha256 of subset.zip is %s, want %s", got, want)
	}
	if len(packed) > 5<<20 {
		t.Errorf("%d bytes are too many to embed", len(packed))
	}
}

func TestEmbeddedLicense(t *testing.T) {
	text, err := embedded.ReadFile("fashion-mnist/LICENSE")
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{"MIT", "Copyright © 2017 Zalando SE, https://tech.zalando.com", "WITHOUT WARRANTY"} {
		if !strings.Contains(string(text), part) {
			t.Errorf("the licence does not say %q", part)
		}
	}
}

// The first image of the whole set, an ankle boot, is the first of its class and so the first of the subset.
func TestEmbeddedIsReal(t *testing.T) {
	whole := installed(t, "fashion-mnist")
	d, err := openEmbedded()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range [][2]Split{{whole.Train, d.Train}, {whole.Test, d.Test}} {
		if !slices.Equal(c[0].Y[:100], c[1].Y[:100]) || !slices.Equal(c[0].Pixels[:100*784], c[1].Pixels[:100*784]) {
			t.Error("the first 100 images differ from those of the whole set")
		}
	}
}
