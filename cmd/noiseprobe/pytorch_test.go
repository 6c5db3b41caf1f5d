package main

import (
	"archive/zip"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/noiseprobe/noiseprobe/internal/npy"
	"github.com/noiseprobe/noiseprobe/internal/numtest"
	"github.com/noiseprobe/noiseprobe/probe"
)

const (
	pytorchPage = "../../docs/pytorch.md"
	pytorchDir  = "../../testdata/pytorch"
	mlp         = "../../testdata/vectors/grad/data/mlp_784-32-16-10."
	mlpGram     = "../../testdata/vectors/grad/expected/mlp_784-32-16-10.gram.npy"
)

// TestPyTorchCommands runs the commands of docs/pytorch.md on files as its Python would write them.
func TestPyTorchCommands(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for to, from := range map[string]string{
		"factors.safetensors": pytorchDir + "/mlp_784-32-16-10.factors.safetensors", "weights.safetensors": mlp + "params.safetensors",
		"trained.safetensors": mlp + "params.safetensors", "optimizer.safetensors": "../../testdata/vectors/science/data/mlp_784-32-16-10.t20.optimizer.safetensors",
		"X.npy": mlp + "X.npy", "Y.npy": mlp + "y.npy",
	} {
		text, err := os.ReadFile(from)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, to), text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	formGradients(t, dir)
	runPage(t, dir)
}

// formGradients writes gradients.npz with the gradients that factors.safetensors stands for.
func formGradients(t *testing.T, dir string) {
	t.Helper()
	f, err := probe.Open([]string{filepath.Join(dir, "factors.safetensors")}, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var all []float64
	for i := range f.Units() {
		all = append(all, f.Unit(i)...)
	}
	member := filepath.Join(dir, "all.npy")
	if err := npy.Write(member, []int{f.Units(), f.Parameters()}, all); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(member)
	if err != nil {
		t.Fatal(err)
	}
	archive, err := os.Create(filepath.Join(dir, "gradients.npz"))
	if err != nil {
		t.Fatal(err)
	}
	z := zip.NewWriter(archive)
	w, err := z.CreateHeader(&zip.FileHeader{Name: "all.npy", Method: zip.Store})
	if err == nil {
		_, err = w.Write(text)
	}
	if err != nil || z.Close() != nil || archive.Close() != nil {
		t.Fatal("writing gradients.npz: ", err)
	}
}

// runPage runs the commands of the page and compares the Gram matrix that one writes with PyTorch's.
func runPage(t *testing.T, dir string) {
	t.Helper()
	page, err := os.ReadFile(pytorchPage)
	if err != nil {
		t.Fatal(err)
	}
	commands := fencedCommands(string(page))
	if len(commands) != 6 {
		t.Errorf("%d commands: %q", len(commands), commands)
	}
	for _, line := range commands {
		runExample(t, dir, line)
	}
	got, err := npy.Read[float64](filepath.Join(dir, "gram.npy"))
	if err != nil {
		t.Fatal(err)
	}
	want, err := npy.Read[float64](mlpGram)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(got.Shape, want.Shape) {
		t.Fatalf("shape %v, want %v", got.Shape, want.Shape)
	}
	if err := numtest.CloseToLargest(got.Data, want.Data, 1e-6); err != nil {
		t.Error(err)
	}
}

var pythonBlock = regexp.MustCompile("(?s)\n```python\n(.*?)\n```")

// TestPyTorchPage runs the Python of docs/pytorch.md on the reference network and the commands on what it wrote, where PyTorch
// is installed.
func TestPyTorchPage(t *testing.T) {
	numtest.NeedFull(t, "the Python of docs/pytorch.md")
	const python = "/usr/bin/python3"
	if err := exec.Command(python, "-c", "import torch, numpy").Run(); err != nil {
		t.Skipf("%s has no PyTorch: %v", python, err)
	}
	t.Parallel()
	page, err := os.ReadFile(pytorchPage)
	if err != nil {
		t.Fatal(err)
	}
	scripts, err := filepath.Abs(pytorchDir)
	if err != nil {
		t.Fatal(err)
	}
	data, err := filepath.Abs(filepath.Dir(mlp))
	if err != nil {
		t.Fatal(err)
	}
	script := fmt.Sprintf("import sys\nsys.dont_write_bytecode = True\nsys.path.insert(0, %q)\nfrom reference import reference\nmodel, x, y = reference(%q)\n",
		scripts, data)
	for _, block := range pythonBlock.FindAllStringSubmatch(string(page), -1) {
		script += block[1] + "\n"
	}
	p := exec.Command(python, "-")
	p.Stdin, p.Dir = strings.NewReader(script), t.TempDir()
	if text, err := p.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	runPage(t, p.Dir)
}
