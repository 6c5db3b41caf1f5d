package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// The packed layout, which package gemm defines too: a strip of A has 8 elements a step of k, a panel of B panelBytes.
const stripElements = 8

func gemmKernels() {
	for _, e := range []element{single, double} {
		for vectors := 1; vectors <= 3; vectors++ {
			packedTile(e, avx512, 8, vectors)
			packedTile(e, avx2, 4, vectors)
		}
	}
	for vectors := 1; vectors <= 3; vectors++ {
		tilesInPlace(single, avx2, 4, vectors)
	}
	tilesInPlace(single, avx2, 6, 2)
	transpose32()
	transpose64()
	for _, bytes := range []int{32, 64, 96, 192} {
		copyRows(bytes)
	}
}

// element is a floating-point type with its instructions.
type element struct {
	letter    string
	bytes     int
	broadcast func(ops ...Op)
	fma       func(ops ...Op)
}

var (
	single = element{"s", 4, VBROADCASTSS, VFMADD231PS}
	double = element{"d", 8, VBROADCASTSD, VFMADD231PD}
)

// instructions is an instruction set.
type instructions struct {
	name  string
	bytes int // of a vector
	// The first accumulator; the registers before it hold a row of B and elements of A.
	vector func() reg.VecVirtual
}

var (
	avx512 = instructions{"AVX512", 64, ZMM}
	avx2   = instructions{"AVX2", 32, YMM}
)

// panelBytes is the width of a panel: what a tile takes, three vectors. A panel of float64 for AVX2 takes two tiles, since
// one would not have a multiple of 8 elements, which is what transpositions write.
func panelBytes(e element, set instructions) int {
	if e.bytes == 8 {
		return 3 * avx512.bytes
	}
	return 3 * set.bytes
}

// tile is a part of C that is kept in registers: the sum over k of the products of a column of A with a row of a panel of B,
// each element one chain of fused multiply-adds.
type tile struct {
	e    element
	set  instructions
	sums [][]reg.VecVirtual // rows of vectors
}

func newTile(e element, set instructions, rows, vectors int) tile {
	t := tile{e, set, make([][]reg.VecVirtual, rows)}
	for r := range t.sums {
		for range vectors {
			t.sums[r] = append(t.sums[r], set.vector())
		}
	}
	return t
}

// packedTile writes the kernel of a tile whose rows of A are part of a strip. Every few steps it asks for a line of what will be
// packed next.
func packedTile(e element, set instructions, rows, vectors int) {
	name := fmt.Sprintf("%sgemm%dx%d%s", e.letter, rows, vectors*set.bytes/e.bytes, set.name)
	float := fmt.Sprintf("*float%d", 8*e.bytes)
	TEXT(name, NOSPLIT, fmt.Sprintf("func(k int, a, b, c %s, ldc int, load bool, ahead %s, apart int)", float, float))
	Doc(name+" adds a strip times a panel to a tile of c, or sets the tile to the product unless load.",
		fmt.Sprintf("It prefetches k/%d lines that lie apart. apart and ldc count bytes.", unroll))
	Pragma("noescape")
	k, a, b, c, stride, ahead, apart := param("k"), param("a"), param("b"), param("c"), param("ldc"), param("ahead"), param("apart")
	load := Load(Param("load"), GP8())
	t := newTile(e, set, rows, vectors)
	t.begin(load, c, stride)
	t.sum(k, b,
		func(r, step int) Mem { return Mem{Base: a, Disp: (step*stripElements + r) * e.bytes} },
		func(steps int) {
			if steps == unroll {
				PREFETCHT1(Mem{Base: ahead})
				ADDQ(apart, ahead)
			}
			ADDQ(U32(uint32(steps*stripElements*e.bytes)), a)
		})
	t.eachRow(c, stride, func(at Mem, sum reg.VecVirtual) { VMOVUPS(sum, at) })
	VZEROUPPER()
	RET()
}

// tilesInPlace writes the kernel of tiles one below the other whose rows of A are where the caller has them. While it computes
// a tile it asks for the rows of A and C of the next.
func tilesInPlace(e element, set instructions, rows, vectors int) {
	name := fmt.Sprintf("%sgemm%dx%dInPlace%s", e.letter, rows, vectors*set.bytes/e.bytes, set.name)
	float := fmt.Sprintf("*float%d", 8*e.bytes)
	TEXT(name, NOSPLIT, fmt.Sprintf("func(k, tiles int, a %s, lda int, b, c %s, ldc int, load bool)", float, float))
	Doc(fmt.Sprintf("%s adds rows of a, %d to a tile, times a panel to tiles of c, or sets them to the product unless load.", name, rows),
		"lda and ldc count bytes.")
	Pragma("noescape")
	tiles, a, lda, c, stride := param("tiles"), param("a"), param("lda"), param("c"), param("ldc")
	load := Load(Param("load"), GP8())
	thrice, first, fifth, k, b, below := GP64(), GP64(), GP64(), GP64(), GP64(), GP64()
	LEAQ(Mem{Base: lda, Index: lda, Scale: 2}, thrice)
	t := newTile(e, set, rows, vectors)
	at := rowAddress(first, fifth, lda, thrice)

	rounds(tiles, 1, "tile", func() {
		Load(Param("k"), k)
		Load(Param("b"), b)
		MOVQ(a, first)
		LEAQ(Mem{Base: a, Index: lda, Scale: 4}, fifth)
		t.begin(load, c, stride)
		MOVQ(c, below)
		for range rows {
			ADDQ(stride, below)
			ADDQ(lda, a)
		}
		t.eachRow(below, stride, func(at Mem, _ reg.VecVirtual) { PREFETCHT0(at) })
		t.sum(k, b,
			func(r, step int) Mem { return at(r, step*e.bytes) },
			func(steps int) {
				if steps == unroll && rows == 4 { // tiles of 6 rows are for the last columns, when A has been read
					for r := range rows {
						PREFETCHT0(at(rows+r, 0))
					}
				}
				ADDQ(U32(uint32(steps*e.bytes)), first)
				ADDQ(U32(uint32(steps*e.bytes)), fifth)
			})
		t.eachRow(c, stride, func(at Mem, sum reg.VecVirtual) { VMOVUPS(sum, at) })
		MOVQ(below, c)
	})
	VZEROUPPER()
	RET()
}

