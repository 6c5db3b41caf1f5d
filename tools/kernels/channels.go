package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// channelKernels writes the loops of package channels, by its order of operations and without fusing any, so that plain Go
// gives the same bits.
func channelKernels() {
	sums()
	squaredDeviations()
	normaliseReLU()
	deltaSums()
	delta()
	maxPool()
	maxPoolAdjoint()
}

// The predicates of comparisons; none signals.
var (
	less           = Imm(0x11) // a < b, not for NaN
	notLessOrEqual = Imm(0x16) // not a <= b, so for NaN
	unordered      = Imm(0x03) // a or b is NaN
)

// rowBlock is the number of rows that a loop over channels handles at once: what belongs to a channel is loaded once for
// them, sums are stored once for them, and memory is still read in its order.
const rowBlock = 4

// matrixLoop is the operands of a loop over the rows and channels of matrices.
type matrixLoop struct {
	matrices, channels map[string]reg.Register
	i                  reg.GPVirtual
	stride             stride
}

// at is eight elements of a matrix in a row of the block.
func (l matrixLoop) at(matrix string, row int) Mem {
	return l.stride.from(l.matrices[matrix], row)
}

// of is what belongs to eight channels.
func (l matrixLoop) of(vector string) Mem {
	return Mem{Base: l.channels[vector], Index: l.i, Scale: 4}
}

// load copies eight floats to a register.
func load(m Mem) reg.VecVirtual {
	x := YMM()
	VMOVUPS(m, x)
	return x
}

// overRows writes a function over the rows of some matrices, given with commas between them, and over n channels of each row
// together with what belongs to channels. body handles eight channels of some rows.
func overRows(name, matrices, channels, doc string, body func(l matrixLoop, rows int)) {
	TEXT(name+suffix, NOSPLIT, fmt.Sprintf("func(rows, n, stride int, %s, %s)", matrices, channels))
	Doc(name + suffix + " " + doc + ", for n channels, a multiple of 8 and not 0. stride counts bytes.")
	Pragma("noescape")
	rows, n := Load(Param("rows"), GP64()), Load(Param("n"), GP64())
	l := matrixLoop{pointers(matrices), pointers(channels), GP64(), newStride("stride", rowBlock)}
	for _, block := range []int{rowBlock, 1} {
		label := func(s string) string { return fmt.Sprint(s, block) }
		Label(label("block"))
		SUBQ(Imm(uint64(block)), rows)
		JL(LabelRef(label("rest")))
		overChannels(label("next"), n, l.i, moves(l.matrices, matrices, l.stride.once, block), func() { body(l, block) })
		JMP(LabelRef(label("block")))
		Label(label("rest"))
		ADDQ(Imm(uint64(block)), rows)
	}
	VZEROUPPER()
	RET()
}

// move is a pointer to channels that goes on by some strides after the last of them.
type move struct {
	pointer, stride reg.Register
	times           uint8
}

func moves(pointers map[string]reg.Register, parameters string, stride reg.Register, times int) []move {
	var list []move
	for _, name := range names(parameters) {
		list = append(list, move{pointers[name], stride, uint8(times)})
	}
	return list
}

// overChannels writes the innermost loop, with i from 0 to n, and moves the pointers in it and after it.
func overChannels(label string, n, i reg.Register, moves []move, body func()) {
	XORQ(i, i)
	Label(label)
	body()
	for _, m := range moves {
		ADDQ(Imm(4*lanes), m.pointer)
	}
	ADDQ(Imm(lanes), i)
	CMPQ(i, n)
	JL(LabelRef(label))
	NEGQ(i)
	for _, m := range moves {
		LEAQ(Mem{Base: m.pointer, Index: i, Scale: 4}, m.pointer) // where it was
		LEAQ(Mem{Base: m.pointer, Index: m.stride, Scale: m.times}, m.pointer)
	}
}

// pointers loads the parameters in "dst, x *float32".
func pointers(parameters string) map[string]reg.Register {
	p := map[string]reg.Register{}
	for _, name := range names(parameters) {
		p[name] = Load(Param(name), GP64())
	}
	return p
}

