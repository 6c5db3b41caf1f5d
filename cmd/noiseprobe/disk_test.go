package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestFullDisk: an error names the file and a way on; what was there stays whole; with more room the run goes on.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("runs three times")
	}
	dir := t.TempDir()
	disk := filepath.Join(dir, "disk")
	if err := os.Mkdir(disk, 0o755); err != nil {
		t.Fatal(err)
	}
	if os.Getenv("CI") == "" {
		t.Skip("mounts a small disk, which is done only where CI is set")
	}
	if text, err := exec.Command("mount", "-t", "tmpfs", "-o", "size=600k", "tmpfs", disk).CombinedOutput(); err != nil {
		t.Skipf("no small disk can be mounted here: %v: %s", err, text)
	}
	t.Cleanup(func() { exec.Command("umount", disk).Run() })
	flags := repeatable("")
	p := start(t, dir, append(flags, "-out", "disk/a")...)
	if got := status(t, p.Cmd); got != statusFailed {
		t.Fatalf("status %d: %s", got, p.stderr.String())
	}
	_, text, _ := strings.Cut(p.stderr.String(), "test images\n") // what comes first says that the images are few
	if !refusal.MatchString(text) || !strings.Contains(text, "noiseprobe: disk/a/") || !strings.Contains(text, ": no space left on device\n") ||
		strings.Contains(text, ".tmp-") || !strings.Contains(text, "hint: noiseprobe run -resume disk/a ") {
		t.Errorf("standard error: %q", text)
	}
	files, err := contents(disk)
	if err != nil {
		t.Fatal(err)
	}
	for name := range files {
		if strings.Contains(name, ".tmp-") {
			t.Errorf("left behind: %s", name)
		}
	}
	if text, err := exec.Command("mount", "-o", "remount,size=20m", disk).CombinedOutput(); err != nil {
		t.Skipf("the small disk cannot be made larger: %v: %s", err, text)
	}
	finish(t, dir, "run", "-resume", "disk/a")
	finish(t, dir, append(flags, "-out", "b")...)
	if difference, err := compareRuns(filepath.Join(disk, "a"), filepath.Join(dir, "b")); difference != "" || err != nil {
		t.Error(difference, err)
	}
}
