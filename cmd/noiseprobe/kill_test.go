package main

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/noiseprobe/noiseprobe/internal/numtest"
)

// TestKilledRunGoesOn kills runs, and their continuations, at moments over the length of an undisturbed run. In the end every
// file has the bytes that it would have had, but for times, and there is no other file.
func TestKilledRunGoesOn(t *testing.T) {
	t.Parallel()
	trials := numtest.Cases(5, 1)
	dir := t.TempDir()
	flags := repeatable("-steps 40 -checkpoints 0,1,10,40")
	began := time.Now()
	finish(t, dir, append(flags, "-out", "undisturbed")...)
	length := time.Since(began)
	moments := rand.New(rand.NewPCG(1, 2))
	for range trials {
		for range 2 {
			p := start(t, dir, continued(dir, flags)...)
			time.Sleep(time.Duration(moments.Float64() * float64(length)))
			p.Process.Kill()
			p.Wait()
		}
		finish(t, dir, continued(dir, flags)...)
		if difference, err := compareRuns(filepath.Join(dir, "undisturbed"), filepath.Join(dir, "killed")); difference != "" || err != nil {
			t.Fatal(difference, err)
		}
		if err := os.RemoveAll(filepath.Join(dir, "killed")); err != nil {
			t.Fatal(err)
		}
	}
}

// continued is the command that goes on with the run "killed", or begins it where it had not made its directory.
func continued(dir string, flags []string) []string {
	if _, err := os.Stat(filepath.Join(dir, "killed")); err == nil {
		return []string{"run", "-resume", "killed"}
	}
	return append(append([]string{}, flags...), "-out", "killed")
}