func sums() {
	overRows("sums", "x *float32", "dst *float32", "adds the rows of x to dst, one after the other", func(l matrixLoop, rows int) {
		sum := load(l.of("dst"))
		for r := range rows {
			VADDPS(l.at("x", r), sum, sum)
		}
		VMOVUPS(sum, l.of("dst"))
	})
}

func squaredDeviations() {
	doc := "adds the squares of the rows of x less mean to dst, one after the other"
	overRows("squaredDeviations", "x *float32", "dst, mean *float32", doc, func(l matrixLoop, rows int) {
		sum, mean := load(l.of("dst")), load(l.of("mean"))
		for r := range rows {
			d := YMM()
			VSUBPS(l.at("x", r), mean, d) // the other sign has the same square
			VMULPS(d, d, d)
			VADDPS(d, sum, sum)
		}
		VMOVUPS(sum, l.of("dst"))
	})
}

// normaliser is what maps eight channels of x to z = (x - mean) scale + shift.
type normaliser struct{ mean, scale, shift, none reg.VecVirtual }

func newNormaliser(l matrixLoop) normaliser {
	n := normaliser{load(l.of("mean")), load(l.of("scale")), load(l.of("shift")), YMM()}
	VXORPS(n.none, n.none, n.none)
	return n
}

// apply returns x - mean and z.
func (n normaliser) apply(x Mem) (d, z reg.VecVirtual) {
	d, z = load(x), YMM()
	VSUBPS(n.mean, d, d)
	VMULPS(n.scale, d, z)
	VADDPS(n.shift, z, z)
	return d, z
}

// delta returns x - mean and dy where z > 0, else 0.
func (n normaliser) delta(x, dy Mem) (d, dz reg.VecVirtual) {
	d, dz = n.apply(x)
	VCMPPS(less, dz, n.none, dz) // 0 < z
	VANDPS(dy, dz, dz)
	return d, dz
}

func normaliseReLU() {
	doc := "sets dst to max((x - mean) scale + shift, 0)"
	overRows("normaliseReLU", "dst, x *float32", "mean, scale, shift *float32", doc, func(l matrixLoop, rows int) {
		n := newNormaliser(l)
		for r := range rows {
			d, z := n.apply(l.at("x", r))
			VCMPPS(notLessOrEqual, n.none, z, d) // the maximum instruction would leave -0
			VANDPS(d, z, z)
			VMOVUPS(z, l.at("dst", r))
		}
	})
}

func deltaSums() {
	doc := "adds dz to sum and dz (x - mean) to dot, row after row"
	overRows("deltaSums", "x, dy *float32", "sum, dot, mean, scale, shift *float32", doc, func(l matrixLoop, rows int) {
		n := newNormaliser(l)
		sum, dot := load(l.of("sum")), load(l.of("dot"))
		for r := range rows {
			d, dz := n.delta(l.at("x", r), l.at("dy", r))
			VADDPS(dz, sum, sum)
			VMULPS(d, dz, dz)
			VADDPS(dz, dot, dot)
		}
		VMOVUPS(sum, l.of("sum"))
		VMOVUPS(dot, l.of("dot"))
	})
}

func delta() {
	doc := "sets dst to (scale dz - first) - second (x - mean)"
	overRows("delta", "dst, x, dy *float32", "mean, scale, shift, first, second *float32", doc, func(l matrixLoop, rows int) {
		n := newNormaliser(l)
		first, second := load(l.of("first")), load(l.of("second"))
		for r := range rows {
			d, dz := n.delta(l.at("x", r), l.at("dy", r))
			VMULPS(n.scale, dz, dz)
			VSUBPS(first, dz, dz)
			VMULPS(second, d, d)
			VSUBPS(d, dz, dz)
			VMOVUPS(dz, l.at("dst", r))
		}
	})
}

// poolLoop is the operands of a loop over the blocks of 2x2 pixels of two rows of images.
type poolLoop struct {
	images, pooled       map[string]reg.Register
	pixel, row, diagonal reg.GPVirtual
}

