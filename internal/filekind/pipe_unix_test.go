//go:build unix

package filekind

import (
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// Opening a pipe without a writer would wait for ever.
func TestPipesAreNotOpened(t *testing.T) {
	path := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Skip(err)
	}
	if _, _, err := Open(path); err == nil || !strings.Contains(err.Error(), "a named pipe") {
		t.Error(err)
	}
}