// begin sets the sums to what is in C, or to 0 unless load.
func (t tile) begin(load, c, stride Op) {
	TESTB(load, load)
	JZ(LabelRef("zero"))
	t.eachRow(c, stride, func(at Mem, sum reg.VecVirtual) { VMOVUPS(at, sum) })
	JMP(LabelRef("sum"))
	Label("zero")
	t.eachRow(c, stride, func(at Mem, sum reg.VecVirtual) {
		PREFETCHT0(at) // by the time of the stores it is there
		zero(sum)
	})
	Label("sum")
}

// eachRow goes over the vectors of the tile, row after row.
func (t tile) eachRow(c, stride Op, do func(at Mem, sum reg.VecVirtual)) {
	row := GP64()
	MOVQ(c, row)
	for r, sums := range t.sums {
		if r > 0 {
			ADDQ(stride, row)
		}
		for v, sum := range sums {
			do(Mem{Base: row, Disp: v * t.set.bytes}, sum)
		}
	}
}

// unroll is the number of steps in a round of the loop over k.
const unroll = 4

// sum goes over k, which it counts down, and along the panel b. a addresses the element of A in a row of the tile, some steps
// on from where it is; advance moves it on.
func (t tile) sum(k Op, b reg.Register, a func(r, step int) Mem, advance func(steps int)) {
	panel := panelBytes(t.e, t.set)
	for _, steps := range []int{unroll, 1} {
		rounds(k, steps, fmt.Sprintf("steps%d", steps), func() {
			for step := range steps {
				t.step(Mem{Base: b, Disp: step * panel}, func(r int) Mem { return a(r, step) })
			}
			advance(steps)
			ADDQ(U32(uint32(steps*panel)), b)
		})
	}
}

// rounds repeats a body that does some of n at a time, which it counts down, and leaves what is less.
func rounds(n Op, some int, label string, body func()) {
	Label(label)
	SUBQ(Imm(uint64(some)), n)
	JL(LabelRef(label + "Done"))
	body()
	JMP(LabelRef(label))
	Label(label + "Done")
	ADDQ(Imm(uint64(some)), n)
}

// param loads a parameter of the function that is being written.
func param(name string) reg.GPVirtual { return Load(Param(name), GP64()).(reg.GPVirtual) }

// step adds the product of the elements a of a column of A with a row of the panel that starts at b.
func (t tile) step(b Mem, a func(r int) Mem) {
	row := make([]reg.VecVirtual, len(t.sums[0]))
	for v := range row {
		row[v] = t.set.vector()
		VMOVUPS(b.Offset(v*t.set.bytes), row[v])
	}
	for r, sums := range t.sums {
		x := t.set.vector()
		t.e.broadcast(a(r), x)
		for v, sum := range sums {
			t.e.fma(row[v], x, sum)
		}
	}
}

func zero(x reg.VecVirtual) {
	if int(x.Size()) == avx512.bytes {
		VPXORD(x, x, x)
	} else {
		VXORPS(x, x, x)
	}
}

// transposer writes the frame of a transposition: eight rows of src become columns of eight, each ldd bytes after the one
// before. body does some columns.
func transposer(name string, columns, bytes int, body func(src, dst func(r, disp int) Mem)) {
	TEXT(name, NOSPLIT, fmt.Sprintf("func(columns int, src *float%d, lds int, dst *float%d, ldd int)", 8*bytes, 8*bytes))
	Doc(fmt.Sprintf("%s writes the columns of eight rows of src, a multiple of %d, as rows of eight. lds and ldd count bytes.", name, columns))
	Pragma("noescape")
	n, src, lds, dst, ldd := param("columns"), param("src"), param("lds"), param("dst"), param("ldd")
	thrice, far, fifth, farther := GP64(), GP64(), GP64(), GP64()
	LEAQ(Mem{Base: lds, Index: lds, Scale: 2}, thrice)
	LEAQ(Mem{Base: ldd, Index: ldd, Scale: 2}, far)
	Label("next")
	SUBQ(Imm(uint64(columns)), n)
	JL(LabelRef("end"))
	LEAQ(Mem{Base: src, Index: lds, Scale: 4}, fifth)
	LEAQ(Mem{Base: dst, Index: ldd, Scale: 4}, farther)
	body(rowAddress(src, fifth, lds, thrice), rowAddress(dst, farther, ldd, far))
	ADDQ(Imm(uint64(columns*bytes)), src)
	LEAQ(Mem{Base: dst, Index: ldd, Scale: uint8(columns)}, dst)
	JMP(LabelRef("next"))
	Label("end")
	VZEROUPPER()
	RET()
}

