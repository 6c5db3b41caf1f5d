package dataset

import (
	"bytes"
	"crypto/sha1"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/noiseprobe/noiseprobe/internal/numtest"
)

// The files of a set are those of its authors only if their contents are.
func TestOtherFilesUnderTheNamesOfASet(t *testing.T) {
	train, test := []byte{1, 2, 3}, []byte{9, 5, 6}
	s := tinyArchive(nil)
	s.Train, s.Test = 1, 1
	for i, contents := range [][]byte{train, test} {
		s.Files[i].SHA1 = fmt.Sprintf("%x", sha1.Sum(contents))
	}
	dir := t.TempDir()
	write(t, filepath.Join(dir, "test.bin"), test)
	for _, c := range []struct {
		train  []byte
		notice string
	}{
		{train, ""},
		{gzipped(train), ""},
		{[]byte{1, 2, 4}, "tiny in " + dir + ": not the official files, other contents in train.bin"},
	} {
		write(t, filepath.Join(dir, "train.bin"), c.train)
		_, paths := s.folder(dir)
		d, err := s.load(dir, paths)
		if err != nil || d.Notice != c.notice || (len(d.Unofficial) > 0) != (c.notice != "") {
			t.Errorf("%v: %+v, %v", c.train, d, err)
		}
	}
}

// Whoever has the Python version is told so.
func TestPythonVersion(t *testing.T) {
	isolate(t)
	dir := t.TempDir()
	write(t, filepath.Join(dir, "cifar-10-batches-py", "data_batch_1"), []byte("\x80\x04\x95"))
	t.Setenv(EnvDir, dir)
	for _, name := range []string{"auto", "cifar-10", dir, filepath.Join(dir, "cifar-10-batches-py")} {
		_, err := Open(name, Options{Want: "cifar-10"})
		oneLine(t, err, "cifar-10: only the Python version was found", "data_batch_1", "noiseprobe data fetch cifar-10")
	}
	_, err := Verify("cifar-10", dir)
	oneLine(t, err, "cifar-10: only the Python version was found", "data_batch_1")
	_, err = Open(dir, Options{Want: "fashion-mnist"})
	oneLine(t, err, "no files of fashion-mnist", "data_batch_1 of the Python version of cifar-10", "noiseprobe data fetch cifar-10")
}

// record is a CIFAR record: labels, then 3,072 pixels made from a number.
func record(number byte, labels ...byte) []byte {
	for i := range 3072 {
		labels = append(labels, byte(i)*7+number)
	}
	return labels
}

func tinyCIFAR10(t *testing.T, dir string) {
	t.Helper()
	write(t, filepath.Join(dir, "data_batch_2.bin"), append(record(1, 6), record(2, 9)...))
	write(t, filepath.Join(dir, "data_batch_4.bin.gz"), gzipped(record(3, 0)))
	write(t, filepath.Join(dir, "test_batch.bin"), record(4, 3))
}

func TestReadTinyCIFAR10(t *testing.T) {
	root := t.TempDir()
	tinyCIFAR10(t, filepath.Join(root, "cifar-10-batches-bin"))
	d, err := Open(root, Options{Want: "cifar-10"})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(d.Train.Y, []int{6, 9, 0}) || !slices.Equal(d.Test.Y, []int{3}) {
		t.Errorf("labels %v and %v", d.Train.Y, d.Test.Y)
	}
	if want := slices.Concat(record(1), record(2), record(3)); !bytes.Equal(d.Train.Pixels, want) {
		t.Error("training pixels differ from what was written")
	}
	if !bytes.Equal(d.Test.Pixels, record(4)) {
		t.Error("test pixels differ from what was written")
	}
	if !strings.Contains(d.Notice, "3 of 50000 training and 1 of 10000 test images") {
		t.Errorf("notice %q", d.Notice)
	}
}

// The class is the second, fine label.
func TestReadTinyCIFAR100(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "train.bin.gz"), gzipped(append(record(1, 19, 99), record(2, 0, 1)...)))
	write(t, filepath.Join(dir, "test.bin"), record(3, 4, 70))
	d, err := Open(dir, Options{Want: "cifar-100"})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(d.Train.Y, []int{99, 1}) || !slices.Equal(d.Test.Y, []int{70}) || d.Classes != 100 {
		t.Errorf("labels %v and %v of %d classes", d.Train.Y, d.Test.Y, d.Classes)
	}
	if want := slices.Concat(record(1), record(2)); !bytes.Equal(d.Train.Pixels, want) {
		t.Error("training pixels differ from what was written")
	}
}

