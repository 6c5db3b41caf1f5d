package train

import (
	"sync"

	"github.com/noiseprobe/noiseprobe/internal/gemm"
	"github.com/noiseprobe/noiseprobe/internal/parallel"
	"github.com/noiseprobe/noiseprobe/internal/winograd"
	"github.com/noiseprobe/noiseprobe/probe"
)

// minimalChannels is the number of input channels from which on transforming the images costs less than it saves.
const minimalChannels = 8

// minimalFilter convolves with kernels of 3×3 at stride 1 by Winograd's minimal filtering F(4×4, 3×3): for every tile of 4×4
// outputs the patch of 6×6 inputs and the kernel are transformed, and 36 matrix products over channels replace one product over
// channels and kernel elements, which has four times the multiplications:
//
//	M_p = V_p U_p'          V_p [tiles, in], U_p [out, in], M_p [tiles, out]
//
// Both derivatives are the adjoints of the same steps: dU_p = dM_p' V_p, dV_p = dM_p U_p.
type minimalFilter struct {
	geometry probe.Geometry
	out      int
	kernel   []float32 // U [36, out, in]
	pads     pads
}

func (f *minimalFilter) in() int { return f.geometry.Channels }

// tiles is the number of tiles of an image, down and across.
func (f *minimalFilter) tiles() (down, across int) {
	return (f.geometry.Height + winograd.Tile - 1) / winograd.Tile, (f.geometry.Width + winograd.Tile - 1) / winograd.Tile
}

func (f *minimalFilter) prepare(weight []float32) {
	size := f.out * f.in()
	if f.kernel == nil {
		f.kernel = make([]float32, winograd.Planes*size)
	}
	parallel.For(f.out, 1, func(lo, hi int) {
		elements := make([]float32, 9*f.in())
		for o := lo; o < hi; o++ {
			transposeEach(1, elements, weight[9*o*f.in():], f.in(), 9)
			winograd.Kernel(f.in(), f.kernel[o*f.in():], size, elements, 3*f.in(), f.in())
		}
	})
}

func (f *minimalFilter) forward(m *Model, y, x []float32, rows int) {
	f.eachBlock(rows, func(lo, hi int) {
		v, planes := f.planes(m, 0, hi-lo, f.in()), f.planes(m, 1, hi-lo, f.out)
		f.transformInputs(v, part(x, rows, lo, hi), hi-lo)
		gemm.SgemmBatch(false, true, v.tiles, f.out, f.in(), 1, v.data, f.in(), v.stride, f.kernel, f.in(), f.out*f.in(),
			0, planes.data, f.out, planes.stride, winograd.Planes)
		f.eachTile(hi-lo, part(y, rows, lo, hi), planes, false)
	})
}

func (f *minimalFilter) backward(m *Model, dx, dw, x, dy []float32, rows int) {
	size := f.out * f.in()
	du := m.shared(2, winograd.Planes*size)
	f.eachBlock(rows, func(lo, hi int) {
		v, dm := f.planes(m, 0, hi-lo, f.in()), f.planes(m, 1, hi-lo, f.out)
		f.transformInputs(v, part(x, rows, lo, hi), hi-lo)
		f.eachTile(hi-lo, part(dy, rows, lo, hi), dm, true)
		// The sums over tiles continue from block to block.
		gemm.SgemmBatch(true, false, f.out, f.in(), v.tiles, 1, dm.data, f.out, dm.stride, v.data, f.in(), v.stride,
			float32(min(lo, 1)), du, f.in(), size, winograd.Planes)
		if dx == nil {
			return
		}
		gemm.SgemmBatch(false, false, v.tiles, f.in(), f.out, 1, dm.data, f.out, dm.stride, f.kernel, f.in(), size,
			0, v.data, f.in(), v.stride, winograd.Planes)
		f.scatterInputs(part(dx, rows, lo, hi), v, hi-lo)
	})
	f.transformWeights(dw, du)
}

// blockBytes is about the memory of the transformed inputs of one block of images: inputs and outputs together fit in the L3 cache.
const blockBytes = 4 << 20

// eachBlock calls do for blocks of images lo to hi-1. Their size does not change a bit of the result.
func (f *minimalFilter) eachBlock(rows int, do func(lo, hi int)) {
	for lo, size := 0, f.blockImages(); lo < rows; lo += size {
		do(lo, min(lo+size, rows))
	}
}

func (f *minimalFilter) blockImages() int {
	down, across := f.tiles()
	return max(1, blockBytes/(4*winograd.Planes*max(f.in(), f.out))/(down*across))
}

// part returns the part of x that belongs to images lo to hi-1 of rows.
func part(x []float32, rows, lo, hi int) []float32 {
	size := len(x) / rows
	return x[lo*size : hi*size]
}

// transformWeights writes the derivative with respect to the weights [out, in, 3, 3], given that with respect to the transformed ones.
func (f *minimalFilter) transformWeights(dw, du []float32) {
	size := f.out * f.in()
	parallel.For(f.out, 1, func(lo, hi int) {
		elements := make([]float32, 9*f.in())
		for o := lo; o < hi; o++ {
			winograd.KernelAdjoint(f.in(), elements, 3*f.in(), f.in(), du[o*f.in():], size)
			transposeEach(1, dw[9*o*f.in():], elements, 9, f.in())
		}
	})
}

