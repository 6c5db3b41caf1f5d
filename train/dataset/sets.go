package dataset

import (
	"crypto/sha1"
	"crypto/sha256"
	"fmt"
	"hash"
	"slices"
	"strings"
)

// Names of the sets.
const (
	FashionMNIST = "fashion-mnist"
	CIFAR10      = "cifar-10"
	CIFAR100     = "cifar-100"
)

// SetInfo describes a set of images and the files that hold it.
type SetInfo struct {
	Name        string // as in -data
	Title       string // such as "Fashion-MNIST"
	Page        string // where its authors describe it
	Classes     int
	Shape       [3]int // channels, height, width
	Train, Test int    // images in the whole set
	Files       []FileInfo
	Downloads   []Download

	folders []string // usual names of the folder that holds the files
	python  []string // where a file of the Python version may be, which is not read
	prefix  int      // label bytes before the pixels of a CIFAR record, the last one the class; 0 for IDX files
}

// FileInfo describes one file of a set. On disk it may be gzip-compressed, with ".gz" after its name.
type FileInfo struct {
	Name  string
	Bytes int64 // size of the whole file, uncompressed
	// SHA256 or SHA1 is the checksum of the uncompressed contents; both empty where none is known. For CIFAR, whose authors publish sums of the archives only, it is the
	// SHA-1 that Apache MXNet knows.
	SHA256, SHA1 string
}

// digest returns a hash that makes the known checksum, its name and that checksum.
func (f FileInfo) digest() (h hash.Hash, name, want string) {
	if f.SHA256 != "" {
		return sha256.New(), "sha256", f.SHA256
	}
	return sha1.New(), "sha1", f.SHA1
}

// Download is a file to fetch: one of the set's files, compressed, or an archive of all of them.
type Download struct {
	Name string // of the file, in the directory and below a mirror's address
	URL  string
	MD5  string // of an archive; empty for a file that its FileInfo's SHA256 checks
}

const (
	fashionURL = "https://github.com/zalandoresearch/fashion-mnist/raw/master/data/fashion/"
	cifarPage  = "https://www.cs.toronto.edu/~kriz/cifar.html"
	cifarURL   = "https://www.cs.toronto.edu/~kriz/"
)

// Sets lists the known sets.
func Sets() []SetInfo { return []SetInfo{fashionMNIST(), cifar10(), cifar100()} }

// Names are the names of the known sets.
func Names() (names []string) {
	for _, s := range Sets() {
		names = append(names, s.Name)
	}
	return names
}

func lookup(name string) (SetInfo, error) {
	if i := slices.Index(Names(), name); i >= 0 {
		return Sets()[i], nil
	}
	return SetInfo{}, fmt.Errorf("%q is not a known data set (%s)", name, strings.Join(Names(), ", "))
}

// fashionMNIST: Xiao, Rasul and Vollgraf, arXiv:1708.07747 (2017). The checksums are those of the files that Debian's
// package dataset-fashion-mnist installs.
func fashionMNIST() SetInfo {
	s := SetInfo{
		Name: FashionMNIST, Title: "Fashion-MNIST", Page: "https://github.com/zalandoresearch/fashion-mnist",
		Classes: 10, Shape: [3]int{1, 28, 28}, Train: 60000, Test: 10000,
		Files: []FileInfo{
			{Name: "train-images-idx3-ubyte", Bytes: 47040016, SHA256: "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888"},
			{Name: "train-labels-idx1-ubyte", Bytes: 60008, SHA256: "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9"},
			{Name: "t10k-images-idx3-ubyte", Bytes: 7840016, SHA256: "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b"},
			{Name: "t10k-labels-idx1-ubyte", Bytes: 10008, SHA256: "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34"},
		},
		folders: []string{FashionMNIST, "FashionMNIST/raw", "raw"},
	}
	for _, f := range s.Files {
		s.Downloads = append(s.Downloads, Download{Name: f.Name + ".gz", URL: fashionURL + f.Name + ".gz"})
	}
	return s
}

// cifar10: Krizhevsky, "Learning Multiple Layers of Features from Tiny Images", University of Toronto (2009). The sums of
// the archives are those of cifarPage, those of the files are in python/mxnet/gluon/data/vision/datasets.py of Apache MXNet 1.9.
func cifar10() SetInfo {
	s := SetInfo{
		Name: CIFAR10, Title: "CIFAR-10", Page: cifarPage,
		Classes: 10, Shape: [3]int{3, 32, 32}, Train: 50000, Test: 10000,
		Downloads: []Download{{"cifar-10-binary.tar.gz", cifarURL + "cifar-10-binary.tar.gz", "c32a1d4ab5d03f1284b67883e8d87530"}},
		folders:   []string{CIFAR10, "cifar-10-batches-bin"},
		prefix:    1,
		python:    []string{"data_batch_1", "cifar-10-batches-py/data_batch_1"},
	}
	for i, sum := range []string{
		"aadd24acce27caa71bf4b10992e9e7b2d74c2540", "c0ba65cce70568cd57b4e03e9ac8d2a5367c1795", "1dd00a74ab1d17a6e7d73e185b69dbf31242f295",
		"aab85764eb3584312d3c7f65fd2fd016e36a258e", "26e2849e66a845b7f1e4614ae70f4889ae604628",
	} {
		s.Files = append(s.Files, FileInfo{Name: fmt.Sprintf("data_batch_%d.bin", i+1), Bytes: 10000 * 3073, SHA1: sum})
	}
	s.Files = append(s.Files, FileInfo{Name: "test_batch.bin", Bytes: 10000 * 3073, SHA1: "67eb016db431130d61cd03c7ad570b013799c88c"})
	return s
}

// cifar100: source as for cifar10. Its records have a coarse label before the class.
func cifar100() SetInfo {
	return SetInfo{
		Name: CIFAR100, Title: "CIFAR-100", Page: cifarPage,
		Classes: 100, Shape: [3]int{3, 32, 32}, Train: 50000, Test: 10000,
		Files: []FileInfo{
			{Name: "train.bin", Bytes: 50000 * 3074, SHA1: "e207cd2e05b73b1393c74c7f5e7bea451d63e08e"},
			{Name: "test.bin", Bytes: 10000 * 3074, SHA1: "8fb6623e830365ff53cf14adec797474f5478006"},
		},
		Downloads: []Download{{"cifar-100-binary.tar.gz", cifarURL + "cifar-100-binary.tar.gz", "03b5dce01913d631647c71ecec9e9cb8"}},
		folders:   []string{CIFAR100, "cifar-100-binary"},
		prefix:    2,
		python:    []string{"train", "cifar-100-python/train"},
	}
}
