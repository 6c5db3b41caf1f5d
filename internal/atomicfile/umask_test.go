//go:build unix

package atomicfile

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// TestModesFollowTheUmask: as those of files and directories that a shell makes.
func TestModesFollowTheUmask(t *testing.T) {
	for umask, want := range map[int][2]os.FileMode{0o077: {0o600, 0o700}, 0o002: {0o664, 0o775}} {
		before := syscall.Umask(umask)
		path := filepath.Join(t.TempDir(), "x")
		written := WriteBytes(path, nil)
		dir, made := TemporaryDir(path)
		syscall.Umask(before)
		if written != nil || made != nil {
			t.Fatal(written, made)
		}
		for i, name := range []string{path, dir} {
			if info, err := os.Stat(name); err != nil || info.Mode().Perm() != want[i] {
				t.Errorf("umask %03o: %s is %v, want %v (%v)", umask, name, info.Mode(), want[i], err)
			}
		}
	}
}