// rowAddress addresses row r of eight, given the first, the fifth, and one and three times the stride.
func rowAddress(first, fifth, stride, thrice reg.GPVirtual) func(r, disp int) Mem {
	return func(r, disp int) Mem {
		at := Mem{Base: first, Disp: disp}
		if r >= 4 {
			at.Base = fifth
		}
		switch r % 4 {
		case 1, 2:
			at.Index, at.Scale = stride, uint8(r%4)
		case 3:
			at.Index, at.Scale = thrice, 1
		}
		return at
	}
}

// transpose32 transposes 8×8 blocks. Rows r and r+4 share a register, so that nothing crosses its halves.
func transpose32() {
	transposer("transpose32", 8, 4, func(src, dst func(r, disp int) Mem) {
		for half := range 2 {
			var pair [4]reg.VecVirtual
			for r := range pair {
				pair[r] = halves(src(r, 16*half), src(r+4, 16*half))
			}
			lo01, hi01, lo23, hi23 := YMM(), YMM(), YMM(), YMM()
			VUNPCKLPS(pair[1], pair[0], lo01)
			VUNPCKHPS(pair[1], pair[0], hi01)
			VUNPCKLPS(pair[3], pair[2], lo23)
			VUNPCKHPS(pair[3], pair[2], hi23)
			for i, from := range [][2]reg.VecVirtual{{lo01, lo23}, {hi01, hi23}} {
				even, odd := YMM(), YMM()
				VUNPCKLPD(from[1], from[0], even)
				VUNPCKHPD(from[1], from[0], odd)
				VMOVUPS(even, dst(4*half+2*i, 0))
				VMOVUPS(odd, dst(4*half+2*i+1, 0))
			}
		}
	})
}

// transpose64 transposes 8×4 blocks.
func transpose64() {
	transposer("transpose64", 4, 8, func(src, dst func(r, disp int) Mem) {
		for top := 0; top < 8; top += 4 {
			for half := range 2 {
				first := halves(src(top, 16*half), src(top+2, 16*half))
				second := halves(src(top+1, 16*half), src(top+3, 16*half))
				even, odd := YMM(), YMM()
				VUNPCKLPD(second, first, even)
				VUNPCKHPD(second, first, odd)
				VMOVUPS(even, dst(2*half, 8*top))
				VMOVUPS(odd, dst(2*half+1, 8*top))
			}
		}
	})
}

// halves loads 16 bytes into each half of a register.
func halves(low, high Mem) reg.VecVirtual {
	x := YMM()
	VMOVUPS(low, x.AsX())
	VINSERTF128(Imm(1), high, x, x)
	return x
}

// copyRows writes a kernel that cuts rows into pieces of some bytes.
func copyRows(bytes int) {
	name := fmt.Sprintf("copyRows%d", bytes)
	TEXT(name, NOSPLIT, "func(rows, pieces int, src *byte, lds int, dst *byte, ldd, apart int)")
	Doc(fmt.Sprintf("%s copies rows of pieces of %d bytes. In src rows lie lds bytes apart, in dst those of a piece", name, bytes),
		"lie ldd and the pieces apart.")
	Pragma("noescape")
	rows, src, lds, dst, ldd, apart := param("rows"), param("src"), param("lds"), param("dst"), param("ldd"), param("apart")
	pieces, from, ahead, to := GP64(), GP64(), GP64(), GP64()
	rounds(rows, 1, "row", func() {
		Load(Param("pieces"), pieces)
		MOVQ(src, from)
		MOVQ(dst, to)
		MOVQ(lds, ahead)
		SHLQ(Imm(4), ahead) // 16 rows
		ADDQ(src, ahead)
		rounds(pieces, 1, "piece", func() {
			piece := make([]reg.VecVirtual, bytes/avx2.bytes)
			for i := range piece {
				piece[i] = YMM()
				VMOVUPS(Mem{Base: from, Disp: i * avx2.bytes}, piece[i])
			}
			for i, x := range piece {
				VMOVUPS(x, Mem{Base: to, Disp: i * avx2.bytes})
			}
			for line := 0; line < bytes; line += 64 {
				PREFETCHT0(Mem{Base: ahead, Disp: line})
			}
			ADDQ(U32(uint32(bytes)), from)
			ADDQ(U32(uint32(bytes)), ahead)
			ADDQ(apart, to)
		})
		ADDQ(lds, src)
		ADDQ(ldd, dst)
	})
	VZEROUPPER()
	RET()
}
