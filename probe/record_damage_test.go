package probe_test

import (
	"errors"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"github.com/noiseprobe/noiseprobe/internal/numtest"
	"github.com/noiseprobe/noiseprobe/internal/safetensors"
	"github.com/noiseprobe/noiseprobe/probe"
)

// readAll reads a file of gradients in every way, and returns the errors.
func readAll(path string) map[string]error {
	_, units := probe.ReadUnits(path, directions)
	f, open := probe.Open([]string{path}, math.Inf(1))
	if open == nil {
		f.Close()
	}
	_, cross := probe.ReadCrossGram(path, path)
	return map[string]error{"ReadUnits": units, "Open": open, "ReadCrossGram": cross}
}

// refused shows that every way to read a file gives one line that begins with its name.
func refused(t *testing.T, what, path, reason string, errs map[string]error) {
	t.Helper()
	for how, err := range errs {
		if err == nil || !strings.HasPrefix(err.Error(), path+": ") || !strings.Contains(err.Error(), reason) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s, %s: %v, want %q", what, how, err, reason)
		}
	}
}

// Every damaged bit of the header and of a few places in the data, and every truncation, is an error that names the file.
func TestDamagedRecords(t *testing.T) {
	_, _, path := bothRecords(t, 2)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for at := 0; at < len(whole); at += 211 {
		damaged := append([]byte(nil), whole...)
		damaged[at] ^= 1 << (at % 8)
		for what, data := range map[string][]byte{"flipped bit": damaged, "truncated": whole[:at]} {
			if err := os.WriteFile(path, data, 0o644); err != nil {
				t.Fatal(err)
			}
			errs := readAll(path)
			delete(errs, "ReadCrossGram") // does not verify checksums
			refused(t, fmt.Sprint(what, " ", at), path, "", errs)
		}
	}
}

