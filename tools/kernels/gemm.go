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
		tilesInPlace(4, vectors)
	}
	tilesInPlace(6, 2)
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
	name   string
	bytes  int                   // of a vector
	vector func() reg.VecVirtual // a register that is free
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

// tilesInPlace writes the kernel, for float32 and AVX2, of tiles one below the other whose rows of A are where the caller has them. While it
// computes a tile it asks for the rows of A and C of the next.
func tilesInPlace(rows, vectors int) {
	name := fmt.Sprintf("sgemm%dx%dInPlaceAVX2", rows, vectors*lanes)
	TEXT(name, NOSPLIT, "func(k, tiles int, a *float32, lda int, b, c *float32, ldc int, load bool)")
	Doc(fmt.Sprintf("%s adds rows of a, %d to a tile, times a panel to tiles of c, or sets them to the product unless load.", name, rows),
		"lda and ldc count bytes.")
	Pragma("noescape")
	tiles, a, lda, c, ldc := param("tiles"), param("a"), param("lda"), param("c"), param("ldc")
	load := Load(Param("load"), GP8())
	thrice, first, fifth, k, b, below := GP64(), GP64(), GP64(), GP64(), GP64(), GP64()
	LEAQ(Mem{Base: lda, Index: lda, Scale: 2}, thrice)
	t := newTile(single, avx2, rows, vectors)
	at := rowAddress(first, fifth, stride{once: lda, thrice: thrice})

	rounds(tiles, 1, "tile", func() {
		Load(Param("k"), k)
		Load(Param("b"), b)
		MOVQ(a, first)
		LEAQ(Mem{Base: a, Index: lda, Scale: 4}, fifth)
		t.begin(load, c, ldc)
		MOVQ(c, below)
		for range rows {
			ADDQ(ldc, below)
			ADDQ(lda, a)
		}
		t.eachRow(below, ldc, func(at Mem, _ reg.VecVirtual) { PREFETCHT0(at) })
		t.sum(k, b,
			func(r, step int) Mem { return at(r, step*single.bytes) },
			func(steps int) {
				if steps == unroll && rows == 4 { // tiles of 6 rows are for the last columns, when A has been read
					for r := range rows {
						PREFETCHT0(at(rows+r, 0))
					}
				}
				ADDQ(U32(uint32(steps*single.bytes)), first)
				ADDQ(U32(uint32(steps*single.bytes)), fifth)
			})
		t.eachRow(c, ldc, func(at Mem, sum reg.VecVirtual) { VMOVUPS(sum, at) })
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
