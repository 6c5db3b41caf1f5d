package probe_test

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/noiseprobe/noiseprobe/internal/numtest"
	"github.com/noiseprobe/noiseprobe/internal/safetensors"
	"github.com/noiseprobe/noiseprobe/probe"
)

func recordMeta(n int) probe.Meta {
	meta := probe.Meta{Step: 3, Unit: probe.UnitGhostBatch, UnitSize: 7, Population: 50}
	for i := range n {
		meta.Index = append(meta.Index, 3*i+1)
	}
	return meta
}

// fill records all units from as many goroutines as there are units and layers.
func fill(t testing.TB, r *probe.Record, n int, forms []probe.LayerForm) {
	t.Helper()
	var all sync.WaitGroup
	for l, f := range forms {
		for i := range n {
			all.Go(func() {
				if err := put(r, l, i, f); err != nil {
					t.Error(err)
				}
			})
		}
	}
	for i, v := range normals("losses", n) {
		all.Go(func() { r.Loss(i, v) })
	}
	all.Wait()
}

func put(r *probe.Record, layer, unit int, f probe.LayerForm) error {
	if f.In == 0 {
		return r.Row(layer, unit, narrow(gradientOf(f, unit)))
	}
	a, delta := factorsOf(f, unit)
	return r.Factors(layer, unit, a, delta)
}

func finished(t testing.TB, r *probe.Record) *probe.Gradients {
	t.Helper()
	g, err := r.Finish()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { g.Close() })
	return g
}

// bothRecords records layers of all forms in memory and in a file.
func bothRecords(t *testing.T, n int) (memory, file *probe.Gradients, path string) {
	t.Helper()
	forms := everyForm()
	inMemory := probe.NewRecord(recordMeta(n), n, forms)
	fill(t, inMemory, n, forms)
	path = filepath.Join(t.TempDir(), "gradients.safetensors")
	inFile, err := probe.CreateRecord(path, recordMeta(n), n, forms)
	if err != nil {
		t.Fatal(err)
	}
	fill(t, inFile, n, forms)
	return finished(t, inMemory), finished(t, inFile), path
}

// productError is for sums over tens of positions in float32, relative to the largest number that is compared.
const productError = 1e-6

func TestRecordedFormsAgainstTheirDefinition(t *testing.T) {
	const n = 5
	memory, file, _ := bothRecords(t, n)
	for l, f := range everyForm() {
		p := problem{name: f.Name, rel: productError}
		for i := range n {
			p.rows = append(p.rows, gradientOf(f, i))
		}
		for where, g := range map[string]*probe.Gradients{"memory": memory, "file": file} {
			for _, columns := range []int{0, 1, 7, probe.TileColumns} {
				t.Run(fmt.Sprint(f.Name, " ", where, " ", columns), func(t *testing.T) {
					p.layer = g.Layers[l]
					if s, ok := p.layer.(*probe.Streamed); ok && columns > 0 {
						s.SetBlock(columns)
					}
					p.checkAll(t)
				})
			}
		}
	}
}

// checkAll compares all that a layer gives.
func (p problem) checkAll(t *testing.T) {
	if p.layer.Name() != p.name || p.layer.Units() != len(p.rows) || p.layer.Parameters() != len(p.rows[0]) {
		t.Fatalf("%s: %d units, %d parameters", p.layer.Name(), p.layer.Units(), p.layer.Parameters())
	}
	p.checkGram(t)
	p.checkProjection(t)
	mean, variance, unit := dirty(len(p.rows[0])), dirty(len(p.rows[0])), dirty(len(p.rows[0]))
	p.layer.MeanTo(mean)
	p.check(t, "mean", mean, meanOf(p.rows))
	p.layer.VarianceTo(variance)
	p.checkVariance(t, variance)
	for i, row := range p.rows {
		p.layer.UnitTo(unit, i)
		p.check(t, fmt.Sprint("unit ", i), unit, row)
	}
	g := &probe.Gradients{Layers: []probe.Layer{p.layer}}
	coordinates := g.Reduce(nil).Coordinates
	var want []float64
	for _, row := range p.rows {
		for _, j := range coordinates.Index {
			want = append(want, row[j])
		}
	}
	p.check(t, "coordinates", coordinates.Values, want)
	if g.Err() != nil {
		t.Error(g.Err())
	}
}