// at is eight elements of a pixel of a block, in the order top left, top right, bottom left, bottom right.
func (l poolLoop) at(image string, k int) Mem {
	base := l.images[image]
	return [4]Mem{
		{Base: base},
		{Base: base, Index: l.pixel, Scale: 1},
		{Base: base, Index: l.row, Scale: 1},
		{Base: base, Index: l.diagonal, Scale: 1},
	}[k]
}

// of is eight elements of the pixel that stands for the block.
func (l poolLoop) of(pooled string) Mem {
	return Mem{Base: l.pooled[pooled]}
}

// overBlocks writes a function over the blocks of 2x2 pixels of two rows of images, and the pixels that stand for them. body
// handles eight channels of a block.
func overBlocks(name, images, pooled, doc string, body func(l poolLoop)) {
	TEXT(name+suffix, NOSPLIT, fmt.Sprintf("func(blocks, n, pixel, row int, %s, %s)", images, pooled))
	Doc(name + suffix + " " + doc + ", for n channels, a multiple of 8 and not 0. pixel and row are strides in bytes.")
	Pragma("noescape")
	blocks, n, i := Load(Param("blocks"), GP64()), Load(Param("n"), GP64()), GP64()
	l := poolLoop{pointers(images), pointers(pooled), GP64(), GP64(), GP64()}
	Load(Param("pixel"), l.pixel)
	Load(Param("row"), l.row)
	LEAQ(Mem{Base: l.pixel, Index: l.row, Scale: 1}, l.diagonal)
	Label("block")
	SUBQ(Imm(1), blocks)
	JL(LabelRef("end"))
	all := append(moves(l.images, images, l.pixel, 2), moves(l.pooled, pooled, l.pixel, 1)...)
	overChannels("next", n, i, all, func() { body(l) })
	JMP(LabelRef("block"))
	Label("end")
	VZEROUPPER()
	RET()
}

func maxPool() {
	doc := "sets the pixels of a row of dst to the maxima of blocks of image"
	overBlocks("maxPool", "image *float32", "dst *float32", doc, func(l poolLoop) {
		// If the operands are equal or one is a NaN, a maximum is what comes first here. That serves zeros of both signs.
		row := func(k int) (largest, nan reg.VecVirtual) {
			largest, nan = load(l.at("image", k+1)), YMM()
			VCMPPS(unordered, l.at("image", k), largest, nan)
			VMAXPS(l.at("image", k), largest, largest)
			return largest, nan
		}
		top, nan := row(0)
		bottom, nan2 := row(2)
		VMAXPS(top, bottom, top)
		VORPS(nan2, nan, nan)
		VORPS(nan, top, top) // all bits set are a NaN
		VMOVUPS(top, l.of("dst"))
	})
}

func maxPoolAdjoint() {
	doc := "sets blocks of dst to the pixels of a row of dy where image is largest and to 0 elsewhere"
	overBlocks("maxPoolAdjoint", "dst, image *float32", "dy *float32", doc, func(l poolLoop) {
		// later is where y, which comes later than x, is the one to choose.
		later := func(x, y reg.VecVirtual) reg.VecVirtual {
			larger, nan := YMM(), YMM()
			VCMPPS(less, y, x, larger)
			VCMPPS(unordered, y, y, nan)
			VORPS(nan, larger, larger)
			return larger
		}
		row := func(k int) (right, largest reg.VecVirtual) {
			x, y := load(l.at("image", k)), load(l.at("image", k+1))
			right = later(x, y)
			VBLENDVPS(right, y, x, x)
			return right, x
		}
		spread := func(k int, right, dy reg.VecVirtual) {
			left := YMM()
			VANDNPS(dy, right, left)
			VANDPS(dy, right, right)
			VMOVUPS(left, l.at("dst", k))
			VMOVUPS(right, l.at("dst", k+1))
		}
		topRight, top := row(0)
		bottomRight, bottom := row(2)
		below, above, dy := later(top, bottom), YMM(), load(l.of("dy"))
		VANDNPS(dy, below, above)
		VANDPS(dy, below, below)
		spread(0, topRight, above)
		spread(2, bottomRight, below)
	})
}
