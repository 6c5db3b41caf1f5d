package dataset

import (
	"fmt"
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
	prefix  int      // label bytes before the pixels of a CIFAR record, the last one the class; 0 for IDX files
}

// FileInfo describes one file of a set. On disk it may be gzip-compressed, with ".gz" after its name.
type FileInfo struct {
	Name   string
	Bytes  int64  // size of the whole file, uncompressed
	SHA256 string // of the uncompressed contents; empty for CIFAR, whose authors publish sums of the archives only
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

func lookup(name string) (SetInfo, error) {
	var names []string
	for _, s := range Sets() {
		if s.Name == name {
			return s, nil
		}
		names = append(names, s.Name)
	}
	return SetInfo{}, fmt.Errorf("%q is not a known data set (%s)", name, strings.Join(names, ", "))
}

// fashionMNIST: Xiao, Rasul and Vollgraf, arXiv:1708.07747 (2017). The checksums are those of the files that Debian's
// package dataset-fashion-mnist installs.
func fashionMNIST() SetInfo {
	s := SetInfo{
		Name: FashionMNIST, Title: "Fashion-MNIST", Page: "https://github.com/zalandoresearch/fashion-mnist",
		Classes: 10, Shape: [3]int{1, 28, 28}, Train: 60000, Test: 10000,
		Files: []FileInfo{
			{"train-images-idx3-ubyte", 47040016, "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888"},
			{"train-labels-idx1-ubyte", 60008, "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9"},
			{"t10k-images-idx3-ubyte", 7840016, "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b"},
			{"t10k-labels-idx1-ubyte", 10008, "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34"},
		},
		folders: []string{FashionMNIST, "FashionMNIST/raw", "raw"},
	}
	for _, f := range s.Files {
		s.Downloads = append(s.Downloads, Download{Name: f.Name + ".gz", URL: fashionURL + f.Name + ".gz"})
	}
	return s
}

// cifar10: Krizhevsky, "Learning Multiple Layers of Features from Tiny Images", University of Toronto (2009). The sums of
// the archives are those of cifarPage.
func cifar10() SetInfo {
	s := SetInfo{
		Name: CIFAR10, Title: "CIFAR-10", Page: cifarPage,
		Classes: 10, Shape: [3]int{3, 32, 32}, Train: 50000, Test: 10000,
		Downloads: []Download{{"cifar-10-binary.tar.gz", cifarURL + "cifar-10-binary.tar.gz", "c32a1d4ab5d03f1284b67883e8d87530"}},
		folders:   []string{CIFAR10, "cifar-10-batches-bin"},
		prefix:    1,
	}
	for i := range 5 {
		s.Files = append(s.Files, FileInfo{Name: fmt.Sprintf("data_batch_%d.bin", i+1), Bytes: 10000 * 3073})
	}
	s.Files = append(s.Files, FileInfo{Name: "test_batch.bin", Bytes: 10000 * 3073})
	return s
}

// cifar100: source as for cifar10. Its records have a coarse label before the class.
func cifar100() SetInfo {
	return SetInfo{
		Name: CIFAR100, Title: "CIFAR-100", Page: cifarPage,
		Classes: 100, Shape: [3]int{3, 32, 32}, Train: 50000, Test: 10000,
		Files:     []FileInfo{{Name: "train.bin", Bytes: 50000 * 3074}, {Name: "test.bin", Bytes: 10000 * 3074}},
		Downloads: []Download{{"cifar-100-binary.tar.gz", cifarURL + "cifar-100-binary.tar.gz", "03b5dce01913d631647c71ecec9e9cb8"}},
		folders:   []string{CIFAR100, "cifar-100-binary"},
		prefix:    2,
	}
}