// planes are the 36 matrices [tiles, channels] of transformed tiles.
type planes struct {
	data   []float32
	tiles  int
	stride int
}

// planes returns planes in memory that all convolutions share. The stride is not a power of two: 36 stores at such a distance would
// compete for the same cache lines.
func (f *minimalFilter) planes(m *Model, k, rows, channels int) planes {
	const page, line = 1024, 16 // in elements
	down, across := f.tiles()
	p := planes{tiles: rows * down * across}
	p.stride = (p.tiles*channels+page-1)/page*page + line
	p.data = m.shared(k, winograd.Planes*p.stride)
	return p
}

// transformInputs writes V. Images are copied into larger ones with a border of zeros, so that all tiles are alike.
func (f *minimalFilter) transformInputs(v planes, x []float32, rows int) {
	c := f.in()
	down, across := f.tiles()
	width := across*winograd.Tile + 2
	f.eachPadded(rows, (down*winograd.Tile+2)*width*c, func(i int, pad []float32) {
		f.copyRows(x[i*len(x)/rows:], pad[(width+1)*c:], width, c, true)
		for ti := range down {
			for tj := range across {
				winograd.Input(c, v.data[((i*down+ti)*across+tj)*c:], v.stride, pad[(ti*width+tj)*winograd.Tile*c:], width*c, c)
			}
		}
	})
}

// scatterInputs writes the derivative with respect to the images: the sum over overlapping patches.
func (f *minimalFilter) scatterInputs(dx []float32, v planes, rows int) {
	c := f.in()
	down, across := f.tiles()
	width := across*winograd.Tile + 2
	f.eachPadded(rows, (down*winograd.Tile+2)*width*c, func(i int, pad []float32) {
		clear(pad)
		for ti := range down {
			for tj := range across {
				winograd.InputAdjointAdd(c, pad[(ti*width+tj)*winograd.Tile*c:], width*c, c, v.data[((i*down+ti)*across+tj)*c:], v.stride)
			}
		}
		f.copyRows(dx[i*len(dx)/rows:], pad[(width+1)*c:], width, c, false)
	})
}

// eachTile transforms the planes to all tiles of the outputs, or with adjoint the tiles to the planes. An image that is not a whole number of
// tiles is copied from a larger one afterwards, or to it before.
func (f *minimalFilter) eachTile(rows int, images []float32, p planes, adjoint bool) {
	down, across := f.tiles()
	c := f.out
	size, width := f.geometry.Height*f.geometry.Width*c, across*winograd.Tile
	all := func(i int, image []float32) {
		for ti := range down {
			for tj := range across {
				tile, planes := image[(ti*width+tj)*winograd.Tile*c:], p.data[((i*down+ti)*across+tj)*c:]
				if adjoint {
					winograd.OutputAdjoint(c, planes, p.stride, tile, width*c, c)
				} else {
					winograd.Output(c, tile, width*c, c, planes, p.stride)
				}
			}
		}
	}
	if down*winograd.Tile == f.geometry.Height && width == f.geometry.Width {
		eachImage(rows, func(i int) { all(i, images[i*size:(i+1)*size]) })
		return
	}
	f.eachPadded(rows, down*winograd.Tile*width*c, func(i int, pad []float32) {
		if adjoint {
			f.copyRows(images[i*size:], pad, width, c, true)
		}
		all(i, pad)
		if !adjoint {
			f.copyRows(images[i*size:], pad, width, c, false)
		}
	})
}

// copyRows copies an image to one whose rows begin width pixels apart, or back.
func (f *minimalFilter) copyRows(image, pad []float32, width, c int, in bool) {
	for i := range f.geometry.Height {
		a, b := image[i*f.geometry.Width*c:][:f.geometry.Width*c], pad[i*width*c:]
		if in {
			copy(b, a)
		} else {
			copy(a, b)
		}
	}
}

// eachPadded calls do for every image, with memory that holds zeros besides what do wrote there for an earlier image.
func (f *minimalFilter) eachPadded(rows, size int, do func(i int, pad []float32)) {
	parallel.For(rows, 1, func(lo, hi int) {
		pad := f.pads.borrow(size)
		defer f.pads.giveBack(pad)
		clear(pad)
		for i := lo; i < hi; i++ {
			do(i, pad)
		}
	})
}

// eachImage calls do for every image, from several goroutines.
func eachImage(rows int, do func(i int)) {
	parallel.For(rows, 1, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			do(i)
		}
	})
}

// pads is memory that goroutines borrow; unlike that of a sync.Pool it survives garbage collections.
type pads struct {
	mu   sync.Mutex
	idle [][]float32
}

func (p *pads) borrow(size int) []float32 {
	p.mu.Lock()
	defer p.mu.Unlock()
	for len(p.idle) > 0 {
		last := p.idle[len(p.idle)-1]
		p.idle = p.idle[:len(p.idle)-1]
		if cap(last) >= size {
			return last[:size]
		}
	}
	return make([]float32, size)
}

func (p *pads) giveBack(pad []float32) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.idle = append(p.idle, pad)
}
