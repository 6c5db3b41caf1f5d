package live

import (
	"os"
	"path/filepath"
	"strings"

	"github.com/noiseprobe/noiseprobe/internal/atomicfile"
)

// Place is a directory with a run or a sweep in it.
type Place struct {
	// Name is its path below the directory that was searched, with slashes; "." is that directory itself.
	Name  string
	Dir   string
	Sweep bool
}

// deepest is how far below a directory is searched, and mostPlaces how many are found.
const (
	deepest    = 4
	mostPlaces = 10_000
)

// Find lists the runs and sweeps below a directory in the order of their names. Links to directories are not followed.
func Find(root string) []Place {
	var places []Place
	find(root, ".", 0, &places)
	return places
}

func find(root, name string, depth int, places *[]Place) {
	dir := filepath.Join(root, filepath.FromSlash(name))
	if len(*places) >= mostPlaces {
		return
	}
	if there(filepath.Join(dir, "run.json")) {
		*places = append(*places, Place{Name: name, Dir: dir})
		return
	}
	if there(filepath.Join(dir, "sweep.json")) {
		*places = append(*places, Place{Name: name, Dir: dir, Sweep: true})
	}
	entries, err := os.ReadDir(dir)
	if err != nil || depth == deepest {
		return
	}
	for _, e := range entries {
		if e.IsDir() && !strings.HasPrefix(e.Name(), ".") {
			find(root, strings.TrimPrefix(name+"/"+e.Name(), "./"), depth+1, places)
		}
	}
}

// there reports whether a regular file, and no link to one, has a name.
func there(path string) bool {
	taken, err := atomicfile.Taken(path)
	return taken && err == nil
}
