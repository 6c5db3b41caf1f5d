package atomicfile

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// aside ends the name of a directory that has stepped aside for the one that takes its place.
const aside = ".old"

// MoveDir gives a temporary directory the name dir, which must be free or that of an empty directory.
func MoveDir(temporary, dir string) error {
	if err := os.Rename(temporary, dir); err != nil {
		return Named(dir, err)
	}
	syncDir(filepath.Dir(dir))
	return nil
}

// ReplaceDir gives a temporary directory the name of dir, which exists, and returns the name that dir has now. Where the system can
// exchange two names, one of them is at the place at any moment; elsewhere a process that is killed between two renames leaves neither,
// and the earlier one is that of [LeftoverDirs] that has [SteppedAside].
func ReplaceDir(temporary, dir string) (string, error) {
	if exchange(temporary, dir) == nil {
		syncDir(filepath.Dir(dir))
		return temporary, nil
	}
	old := temporary + aside
	if err := os.Rename(dir, old); err != nil {
		return "", Named(dir, err)
	}
	if err := MoveDir(temporary, dir); err != nil {
		return "", errors.Join(err, os.Rename(old, dir))
	}
	return old, nil
}

// SteppedAside reports whether a temporary directory is one that stepped aside, and not one that was to take its place.
func SteppedAside(temporary string) bool { return strings.HasSuffix(temporary, aside) }

// LeftoverDirs lists the temporary directories that belong to dir, of processes that go on or were killed.
func LeftoverDirs(dir string) []string { return leftovers(dir, fs.FileMode.IsDir) }
