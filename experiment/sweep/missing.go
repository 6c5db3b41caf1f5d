package sweep

import (
	"os"
	"path/filepath"
)

// Missing lists the directories of the runs that a sweep in dir, or in a folder of dir, has according to its sweep.json and that are not
// there, or empty: they were not begun, or were removed.
func Missing(dir string) (missing []string, err error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	sweeps := []string{dir}
	for _, e := range entries {
		sweeps = append(sweeps, filepath.Join(dir, e.Name()))
	}
	for _, s := range sweeps {
		if _, err := os.Stat(directory(s).recordPath()); err != nil {
			continue // is no sweep
		}
		r, err := directory(s).read()
		if err != nil {
			return missing, err
		}
		for _, run := range r.Runs {
			path := string(directory(s).run(run.Name))
			if left, _ := os.ReadDir(path); len(left) == 0 {
				missing = append(missing, path)
			}
		}
	}
	return missing, nil
}