// Tensors and metadata that do not belong together, with a checksum that is right.
func TestRecordsThatDoNotFit(t *testing.T) {
	const conv = `"convolutions":{"conv1":{"kernel":[3,3],"stride":2}}`
	index, loss := safetensors.I64("index", []int{2}, []int64{1, 2}), safetensors.F64("loss", []int{2}, []float64{1, 2})
	a, delta := values32("conv1.a", 2, 5, 4, 3), values32("conv1.delta", 2, 3, 2, 7)
	for _, c := range []struct {
		reason, about string
		layers        []safetensors.Tensor
	}{
		{"", conv, []safetensors.Tensor{a, delta}},
		{"", conv, []safetensors.Tensor{a, delta, values32("of a later version", 4)}},
		{`no tensor "conv1.delta"`, conv, []safetensors.Tensor{a}},
		{`no tensor "conv1.a"`, conv, []safetensors.Tensor{delta}},
		{"but the metadata name no kernel", `"convolutions":{}`, []safetensors.Tensor{a, delta}},
		{"conv1.a has shape [2 5 4], want [n, height, width, in]", conv, []safetensors.Tensor{values32("conv1.a", 2, 5, 4), values32("conv1.delta", 2, 5, 7)}},
		{"conv1.delta has shape [2 5 4 7], want an output of 3 by 2", conv, []safetensors.Tensor{a, values32("conv1.delta", 2, 5, 4, 7)}},
		{"conv1.delta has shape [2 3 7], want 4 axes", conv, []safetensors.Tensor{a, values32("conv1.delta", 2, 3, 7)}},
		{"conv1.a has 2 samples, but conv1.delta has 3", conv, []safetensors.Tensor{a, values32("conv1.delta", 3, 3, 2, 7)}},
		{"no axis of length 0", conv, []safetensors.Tensor{values32("conv1.a", 2, 5, 4, 0), delta}},
		{"no axis of length 0", conv, []safetensors.Tensor{a, values32("conv1.delta", 2, 3, 2, 0)}},
		{"kernel [3] with stride 2", `"convolutions":{"conv1":{"kernel":[3],"stride":2}}`, []safetensors.Tensor{a, delta}},
		{"kernel [3 0] with stride 2", `"convolutions":{"conv1":{"kernel":[3,0],"stride":2}}`, []safetensors.Tensor{a, delta}},
		{"kernel [11 3] with stride 2", `"convolutions":{"conv1":{"kernel":[11,3],"stride":2}}`, []safetensors.Tensor{a, delta}},
		{"kernel [3 9] with stride 2 for images of 5 by 4", `"convolutions":{"conv1":{"kernel":[3,9],"stride":2}}`, []safetensors.Tensor{a, delta}},
		{"kernel [3 3] with stride 0", `"convolutions":{"conv1":{"kernel":[3,3]}}`, []safetensors.Tensor{a, delta}},
		{"want an output of 5 by 4", `"convolutions":{"conv1":{"kernel":[3,3],"stride":1}}`, []safetensors.Tensor{a, delta}},
		{"metadata", `"convolutions":{"conv1":3}`, []safetensors.Tensor{a, delta}},
		{"metadata", `"convolutions":{"conv1":{"kernel":[3.5,3],"stride":1}}`, []safetensors.Tensor{a, delta}},
		{"d.delta has shape [2 3 2], want 4 positions", conv, []safetensors.Tensor{values32("d.a", 2, 4, 3), values32("d.delta", 2, 3, 2)}},
		{"d.a has shape [2 1 1 1 1]", conv, []safetensors.Tensor{values32("d.a", 2, 1, 1, 1, 1), values32("d.delta", 2, 1, 1, 1, 1)}},
		{"d.a has shape [2]", conv, []safetensors.Tensor{values32("d.a", 2), values32("d.delta", 2)}},
		{"dtype I64 holds no floating", conv, []safetensors.Tensor{
			safetensors.I64("d.a", []int{2, 1, 1}, []int64{1, 2}), values32("d.delta", 2, 1, 1)}},
		{"no sample axis", conv, []safetensors.Tensor{values32("d.gradient")}},
		{"no parameters", conv, []safetensors.Tensor{values32("d.gradient", 2, 0)}},
		{"2 indices for 3 samples", conv, []safetensors.Tensor{values32("d.gradient", 3, 4)}},
		{"3 samples, but", conv, []safetensors.Tensor{values32("d.gradient", 2, 4), values32("e.gradient", 3, 4)}},
		{"holds no gradients", conv, nil},
	} {
		about := `{"step":1,"unit":"sample","unit_size":1,"population":9,"record":"factored",` + c.about + `}`
		path := written(t, map[string]string{"schema": "noiseprobe/gradients/1", "about": about}, append(c.layers, index, loss)...)
		errs := readAll(path)
		if c.reason != "" {
			refused(t, c.about, path, c.reason, errs)
			continue
		}
		for how, err := range errs {
			if err != nil {
				t.Errorf("%s: %v", how, err)
			}
		}
	}
}

// Old files have rows of float64.
func TestOldRowsAreRead(t *testing.T) {
	x := normals("old", 3*40)
	path := written(t, map[string]string{
		"schema": "noiseprobe/gradients/1", "about": `{"step":1,"unit":"sample","unit_size":1,"population":9,"record":"factored"}`,
	}, safetensors.F64("conv1.gradient", []int{3, 5, 8}, x), safetensors.I64("index", []int{3}, []int64{1, 2, 3}), safetensors.F64("loss", []int{3}, x[:3]))
	got, err := probe.ReadUnits(path, directions)
	if err != nil {
		t.Fatal(err)
	}
	want := &probe.Gradients{Layers: []probe.Layer{probe.NewDense("conv1", 3, 40, x)}}
	want.Meta = probe.Meta{Step: 1, Unit: probe.UnitSample, UnitSize: 1, Population: 9, Index: []int{1, 2, 3}, Loss: x[:3]}
	sameUnits(t, got, want.Reduce(directions(40)), 1e-13)
}