// A record gives the same bits from memory and from its file, however the file is opened.
func TestMemoryRecordIsFileRecord(t *testing.T) {
	memory, file, path := bothRecords(t, 6)
	want := memory.Reduce(directions(memory.Parameters()))
	if want.Step != 3 || want.Meta.Unit != probe.UnitGhostBatch || !slices.Equal(want.Index, []int{1, 4, 7, 10, 13, 16}) ||
		!slices.Equal(want.Loss, normals("losses", 6)) {
		t.Errorf("%+v", want.Meta)
	}
	if got := file.Reduce(directions(file.Parameters())); !reflect.DeepEqual(got, want) {
		t.Error("other numbers from the file")
	}
	if got, err := probe.ReadUnits(path, directions); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("other numbers from ReadUnits (%v)", err)
	}
	if got := opened(t, path).Reduce(directions(memory.Parameters())); !reflect.DeepEqual(got, want) {
		t.Error("other numbers from Open")
	}
	probe.SetBlockBytes(t, 1)
	got, err := probe.ReadUnits(path, directions)
	if err != nil {
		t.Fatal(err)
	}
	sameUnits(t, got, want, 1e-12)
}

// The file is a contract: schema, metadata, names, shapes and order.
func TestRecordFileByItsDescription(t *testing.T) {
	const n = 3
	forms := []probe.LayerForm{
		convolution("conv1", 5, 4, 3, 2, [2]int{3, 1}, 2), {Name: "norm1", Parameters: 4},
		{Name: "dense1", Parameters: 4 * 7, In: 6, Out: 4}, {Name: "ghost", Parameters: 2 * 4, In: 3, Out: 2, Positions: 5},
	}
	dir := t.TempDir()
	got, want, again := filepath.Join(dir, "got"), filepath.Join(dir, "want"), filepath.Join(dir, "again")
	r, err := probe.CreateRecord(got, recordMeta(n), n, forms)
	if err != nil {
		t.Fatal(err)
	}
	fill(t, r, n, forms)
	g := finished(t, r)
	var a, delta [4][]float32
	var norm []float32
	for l, f := range forms {
		for i := range n {
			x, y := factorsOf(f, i)
			a[l], delta[l] = append(a[l], x...), append(delta[l], y...)
		}
	}
	for i := range n {
		norm = append(norm, narrow(gradientOf(forms[1], i))...)
	}
	err = safetensors.Write(want, map[string]string{
		"schema": "noiseprobe/gradients/1",
		"about": `{"step":3,"unit":"ghost-batch","unit_size":7,"population":50,"record":"factored",` +
			`"convolutions":{"conv1":{"kernel":[3,1],"stride":2}}}`,
	}, []safetensors.Tensor{
		safetensors.F32("conv1.a", []int{n, 5, 4, 3}, a[0]), safetensors.F32("conv1.delta", []int{n, 3, 2, 2}, delta[0]),
		safetensors.F32("norm1.gradient", []int{n, 4}, norm),
		safetensors.F32("dense1.a", []int{n, 6}, a[2]), safetensors.F32("dense1.delta", []int{n, 4}, delta[2]),
		safetensors.F32("ghost.a", []int{n, 5, 3}, a[3]), safetensors.F32("ghost.delta", []int{n, 5, 2}, delta[3]),
		safetensors.I64("index", []int{n}, []int64{1, 4, 7}), safetensors.F64("loss", []int{n}, normals("losses", n)),
	})
	if err != nil {
		t.Fatal(err)
	}
	// From the file to another one, in every form.
	if err := probe.WriteGradients(again, g); err != nil {
		t.Fatal(err)
	}
	sameFile(t, got, want)
	sameFile(t, again, want)
}

func sameFile(t *testing.T, got, want string) {
	t.Helper()
	x, err := os.ReadFile(got)
	if err != nil {
		t.Fatal(err)
	}
	y, err := os.ReadFile(want)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(x, y) {
		t.Errorf("%s has %d bytes, %s %d, or they differ", got, len(x), want, len(y))
	}
}

// What was not recorded is noticed, and nothing is left in the directory.
func TestIncompleteRecords(t *testing.T) {
	const n = 3
	forms := everyForm()
	for name, skip := range map[string]func(layer, unit int) bool{
		"a unit":   func(layer, unit int) bool { return layer == 2 && unit == 1 },
		"a layer":  func(layer, unit int) bool { return layer == 8 },
		"the loss": func(layer, unit int) bool { return layer == -1 },
	} {
		path := filepath.Join(t.TempDir(), "g.safetensors")
		r, err := probe.CreateRecord(path, recordMeta(n), n, forms)
		if err != nil {
			t.Fatal(err)
		}
		for l, f := range forms {
			for i := range n {
				if skip(l, i) {
					continue
				}
				if err := put(r, l, i, f); err != nil {
					t.Fatal(err)
				}
			}
		}
		for i := range n {
			if !skip(-1, i) {
				r.Loss(i, 1)
			}
		}
		panics(t, name, func() { r.Finish() })
		if left, err := os.ReadDir(filepath.Dir(path)); err != nil || len(left) > 0 {
			t.Errorf("%s: left %v (%v)", name, left, err)
		}
	}
}