func TestDamagedCIFAR(t *testing.T) {
	for _, c := range []struct {
		set, file string
		data      []byte
		reason    string
	}{
		{"cifar-10", "data_batch_2.bin", nil, "no images in it"},
		{"cifar-10", "data_batch_2.bin", record(1, 6)[:3000], "3000 bytes are not a whole number of CIFAR-10 records of 3073 bytes"},
		{"cifar-10", "test_batch.bin", append(record(1, 6), record(1, 10)...), "label 10 of record 1 is not between 0 and 9"},
		{"cifar-10", "data_batch_4.bin.gz", gzipped(record(3, 0))[:40], "truncated gzip data"},
		{"cifar-10", "data_batch_4.bin.gz", gzipped(make([]byte, 10001*3073)), "trailing data after the 30730000 bytes of CIFAR-10"},
		{"cifar-100", "train.bin", record(1, 20, 3), "coarse label 20 of record 0 is not between 0 and 19"},
		{"cifar-100", "train.bin", record(1, 0, 100), "label 100 of record 0 is not between 0 and 99"},
		{"cifar-100", "train.bin", record(1, 0), "3073 bytes are not a whole number of CIFAR-100 records"},
	} {
		dir := t.TempDir()
		tinyCIFAR10(t, dir)
		write(t, filepath.Join(dir, "test.bin"), record(3, 4, 70))
		write(t, filepath.Join(dir, c.file), c.data)
		_, err := Open(dir, Options{Want: c.set})
		oneLine(t, err, filepath.Join(dir, c.file), c.reason)
	}
}

func TestCIFARNeedsTestImages(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "data_batch_1.bin"), record(1, 2))
	_, err := Open(dir, Options{Want: "cifar-10"})
	oneLine(t, err, dir, "no file test_batch.bin")
}

func TestRealCIFAR10(t *testing.T) {
	numtest.NeedFull(t, "the files of CIFAR-10, up to 180 MB")
	d := installed(t, "cifar-10")
	// First ten labels of data_batch_1 in the official archive.
	if want := []int{6, 9, 9, 4, 1, 1, 2, 7, 8, 3}; !slices.Equal(d.Train.Y[:10], want) {
		t.Errorf("first labels %v, want %v", d.Train.Y[:10], want)
	}
	// The values generally quoted for the 50,000 training images (R, G, B, of pixel/255); for batches 1 and 2 alone
	// numpy's on another copy. The test images, which are always whole: numpy's.
	switch d.Train.N() {
	case 50000:
		checkMoments(t, d.Train, [3]float64{0.49139968, 0.48215841, 0.44653091}, [3]float64{0.24703223, 0.24348513, 0.26158784})
	case 20000:
		checkMoments(t, d.Train, [3]float64{0.49288712, 0.48363447, 0.44754974}, [3]float64{0.24731658, 0.24402747, 0.26244650})
	}
	checkMoments(t, d.Test, [3]float64{0.49421428, 0.48513139, 0.45040909}, [3]float64{0.24665252, 0.24289226, 0.26159238})
	for class := range 10 {
		if n := count(d.Test.Y, class); n != 1000 {
			t.Errorf("class %d: %d test images, want 1000", class, n)
		}
	}
}

func TestRealCIFAR100(t *testing.T) {
	numtest.NeedFull(t, "the files of CIFAR-100, up to 180 MB")
	d := installed(t, "cifar-100")
	// Mean and standard deviation: numpy's on another copy, of the first 10,000 training and of the test images.
	first := Split{Pixels: d.Train.Pixels[:10000*3072], Y: d.Train.Y[:10000]}
	checkMoments(t, first, [3]float64{0.50589181, 0.48595521, 0.44111510}, [3]float64{0.26766681, 0.25609143, 0.27595398})
	checkMoments(t, d.Test, [3]float64{0.50879641, 0.48739301, 0.44194221}, [3]float64{0.26825157, 0.25736374, 0.27709577})
	for class := range 100 {
		if n := count(d.Test.Y, class); n != 100 {
			t.Errorf("class %d: %d test images, want 100", class, n)
		}
	}
}

func checkMoments(t *testing.T, s Split, mean, sd [3]float64) {
	t.Helper()
	for channel := range 3 {
		m, v := moments(s.Pixels, 3, 1024, channel)
		for _, c := range [][2]float64{{m / 255, mean[channel]}, {v / 255, sd[channel]}} {
			if err := numtest.Close(c[0], c[1], numtest.Tol{Abs: 6e-9}); err != nil {
				t.Error(fmt.Errorf("channel %d: %w", channel, err))
			}
		}
	}
}

// Records of untrusted bytes are those of the file, or refused.
func FuzzCIFAR(f *testing.F) {
	record := make([]byte, 3073)
	record[0], record[1] = 7, 9
	f.Add(record, false)
	f.Add(append(record, 3), true)
	f.Add(record[:3000], false)
	f.Add([]byte{200}, true)
	f.Add(gzipped(record), false)
	f.Add([]byte{}, true)
	path := filepath.Join(f.TempDir(), "batch")
	f.Fuzz(func(t *testing.T, data []byte, hundred bool) {
		l := &loader{SetInfo: cifar10()}
		if hundred {
			l.SetInfo = cifar100()
		}
		write(t, path, data)
		got, err := l.readCIFARFile(path, l.Files[0])
		switch {
		case err != nil && (!strings.HasPrefix(err.Error(), path) || strings.Contains(err.Error(), "\n")):
			t.Errorf("%q is not one line that names the file", err)
		case err == nil && (got.N() == 0 || len(got.Pixels) != 3072*got.N()):
			t.Errorf("%d labels, %d pixels", got.N(), len(got.Pixels))
		}
	})
}