// A file that is cut while it is open: the error says where, names the file once, and no method panics.
func TestRecordCutWhileOpen(t *testing.T) {
	for l, f := range everyForm() {
		_, file, path := bothRecords(t, 3)
		if err := os.Truncate(path, 500); err != nil { // inside the header
			t.Fatal(err)
		}
		layer, ok := file.Layers[l].(*probe.Streamed)
		if !ok {
			continue // in memory
		}
		err := probe.WriteGradients(filepath.Join(t.TempDir(), "copy"), file)
		refused(t, f.Name, path, "layer ", map[string]error{"WriteGradients": err})
		layer.AddGram(make([]float64, 9))
		err = layer.Err()
		refused(t, f.Name, path, "layer "+f.Name, map[string]error{"AddGram": err})
		if err != nil && strings.Count(err.Error(), path) != 1 {
			t.Errorf("%s: %v", f.Name, err)
		}
	}
}

// What is made of a layer in a file names the file as the layer does.
func TestErrorsOfDerivedGradientsNameTheFile(t *testing.T) {
	_, file, path := bothRecords(t, 3)
	if err := os.Truncate(path, 500); err != nil {
		t.Fatal(err)
	}
	scaled, err := file.InMetric(ones(file.Parameters()))
	if err != nil {
		t.Fatal(err)
	}
	some := file.Spread(2)
	scaled.Mean()
	some.Mean()
	_, squares := file.WeightedSquares(ones(file.Parameters()))
	refused(t, "cut", path, "layer ", map[string]error{"InMetric": scaled.Err(), "Spread": some.Err(), "WeightedSquares": squares})
}

func TestRecordedNaNIsNamed(t *testing.T) {
	form := convolution("conv1", 3, 3, 2, 4, [2]int{1, 1}, 1)
	path := filepath.Join(t.TempDir(), "g.safetensors")
	r, err := probe.CreateRecord(path, recordMeta(2), 2, []probe.LayerForm{form})
	if err != nil {
		t.Fatal(err)
	}
	for i := range 2 {
		a, delta := factorsOf(form, i)
		if i == 1 {
			delta[2] = float32(math.NaN())
		}
		if err := r.Factors(0, i, a, delta); err != nil {
			t.Fatal(err)
		}
		r.Loss(i, 1)
	}
	finished(t, r)
	errs := readAll(path)
	delete(errs, "Open") // reads later
	delete(errs, "ReadCrossGram")
	refused(t, "NaN", path, "layer conv1: NaN at row 1, column 4 (counting from 0)", errs)
}

// A value beyond the range of float32 is an error of WriteGradients, and leaves no file.
func TestWriteGradientsRefusesWhatDoesNotFit(t *testing.T) {
	path := filepath.Join(t.TempDir(), "g.safetensors")
	g := &probe.Gradients{Meta: recordMeta(2), Layers: []probe.Layer{probe.NewDense("l", 2, 1, []float64{1, 1e300})}}
	g.Loss = []float64{1, 2}
	refused(t, "1e300", path, "layer l: the gradient of unit 1 has the value 1e+300, beyond the range of float32",
		map[string]error{"WriteGradients": probe.WriteGradients(path, g)})
	if left, err := os.ReadDir(filepath.Dir(path)); err != nil || len(left) > 0 {
		t.Errorf("left %v (%v)", left, err)
	}
}

