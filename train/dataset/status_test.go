package dataset

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"testing"

	"github.com/noiseprobe/noiseprobe/internal/numtest"
)

// fileOf describes a file with these contents.
func fileOf(name string, data []byte) FileInfo {
	sum := sha256.Sum256(data)
	return FileInfo{Name: name, Bytes: int64(len(data)), SHA256: hex.EncodeToString(sum[:])}
}

func TestCheckContent(t *testing.T) {
	path := filepath.Join(t.TempDir(), "labels.gz")
	good := labels(1, 2, 3, 4)
	file := fileOf("labels", good)
	for _, data := range [][]byte{good, gzipped(good)} {
		write(t, path, data)
		if err := checkContent(path, file); err != nil {
			t.Error(err)
		}
	}
	for _, c := range []struct {
		data   []byte
		reason string
	}{
		{nil, "0 bytes, labels has 12"},
		{good[:11], "11 bytes, labels has 12"},
		{gzipped(append(good, 0)), "longer than the 12 bytes of labels"},
		{labels(1, 2, 3, 5), "sha256 of the contents is"},
		{gzipped(good)[:20], "truncated gzip data"},
	} {
		write(t, path, c.data)
		oneLine(t, checkContent(path, file), path, c.reason)
	}
}

func TestVerify(t *testing.T) {
	root := t.TempDir()
	tinyFashion(t, filepath.Join(root, "fashion-mnist"))
	if err := os.Remove(filepath.Join(root, "fashion-mnist", "t10k-labels-idx1-ubyte.gz")); err != nil {
		t.Fatal(err)
	}
	got, err := Verify("fashion-mnist", root)
	if err != nil {
		t.Fatal(err)
	}
	for i, state := range []string{StateDamaged, StateDamaged, StateDamaged, StateMissing} {
		if got[i].State != state || filepath.Dir(got[i].Path) != filepath.Join(root, "fashion-mnist") {
			t.Errorf("got %+v, want it %s", got[i], state)
		}
	}
	if want := filepath.Join(root, "fashion-mnist", "train-images-idx3-ubyte") + ": 2368 bytes, train-images-idx3-ubyte has 47040016"; got[0].Reason != want {
		t.Errorf("reason %q, want %q", got[0].Reason, want)
	}
	_, err = Verify("mnist", root)
	oneLine(t, err, "not a known data set")
	_, err = Verify("cifar-10", filepath.Join(root, "missing"))
	oneLine(t, err, "missing")
	_, err = Verify("cifar-10", filepath.Join(root, "fashion-mnist", "train-images-idx3-ubyte"))
	oneLine(t, err, "not a directory")
}

// A part of CIFAR is not damaged, but it is named as a part.
func TestVerifyCIFAR(t *testing.T) {
	dir := t.TempDir()
	tinyCIFAR10(t, dir)
	write(t, filepath.Join(dir, "data_batch_5.bin"), record(1, 77))
	got, err := Verify("cifar-10", dir)
	if err != nil {
		t.Fatal(err)
	}
	want := []FileStatus{
		{"data_batch_1.bin", filepath.Join(dir, "data_batch_1.bin"), StateMissing, ""},
		{"data_batch_2.bin", filepath.Join(dir, "data_batch_2.bin"), StateOK, "2 of 10000 images"},
		{"data_batch_3.bin", filepath.Join(dir, "data_batch_3.bin"), StateMissing, ""},
		{"data_batch_4.bin", filepath.Join(dir, "data_batch_4.bin.gz"), StateOK, "1 of 10000 images"},
		{"data_batch_5.bin", filepath.Join(dir, "data_batch_5.bin"), StateDamaged,
			filepath.Join(dir, "data_batch_5.bin") + ": label 77 of record 0 is not between 0 and 9"},
		{"test_batch.bin", filepath.Join(dir, "test_batch.bin"), StateOK, "1 of 10000 images"},
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("got  %+v\nwant %+v", got[i], want[i])
		}
	}
}

func TestVerifyRealFashionMNIST(t *testing.T) {
	numtest.NeedFull(t, "the checksums of Fashion-MNIST")
	d := installed(t, "fashion-mnist")
	got, err := Verify("fashion-mnist", d.Source)
	if err != nil {
		t.Fatal(err)
	}
	for _, status := range got {
		if status.State != StateOK || status.Reason != "" {
			t.Errorf("%+v", status)
		}
	}
}
