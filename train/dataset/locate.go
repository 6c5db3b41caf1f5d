package dataset

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/noiseprobe/noiseprobe/internal/filekind"
)

// EnvDir names the environment variable with the directory that is searched first.
const EnvDir = "NOISEPROBE_DATA"

// systemDir is where distributions put data sets; tests move it.
var systemDir = "/usr/share/datasets"

// NotFoundError says that a set is not on this machine.
type NotFoundError struct {
	Set      SetInfo
	Searched []string // directories
	Python   string   // a file of the Python version, if one was found
}

func (e *NotFoundError) Error() string {
	if e.Python != "" {
		return fmt.Sprintf("%s: only the Python version was found, %s: get the binary version, which is read, with 'noiseprobe data fetch %s', or from %s",
			e.Set.Name, e.Python, e.Set.Name, e.Set.Page)
	}
	return fmt.Sprintf("%s: not found in %s: get it with 'noiseprobe data fetch %s', or from %s and set $%s to its directory",
		e.Set.Name, strings.Join(e.Searched, ", "), e.Set.Name, e.Set.Page, EnvDir)
}

// CheckEnv returns an error if $NOISEPROBE_DATA names something that is no directory: data that were meant would be passed over.
func CheckEnv() error {
	dir := os.Getenv(EnvDir)
	if dir == "" {
		return nil
	}
	switch st, err := os.Stat(dir); {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("$%s is %s, which does not exist", EnvDir, dir)
	case err != nil:
		return fmt.Errorf("$%s: %w", EnvDir, err)
	case !st.IsDir():
		return fmt.Errorf("$%s is %s, which is not a directory", EnvDir, dir)
	}
	return nil
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

// pythonIn returns the path of a file of the set's Python version, a pickle, if there is one in a directory.
func (s SetInfo) pythonIn(dir string) string {
	for _, name := range s.python {
		path := filepath.Join(dir, filepath.FromSlash(name))
		file, _, err := filekind.Open(path)
		if err != nil {
			continue
		}
		kind := filekind.At(file)
		file.Close()
		if kind == filekind.Pickle {
			return path
		}
	}
	return ""
}
