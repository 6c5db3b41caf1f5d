package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// The packed layout, which package gemm defines too: a strip of A has 8 elements a step of k, a panel of B 192 bytes.
const (
	stripElements = 8
	panelBytes    = 192
)

func gemmKernels() {
	for _, e := range []element{single, double} {
		for vectors := 1; vectors <= 3; vectors++ {
			tile(e, avx512, 8, vectors)
			tile(e, avx2, 4, vectors)
		}
	}
	transpose32()
	transpose64()
	for _, bytes := range []int{panelBytes, stripElements * single.bytes, stripElements * double.bytes} {
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

// tile writes the kernel of a tile of C that is rows high and some vectors wide: the sum over k of the products of a
// column of the strip a with a row of the panel b, each element one chain of fused multiply-adds.
func tile(e element, set instructions, rows, vectors int) {
	name := fmt.Sprintf("%sgemm%dx%d%s", e.letter, rows, vectors*set.bytes/e.bytes, set.name)
	TEXT(name, NOSPLIT,
		fmt.Sprintf("func(k int, a, b, c *float%d, ldc int, load bool)", 8*e.bytes))
	Doc(name + " adds a strip times a panel to a tile of c, or sets the tile to the product unless load. ldc counts bytes.")
	Pragma("noescape")
	k, a, b, c, stride := Load(Param("k"), GP64()), Load(Param("a"), GP64()), Load(Param("b"), GP64()), Load(Param("c"), GP64()), Load(Param("ldc"), GP64())
	load := Load(Param("load"), GP8())
	sums := make([][]reg.VecVirtual, rows)
	for r := range sums {
		for range vectors {
			sums[r] = append(sums[r], set.vector())
		}
	}
	eachRow := func(do func(r, v int, at Mem)) {
		row := GP64()
		MOVQ(c, row)
		for r := range rows {
			for v := range vectors {
				do(r, v, Mem{Base: row, Disp: v * set.bytes})
			}
			if r < rows-1 {
				ADDQ(stride, row)
			}
		}
	}

	TESTB(load, load)
	JZ(LabelRef("zero"))
	eachRow(func(r, v int, at Mem) { VMOVUPS(at, sums[r][v]) })
	JMP(LabelRef("sum"))
	Label("zero")
	eachRow(func(r, v int, at Mem) {
		PREFETCHT0(at) // by the time of the stores it is there
		zero(sums[r][v])
	})
	Label("sum")
	step := func(t int) {
		row := make([]reg.VecVirtual, vectors)
		for v := range row {
			row[v] = set.vector()
			VMOVUPS(Mem{Base: b, Disp: t*panelBytes + v*set.bytes}, row[v])
		}
		for r := range rows {
			x := set.vector()
			e.broadcast(Mem{Base: a, Disp: (t*stripElements + r) * e.bytes}, x)
			for v := range row {
				e.fma(row[v], x, sums[r][v])
			}
		}
	}
	advance := func(steps int) {
		ADDQ(U32(uint32(steps*stripElements*e.bytes)), a)
		ADDQ(U32(uint32(steps*panelBytes)), b)
	}
	const unroll = 4
	Label("four")
	SUBQ(Imm(unroll), k)
	JL(LabelRef("rest"))
	for t := range unroll {
		step(t)
	}
	advance(unroll)
	JMP(LabelRef("four"))
	Label("rest")
	ADDQ(Imm(unroll), k)
	Label("one")
	SUBQ(Imm(1), k)
	JL(LabelRef("store"))
	step(0)
	advance(1)
	JMP(LabelRef("one"))
	Label("store")
	eachRow(func(r, v int, at Mem) { VMOVUPS(sums[r][v], at) })
	VZEROUPPER()
	RET()
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
	n := Load(Param("columns"), GP64()).(reg.GPVirtual)
	src, lds := Load(Param("src"), GP64()).(reg.GPVirtual), Load(Param("lds"), GP64()).(reg.GPVirtual)
	dst, ldd := Load(Param("dst"), GP64()).(reg.GPVirtual), Load(Param("ldd"), GP64()).(reg.GPVirtual)
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

// copyRows writes a kernel that gathers rows of some bytes.
func copyRows(bytes int) {
	name := fmt.Sprintf("copyRows%d", bytes)
	TEXT(name, NOSPLIT, "func(rows int, src *byte, lds int, dst *byte)")
	Doc(fmt.Sprintf("%s copies rows of %d bytes, lds bytes apart, to one after another.", name, bytes))
	Pragma("noescape")
	n, src, lds, dst := Load(Param("rows"), GP64()), Load(Param("src"), GP64()), Load(Param("lds"), GP64()), Load(Param("dst"), GP64())
	Label("next")
	SUBQ(Imm(1), n)
	JL(LabelRef("end"))
	var row []reg.VecVirtual
	for at := 0; at < bytes; at += avx2.bytes {
		x := YMM()
		VMOVUPS(Mem{Base: src, Disp: at}, x)
		row = append(row, x)
	}
	for i, x := range row {
		VMOVUPS(x, Mem{Base: dst, Disp: i * avx2.bytes})
	}
	ADDQ(lds, src)
	ADDQ(U32(uint32(bytes)), dst)
	JMP(LabelRef("next"))
	Label("end")
	VZEROUPPER()
	RET()
}
