package probe

import (
	"fmt"
	"strings"

	"github.com/noiseprobe/noiseprobe/internal/gemm"
	"github.com/noiseprobe/noiseprobe/internal/parallel"
	"github.com/noiseprobe/noiseprobe/internal/safetensors"
	"github.com/noiseprobe/noiseprobe/internal/vector"
)

// CrossGram returns the products of all gradients of a with all of b, of the same parameters at other weights or of other
// units: a matrix of a's units times b's, not centred,
//
//	g_i(a) . g_j(b)
//
// For factored layers it needs no gradient: (a_i . a'_j + 1)(delta_i . delta'_j). It panics if the layers differ in number or size.
func CrossGram(a, b *Gradients) []float64 {
	if len(a.Layers) != len(b.Layers) {
		panic("probe: gradients of different layers")
	}
	dst := make([]float64, a.Units()*b.Units())
	for i, l := range a.Layers {
		addCross(dst, l, b.Layers[i])
	}
	return dst
}

// addCross adds one layer's share.
func addCross(dst []float64, a, b Layer) {
	if a.Parameters() != b.Parameters() {
		panic("probe: layers of different size")
	}
	if x, ok := a.(*Factored); ok {
		if y, ok := b.(*Factored); ok && x.In == y.In {
			x.addCross(dst, y)
			return
		}
	}
	if x, ok := a.(*Dense); ok {
		if y, ok := b.(*Dense); ok {
			gemm.Dgemm(false, true, x.N, y.N, x.P, 1, x.G, x.P, y.G, y.P, 1, dst, y.N)
			return
		}
	}
	addCrossOfUnits(dst, a, b)
}

func (f *Factored) addCross(dst []float64, o *Factored) {
	n := o.N
	aa, dd := make([]float32, gramBand*n), make([]float32, gramBand*n)
	bands(f.N, func(lo, hi int) {
		gemm.Sgemm(false, true, hi-lo, n, f.In, 1, f.A[lo*f.In:], f.In, o.A, f.In, 0, aa, n)
		gemm.Sgemm(false, true, hi-lo, n, f.Out, 1, f.Delta[lo*f.Out:], f.Out, o.Delta, f.Out, 0, dd, n)
		parallel.For(hi-lo, 8, func(first, end int) {
			for r := first; r < end; r++ {
				vector.AddProducts(dst[(lo+r)*n:][:n], aa[r*n:], dd[r*n:])
			}
		})
	})
}

// crossUnits is the number of gradients that are written out at a time on either side.
const crossUnits = 16

// addCrossOfUnits serves layers of any kind.
func addCrossOfUnits(dst []float64, a, b Layer) {
	p, n := a.Parameters(), b.Units()
	left, right := make([]float64, crossUnits*p), make([]float64, crossUnits*p)
	for i := 0; i < a.Units(); i += crossUnits {
		rows := min(crossUnits, a.Units()-i)
		for r := range rows {
			a.UnitTo(left[r*p:(r+1)*p], i+r)
		}
		for j := 0; j < n; j += crossUnits {
			columns := min(crossUnits, n-j)
			for c := range columns {
				b.UnitTo(right[c*p:(c+1)*p], j+c)
			}
			gemm.Dgemm(false, true, rows, columns, p, 1, left, p, right, p, 1, dst[i*n+j:], n)
		}
	}
}

// ReadCrossGram is [CrossGram] for the gradients in two files, of which one layer each is in memory at a time. It is nil where a
// file holds second moments only. Checksums are not checked: [ReadUnits] does.
func ReadCrossGram(pathA, pathB string) ([]float64, error) {
	a, err := openLayers(pathA)
	if err != nil {
		return nil, err
	}
	defer a.Close()
	b, err := openLayers(pathB)
	if err != nil {
		return nil, err
	}
	defer b.Close()
	if a.n == 0 || b.n == 0 {
		return nil, nil
	}
	dst := make([]float64, a.n*b.n)
	for _, array := range a.Names() {
		x, err := a.layer(array)
		if x == nil || err != nil {
			if err != nil {
				return nil, err
			}
			continue
		}
		y, err := b.layer(array)
		if err != nil {
			return nil, err
		}
		if x.Parameters() != y.Parameters() {
			return nil, fmt.Errorf("%s: layer %s has %d parameters, %d in %s", pathB, x.Name(), y.Parameters(), x.Parameters(), pathA)
		}
		addCross(dst, x, y)
	}
	return dst, nil
}

// layerFile is an open file of the gradients of n units, 0 where it holds none.
type layerFile struct {
	*safetensors.File
	path string
	n    int
}

func openLayers(path string) (layerFile, error) {
	l := layerFile{path: path}
	var err error
	if l.File, err = safetensors.Open(path); err != nil {
		return l, err
	}
	var about header
	if err := readAbout(l.File, path, &about); err != nil {
		l.Close()
		return l, err
	}
	if about.Record == "gram" {
		return l, nil
	}
	index, err := l.Int64s("index")
	if err != nil {
		l.Close()
		return l, err
	}
	l.n = len(index)
	return l, nil
}

// layer reads the layer that an array belongs to; nil for arrays that no layer begins with.
func (l layerFile) layer(array string) (Layer, error) {
	if name, ok := strings.CutSuffix(array, ".a"); ok {
		return readFactored(l.File, l.path, name, l.n)
	}
	if name, ok := strings.CutSuffix(array, ".gradient"); ok {
		return readDense(l.File, l.path, name, l.n)
	}
	return nil, nil
}