func TestAbortedRecord(t *testing.T) {
	path := filepath.Join(t.TempDir(), "g.safetensors")
	forms := everyForm()
	r, err := probe.CreateRecord(path, recordMeta(2), 2, forms)
	if err != nil {
		t.Fatal(err)
	}
	if err := put(r, 0, 0, forms[0]); err != nil {
		t.Fatal(err)
	}
	r.Abort()
	r.Abort()
	if err := put(r, 0, 1, forms[0]); err == nil || !strings.HasPrefix(err.Error(), path+": ") || strings.Contains(err.Error(), ".tmp-") {
		t.Errorf("writing after the end: %v", err)
	}
	if left, err := os.ReadDir(filepath.Dir(path)); err != nil || len(left) > 0 {
		t.Errorf("left %v (%v)", left, err)
	}
	missing := filepath.Join(t.TempDir(), "no", "g.safetensors")
	if _, err := probe.CreateRecord(missing, recordMeta(2), 2, forms); err == nil || !strings.HasPrefix(err.Error(), missing+": ") {
		t.Errorf("no directory: %v", err)
	}
	probe.NewRecord(recordMeta(2), 2, forms).Abort()
}

func TestRecordPanics(t *testing.T) {
	forms := everyForm()
	r := probe.NewRecord(recordMeta(2), 2, forms)
	a, delta := factorsOf(forms[2], 0)
	panics(t, "too long", func() { r.Row(0, 0, make([]float32, 8)) })
	panics(t, "row of factors", func() { r.Row(2, 0, make([]float32, forms[2].Parameters)) })
	panics(t, "factors of rows", func() { r.Factors(0, 0, a, delta) })
	panics(t, "a", func() { r.Factors(2, 0, a[1:], delta) })
	panics(t, "delta", func() { r.Factors(2, 0, a, delta[1:]) })
	panics(t, "unit", func() { r.Row(0, 2, make([]float32, 7)) })
	panics(t, "negative unit", func() { r.Row(0, -1, make([]float32, 7)) })
	panics(t, "indices", func() { probe.NewRecord(recordMeta(3), 2, forms) })
	panics(t, "layers", func() { probe.NewRecord(recordMeta(2), 2, nil) })
	panics(t, "one unit in a file", func() { probe.CreateRecord(filepath.Join(t.TempDir(), "x"), recordMeta(1), 1, forms) })
	for what, change := range map[string]func(*probe.LayerForm){
		"parameters": func(f *probe.LayerForm) { f.Parameters++ },
		"channels":   func(f *probe.LayerForm) { f.In++ },
		"outputs":    func(f *probe.LayerForm) { f.Out = 0 },
		"name":       func(f *probe.LayerForm) { f.Name = "" },
		"rows":       func(f *probe.LayerForm) { *f = probe.LayerForm{Name: "rows"} },
	} {
		f := everyForm()[2]
		change(&f)
		panics(t, what, func() { probe.NewRecord(recordMeta(2), 2, []probe.LayerForm{f}) })
	}
}

// TestRecordKeepsNothing: a record copies what it is given, which may change afterwards.
func TestRecordKeepsNothing(t *testing.T) {
	forms := []probe.LayerForm{everyForm()[2]}
	meta := recordMeta(2)
	r := probe.NewRecord(meta, 2, forms)
	a, delta := factorsOf(forms[0], 0)
	for i := range 2 {
		if err := r.Factors(0, i, a, delta); err != nil {
			t.Fatal(err)
		}
		r.Loss(i, 1)
	}
	a[0], delta[0], meta.Index[0] = 100, 100, 100
	forms[0].Geometry.Height, forms[0].Name = 1, "other"
	g := finished(t, r)
	if err := numtest.CloseToLargest(g.Unit(1), gradientOf(everyForm()[2], 0), productError); err != nil {
		t.Error(err)
	}
	if g.Index[0] != 1 || g.Layers[0].Name() != "conv3" {
		t.Errorf("%v, %s", g.Index, g.Layers[0].Name())
	}
}
