//go:build unix

package experiment

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestOnlyRegularFilesAreRead: a named pipe would be waited for, a device has no end, and a file of 20 GB that takes no room on the disk
// would fill the memory.
func TestOnlyRegularFilesAreRead(t *testing.T) {
	_, whole := leastOnce.copied(t)
	for _, name := range []string{recordName, metricsName, "report.json"} {
		for want, put := range map[string]func(path string) error{
			"not a regular file but a named pipe": func(path string) error { return syscall.Mkfifo(path, 0o644) },
			"not a regular file but a device":     func(path string) error { return os.Symlink("/dev/zero", path) },
			"is larger than 256 MiB":              func(path string) error { return errors.Join(os.WriteFile(path, nil, 0o644), os.Truncate(path, 20<<30)) },
		} {
			d := copyOf(t, whole)
			path := d.path(name)
			if err := errors.Join(os.Remove(path), put(path)); err != nil {
				t.Fatal(err)
			}
			if _, _, err := Analyse(string(d), Observer{}); err == nil || !strings.HasPrefix(err.Error(), path+": "+want) {
				t.Errorf("%s: analyse: %v, want %q", name, err, want)
			}
			if _, err := Resume(context.Background(), string(d), 1, Observer{}); name != "report.json" && err == nil {
				t.Errorf("%s: resumed with %q", name, want)
			}
		}
	}
	pipe := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(pipe, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, _, err := Run(context.Background(), least(), pipe, true, Observer{}); err == nil || !strings.Contains(err.Error(), "is a named pipe") {
		t.Errorf("%v", err)
	}
}
