package probe_test

import (
	"testing"

	"github.com/noiseprobe/noiseprobe/internal/numtest"
	"github.com/noiseprobe/noiseprobe/internal/seed"
	"github.com/noiseprobe/noiseprobe/probe"
)

func shortened(rows [][]float64, p int) (short [][]float64) {
	for _, row := range rows {
		short = append(short, row[:p])
	}
	return short
}

// numbers are count numbers of rows of a table, the first of which no unit reads if there is a choice.
func numbers(count, rows int) []int64 {
	rng := seed.New(3, "numbers of rows", uint64(count))
	ids := make([]int64, count)
	for k := range ids {
		ids[k] = int64(min(1, rows-1) + rng.IntN(max(1, rows-1)))
	}
	return ids
}

// tableRows writes out the gradients of a table [rows, width] of which every unit reads the rows ids.
func tableRows(n, rows, width int, ids []int64, delta []float32) [][]float64 {
	all := make([][]float64, n)
	positions := len(ids) / n
	for i := range all {
		all[i] = make([]float64, rows*width)
		for k := i * positions; k < (i+1)*positions; k++ {
			for j := range width {
				all[i][int(ids[k])*width+j] += float64(delta[k*width+j])
			}
		}
	}
	return all
}

// The products of the gradients of two checkpoints, of which not every row of the table is read at both.
func TestCrossOfTables(t *testing.T) {
	const n, m, positions, rows, width = 5, 4, 3, 9, 2
	table := func(label string, units int) (*probe.Embedding, [][]float64) {
		ids, delta := numbers(units*positions, rows), narrow(normals(label, units*positions*width))
		return probe.NewEmbedding("e", units, rows, width, ids, delta), tableRows(units, rows, width, ids, delta)
	}
	first, firstRows := table("first", n)
	second, secondRows := table("second", m)
	got := probe.CrossGram(&probe.Gradients{Layers: []probe.Layer{first}}, &probe.Gradients{Layers: []probe.Layer{second}})
	if err := numtest.CloseToLargest(got, crossOf(firstRows, secondRows), 1e-13); err != nil {
		t.Error(err)
	}
}

// A table is not cut into units, and not left out either.
func TestTableInHalvesPanics(t *testing.T) {
	g := &probe.Gradients{Layers: []probe.Layer{probe.NewEmbedding("e", 2, 3, 1, []int64{0, 1}, []float32{1, 2})}}
	panics(t, "halves", func() { g.Halves() })
	panics(t, "spread", func() { g.Spread(1) })
}

// So are the products of layers without a bias.
func TestCrossWithoutBias(t *testing.T) {
	const n, in, out = 4, 3, 2
	layer := func(label string) (*probe.Factored, [][]float64) {
		a, delta := narrow(normals(label+"a", n*in)), narrow(normals(label+"delta", n*out))
		f := probe.NewFactored("l", n, in, out, a, delta)
		f.NoBias = true
		return f, shortened(outerProducts(n, in, out, a, delta), in*out)
	}
	first, firstRows := layer("first")
	second, secondRows := layer("second")
	got := probe.CrossGram(&probe.Gradients{Layers: []probe.Layer{first}}, &probe.Gradients{Layers: []probe.Layer{second}})
	if err := numtest.CloseToLargest(got, crossOf(firstRows, secondRows), 1e-6); err != nil {
		t.Error(err)
	}
}
