package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

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
	body(rowAddress(src, fifth, stride{once: lds, thrice: thrice}), rowAddress(dst, farther, stride{once: ldd, thrice: far}))
	ADDQ(Imm(uint64(columns*bytes)), src)
	LEAQ(Mem{Base: dst, Index: ldd, Scale: uint8(columns)}, dst)
	JMP(LabelRef("next"))
	Label("end")
	VZEROUPPER()
	RET()
}

// rowAddress addresses row r of eight, given the first and the fifth.
func rowAddress(first, fifth reg.GPVirtual, s stride) func(r, disp int) Mem {
	return func(r, disp int) Mem {
		base := first
		if r >= 4 {
			base = fifth
		}
		return s.from(base, r%4).Offset(disp)
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