// Products of two records with layers of all forms, whose numbers of units differ, and with them the sizes of blocks.
func TestCrossGramOfRecords(t *testing.T) {
	x, fileX, pathX := bothRecords(t, 3)
	y, _, pathY := bothRecords(t, 8)
	var want []float64
	for i := range 3 {
		for j := range 8 {
			sum := 0.0
			for _, f := range everyForm() {
				sum += product(gradientOf(f, i), gradientOf(f, j))
			}
			want = append(want, sum)
		}
	}
	for l := range x.Layers {
		if s, ok := x.Layers[l].(*probe.Streamed); ok {
			s.SetBlock(50 + 13*l)
		}
	}
	var dense probe.Gradients
	for _, f := range everyForm() {
		var flat []float64
		for i := range 8 {
			flat = append(flat, gradientOf(f, i)...)
		}
		dense.Layers = append(dense.Layers, probe.NewDense(f.Name, 8, f.Parameters, flat))
	}
	for what, got := range map[string][]float64{
		"memory": probe.CrossGram(x, y), "file and memory": probe.CrossGram(fileX, y), "written out": probe.CrossGram(x, &dense),
	} {
		if err := numtest.CloseToLargest(got, want, productError); err != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
	for _, bytes := range []int{64 << 20, 1} {
		probe.SetBlockBytes(t, bytes)
		got, err := probe.ReadCrossGram(pathX, pathY)
		if err != nil {
			t.Fatal(err)
		}
		if err := numtest.CloseToLargest(got, want, productError); err != nil {
			t.Errorf("files: %v", err)
		}
	}
	// Either file is cut while it is open.
	if err := os.Truncate(pathX, 500); err != nil {
		t.Fatal(err)
	}
	probe.CrossGram(y, fileX)
	refused(t, "cut", pathX, "layer norm", map[string]error{"CrossGram": fileX.Err()})
	if y.Err() != nil {
		t.Errorf("the other one: %v", y.Err())
	}
}

// Rows are not read into memory: 64 units of 100,000 parameters are 26 MB in the file, 51 MB as float64.
func TestRowsStayInTheirFile(t *testing.T) {
	const n, p = 64, 100_000
	path := filepath.Join(t.TempDir(), "g.safetensors")
	r, err := probe.CreateRecord(path, recordMeta(n), n, []probe.LayerForm{{Name: "l", Parameters: p}})
	if err != nil {
		t.Fatal(err)
	}
	row := narrow(normals("row", p))
	for i := range n {
		row[i] += 1
		if err := r.Row(0, i, row); err != nil {
			t.Fatal(err)
		}
		r.Loss(i, 1)
	}
	finished(t, r)
	none := func(int) []probe.Direction { return nil }
	probe.SetBlockBytes(t, 1<<20)
	for what, read := range map[string]func() error{
		"ReadUnits":     func() error { _, err := probe.ReadUnits(path, none); return err },
		"ReadCrossGram": func() error { _, err := probe.ReadCrossGram(path, path); return err },
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		if err := read(); err != nil {
			t.Fatal(err)
		}
		runtime.ReadMemStats(&after)
		// Two or three blocks, and three float64 for every parameter.
		if got := after.TotalAlloc - before.TotalAlloc; got > 10<<20 {
			t.Errorf("%s takes %d bytes", what, got)
		}
	}
}

// TestRecordOnAFullDisk: the error names the file, and nothing is left.
func TestRecordOnAFullDisk(t *testing.T) {
	disk := t.TempDir()
	if os.Getenv("CI") == "" {
		t.Skip("mounts a small disk, which is done only where CI is set")
	}
	if text, err := exec.Command("mount", "-t", "tmpfs", "-o", "size=600k", "tmpfs", disk).CombinedOutput(); err != nil {
		t.Skipf("no small disk can be mounted here: %v: %s", err, text)
	}
	t.Cleanup(func() { exec.Command("umount", disk).Run() })
	path := filepath.Join(disk, "g.safetensors")
	const n, p = 4, 100_000
	r, err := probe.CreateRecord(path, recordMeta(n), n, []probe.LayerForm{{Name: "l", Parameters: p}})
	if err != nil {
		t.Fatal(err)
	}
	row := make([]float32, p)
	for i := 0; i < n && err == nil; i++ {
		err = r.Row(0, i, row)
	}
	if !errors.Is(err, syscall.ENOSPC) || err.Error() != path+": no space left on device" {
		t.Errorf("%v", err)
	}
	r.Abort()
	if left, err := os.ReadDir(disk); err != nil || len(left) > 0 {
		t.Errorf("left %v (%v)", left, err)
	}
}
