package dataset

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// EnvDir names the environment variable with the directory that is searched first.
const EnvDir = "NOISEPROBE_DATA"

// systemDir is where distributions put data sets; tests move it.
var systemDir = "/usr/share/datasets"

// NotFoundError says that a set is not on this machine.
type NotFoundError struct {
	Set      SetInfo
	Searched []string // directories
}

func (e *NotFoundError) Error() string {
	return fmt.Sprintf("%s: not found in %s: get it with 'noiseprobe data fetch %s', or from %s and set $%s to its directory",
		e.Set.Name, strings.Join(e.Searched, ", "), e.Set.Name, e.Set.Page, EnvDir)
}

// CacheDir is where [Fetch] puts a set by default: noiseprobe/<set> in the user's cache directory.
func CacheDir(set string) (string, error) {
	base, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("no cache directory for %s: %w", set, err)
	}
	return filepath.Join(base, "noiseprobe", set), nil
}

// Locate looks for a set in $NOISEPROBE_DATA, in [CacheDir] and in /usr/share/datasets/<set>, and in the set's usual
// subfolders of these. Found means that there are enough files to open: for CIFAR the test images and at least one file of
// training images, for Fashion-MNIST all four. Whether they are intact is left to [Open] and [Verify].
func Locate(set string) (dir string, found bool, searched []string) {
	info, err := lookup(set)
	if err != nil {
		return "", false, nil
	}
	var roots []string
	if env := os.Getenv(EnvDir); env != "" {
		roots = append(roots, env)
	}
	if cache, err := CacheDir(set); err == nil {
		roots = append(roots, cache)
	}
	roots = append(roots, filepath.Join(systemDir, set))
	for _, root := range roots {
		searched = append(searched, root)
		if dir, paths := info.folder(root); info.missing(paths) == "" {
			return dir, true, searched
		}
	}
	return "", false, searched
}

// folder chooses, from root and its usual subfolders, the one that has most of the set's files, and returns their paths in the order
// of Files, "" for those that do not exist.
func (s SetInfo) folder(root string) (dir string, paths []string) {
	most := -1
	for _, sub := range append([]string{""}, s.folders...) {
		d := filepath.Join(root, filepath.FromSlash(sub))
		p, n := s.paths(d)
		if n > most {
			dir, paths, most = d, p, n
		}
	}
	return dir, paths
}

func (s SetInfo) paths(dir string) (paths []string, found int) {
	paths = make([]string, len(s.Files))
	for i, f := range s.Files {
		for _, name := range []string{f.Name, f.Name + ".gz"} {
			path := filepath.Join(dir, name)
			if st, err := os.Stat(path); err == nil && st.Mode().IsRegular() {
				paths[i] = path
				found++
				break
			}
		}
	}
	return paths, found
}

// missing returns the name of a missing file without which the set cannot be opened, or "". For CIFAR one training file is enough,
// together with the test file, which is the last in Files.
func (s SetInfo) missing(paths []string) string {
	train := false
	last := len(paths) - 1
	for i, path := range paths {
		if path == "" && (s.prefix == 0 || i == last) {
			return s.Files[i].Name
		}
		train = train || path != "" && i < last
	}
	if !train {
		return s.Files[0].Name
	}
	return ""
}
