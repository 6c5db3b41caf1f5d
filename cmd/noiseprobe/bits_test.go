package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/noiseprobe/noiseprobe/internal/numtest"
	"github.com/noiseprobe/noiseprobe/internal/simd"
)

// TestSameBits: with the built-in kernels a run has the same bits for any number of workers and either width of vectors, in the
// metrics, the weights, and everything that was recorded and drawn from them. The networks have edges in every dimension.
func TestSameBits(t *testing.T) {
	for name, settings := range map[string][]string{
		"dense":  {"-model", "2x[117],[60]", "-steps", "30", "-batch", "75", "-units", "70", "-checkpoints", "0,9,30"},
		"images": {"-model", "2x[11,3,3,1],[17,3,3,1],[9,3,2,2],[21]", "-ghost", "20", "-steps", "3", "-batch", "30", "-units", "4", "-checkpoints", "0,3"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			numtest.NeedFull(t, "the bits of runs with other numbers of workers")
			sameBits(t, settings)
		})
	}
}

func sameBits(t *testing.T, settings []string) {
	best, err := simd.Choose()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	var first map[string][]byte
	runs := []struct {
		kernel  simd.Set
		workers int
	}{{simd.AVX2, 1}, {simd.AVX512, 3}, {simd.AVX2, 2}, {simd.AVX512, 1}}
	if !numtest.Full() && best == simd.AVX512 {
		runs = runs[:2]
	}
	for i, run := range runs {
		if best == simd.Generic || best == simd.AVX2 && run.kernel == simd.AVX512 {
			t.Logf("NOT TESTED: %s on a machine with %s", run.kernel, best)
			continue
		}
		out := fmt.Sprint("run", i)
		p := exec.Command("noiseprobe", append([]string{"run", "-data", "synthetic", "-draws", "2", "-eval", "100", "-resamples", "512", "-blas", "builtin",
			"-workers", fmt.Sprint(run.workers), "-out", out}, settings...)...)
		p.Dir, p.Env = dir, append(os.Environ(), simd.Variable+"="+string(run.kernel))
		if text, err := p.CombinedOutput(); err != nil {
			t.Fatalf("%v: %v: %s", run, err, text)
		}
		files := computed(t, filepath.Join(dir, out))
		if first == nil {
			first = files
		}
		for name, data := range files {
			if string(data) != string(first[name]) {
				t.Errorf("%s, %d workers: %s has other bits", run.kernel, run.workers, name)
			}
		}
		if len(files) < 8 { // metrics, and at each checkpoint weights and gradients, at the last one draws
			t.Fatalf("only %d files to compare", len(files))
		}
	}
}

// computed reads the files of a run that hold nothing but results: the records name the kernel and the workers.
func computed(t *testing.T, dir string) map[string][]byte {
	t.Helper()
	files, err := contents(dir)
	if err != nil {
		t.Fatal(err)
	}
	for name := range files {
		if name != "metrics.csv" && filepath.Ext(name) != ".safetensors" && filepath.Ext(name) != ".csv" {
			delete(files, name)
		}
	}
	return files
}
