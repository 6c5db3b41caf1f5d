package main

import (
	"fmt"
	"strings"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// The sides of the squares that are transformed, which package winograd defines too.
const (
	patchSide  = 6
	tileSide   = 4
	kernelSide = 3
)

// coefficientOrder is the order of the table in package winograd.
const coefficientOrder = "a b aa bb aaa bbb minusSum na0 nb0 na1 nb1 na2 nb2"

// points is a one-dimensional transform. It reads each element of x once, and calls y with one element after the other; its
// operations are those of the line in package winograd, in that order, none of them fused.
type points func(x func(i int) reg.VecVirtual, y func(i int, value reg.VecVirtual))

func winogradKernels() {
	square{"input", patchSide, patchSide, "a b aa bb minusSum", inputPoints, false}.write()
	square{"inputAdjoint", patchSide, patchSide, "a b aa bb minusSum", inputAdjointPoints, true}.write()
	square{"output", patchSide, tileSide, "a b aa bb aaa bbb", outputPoints, false}.write()
	square{"outputAdjoint", tileSide, patchSide, "a b aa bb aaa bbb", outputAdjointPoints, false}.write()
	square{"kernel", kernelSide, patchSide, "na0 nb0 na1 nb1 na2 nb2", kernelPoints, false}.write()
	square{"kernelAdjoint", patchSide, kernelSide, "na0 nb0 na1 nb1 na2 nb2", kernelAdjointPoints, false}.write()
}

func inputPoints(load func(i int) reg.VecVirtual, y func(i int, value reg.VecVirtual)) {
	x := []reg.VecVirtual{load(0), load(1), load(2), load(3), load(4), load(5)}
	y(0, plus(plus(x[0], x[4]), scaled("minusSum", x[2])))
	evenAndOdd(minus(x[4], scaled("bb", x[2])), minus(scaled("a", x[3]), scaled("b", x[1])), 1, y)
	evenAndOdd(minus(x[4], scaled("aa", x[2])), minus(scaled("b", x[3]), scaled("a", x[1])), 3, y)
	y(5, plus(plus(x[1], x[5]), scaled("minusSum", x[3])))
}

func inputAdjointPoints(load func(i int) reg.VecVirtual, y func(i int, value reg.VecVirtual)) {
	x := paired(load)
	y(0, x.zero)
	y(1, minus(x.infinity, plus(scaled("b", x.oddA), scaled("a", x.oddB))))
	y(2, minus(scaled("minusSum", x.zero), plus(scaled("bb", x.evenA), scaled("aa", x.evenB))))
	y(3, plus(scaled("minusSum", x.infinity), plus(scaled("a", x.oddA), scaled("b", x.oddB))))
	y(4, plus(x.zero, plus(x.evenA, x.evenB)))
	y(5, x.infinity)
}

func outputPoints(load func(i int) reg.VecVirtual, y func(i int, value reg.VecVirtual)) {
	x := paired(load)
	y(0, plus(x.zero, plus(x.evenA, x.evenB)))
	y(1, plus(scaled("a", x.oddA), scaled("b", x.oddB)))
	y(2, plus(scaled("aa", x.evenA), scaled("bb", x.evenB)))
	y(3, plus(x.infinity, plus(scaled("aaa", x.oddA), scaled("bbb", x.oddB))))
}

func outputAdjointPoints(load func(i int) reg.VecVirtual, y func(i int, value reg.VecVirtual)) {
	x := []reg.VecVirtual{load(0), load(1), load(2), load(3)}
	y(0, x[0])
	evenAndOdd(plus(x[0], scaled("aa", x[2])), plus(scaled("a", x[1]), scaled("aaa", x[3])), 1, y)
	evenAndOdd(plus(x[0], scaled("bb", x[2])), plus(scaled("b", x[1]), scaled("bbb", x[3])), 3, y)
	y(5, x[3])
}

func kernelPoints(load func(i int) reg.VecVirtual, y func(i int, value reg.VecVirtual)) {
	x := []reg.VecVirtual{load(0), load(1), load(2)}
	y(0, x[0])
	evenAndOdd(plus(scaled("na0", x[0]), scaled("na2", x[2])), scaled("na1", x[1]), 1, y)
	evenAndOdd(plus(scaled("nb0", x[0]), scaled("nb2", x[2])), scaled("nb1", x[1]), 3, y)
	y(5, x[2])
}

func kernelAdjointPoints(load func(i int) reg.VecVirtual, y func(i int, value reg.VecVirtual)) {
	x := paired(load)
	y(0, plus(x.zero, plus(scaled("na0", x.evenA), scaled("nb0", x.evenB))))
	y(1, plus(scaled("na1", x.oddA), scaled("nb1", x.oddB)))
	y(2, plus(x.infinity, plus(scaled("na2", x.evenA), scaled("nb2", x.evenB))))
}

// evenAndOdd gives the values at two opposite points.
func evenAndOdd(even, odd reg.VecVirtual, i int, y func(i int, value reg.VecVirtual)) {
	y(i, plus(even, odd))
	y(i+1, minus(even, odd))
}

// values are those at the points, sums and differences where two are opposite.
type values struct{ zero, evenA, oddA, evenB, oddB, infinity reg.VecVirtual }

func paired(load func(i int) reg.VecVirtual) values {
	var v values
	plusA, minusA := load(1), load(2)
	v.evenA, v.oddA = plus(plusA, minusA), minus(plusA, minusA)
	plusB, minusB := load(3), load(4)
	v.evenB, v.oddB = plus(plusB, minusB), minus(plusB, minusB)
	v.zero, v.infinity = load(0), load(5)
	return v
}

func plus(x, y reg.VecVirtual) reg.VecVirtual {
	sum := YMM()
	VADDPS(y, x, sum)
	return sum
}

func minus(x, y reg.VecVirtual) reg.VecVirtual {
	difference := YMM()
	VSUBPS(y, x, difference)
	return difference
}

func scaled(coefficient string, x reg.VecVirtual) reg.VecVirtual {
	product := YMM()
	VMULPS(constants[coefficient], x, product)
	return product
}

// square is a two-dimensional transform: points for the columns and then for the rows of what that gives.
type square struct {
	name         string
	from, to     int
	coefficients string
	points       points
	add          bool // to what is there
}

// write writes the function, all of its lines one after the other: the processor fetches ahead for an instruction that goes
// through memory in equal steps. Two vectors of each element of what is between the columns and the rows lie on the stack.
func (s square) write() {
	name := s.name + suffix
	TEXT(name, 0, "func(n int, dst *float32, dstRow, dstCol int, src *float32, srcRow, srcCol int, coefficients *float32)")
	Doc(fmt.Sprintf("%s transforms %d×%d vectors to %d×%d, for n channels, a multiple of 8. Rows and columns count bytes.", name, s.from, s.from, s.to, s.to))
	Pragma("noescape")
	broadcast(s.coefficients)
	n, dst, src := Load(Param("n"), GP64()), Load(Param("dst"), GP64()), Load(Param("src"), GP64())
	down, right := newStride("srcRow", s.from), Load(Param("srcCol"), GP64())
	across, below := newStride("dstCol", s.to), Load(Param("dstRow"), GP64())
	half, at := alignedLocal(2*s.to*s.from), GP64()
	between := func(i, j int) Mem { return Mem{Base: half, Disp: 2 * avx2.bytes * (i*s.from + j)} }
	Label("next")
	MOVQ(src, at)
	for j := range s.from {
		oneOrTwo(fmt.Sprint("column", j), n, func(vector int) {
			s.points(
				func(i int) reg.VecVirtual { return load(moved(down.from(at, i), vector)) },
				func(i int, value reg.VecVirtual) { VMOVAPS(value, moved(between(i, j), vector)) })
		})
		if j < s.from-1 {
			ADDQ(right, at)
		}
	}
	MOVQ(dst, at)
	for i := range s.to {
		oneOrTwo(fmt.Sprint("row", i), n, func(vector int) {
			s.points(
				func(j int) reg.VecVirtual { return load(moved(between(i, j), vector)) },
				func(j int, value reg.VecVirtual) { s.store(value, moved(across.from(at, j), vector)) })
		})
		if i < s.to-1 {
			ADDQ(below, at)
		}
	}
	ADDQ(Imm(uint64(2*avx2.bytes)), src)
	ADDQ(Imm(uint64(2*avx2.bytes)), dst)
	SUBQ(Imm(2*lanes), n)
	JG(LabelRef("next"))
	VZEROUPPER()
	RET()
}

// oneOrTwo does a line for two vectors, or for one where no more channels than that remain. Two make up a line of the cache:
// what is some power of two apart may not stay there for long.
func oneOrTwo(line string, channels reg.Register, do func(vector int)) {
	do(0)
	CMPQ(channels, Imm(lanes))
	JLE(LabelRef(line + "Done"))
	do(1)
	Label(line + "Done")
}

// moved is the place some vectors further.
func moved(at Mem, vectors int) Mem {
	at.Disp += vectors * avx2.bytes
	return at
}

func (s square) store(value reg.VecVirtual, at Mem) {
	if s.add {
		sum := YMM()
		VADDPS(at, value, sum)
		value = sum
	}
	VMOVUPS(value, at)
}

// broadcast makes the constants out of the table of coefficients.
func broadcast(names string) {
	table := Load(Param("coefficients"), GP64())
	constants = map[string]reg.VecVirtual{}
	for i, name := range strings.Fields(coefficientOrder) {
		if strings.Contains(" "+names+" ", " "+name+" ") {
			constants[name] = YMM()
			VBROADCASTSS(Mem{Base: table, Disp: single.bytes * i}, constants[name])
		}
	}
}

// alignedLocal returns the address of some vectors on the stack.
func alignedLocal(vectors int) reg.GPVirtual {
	at := GP64()
	LEAQ(AllocLocal((vectors+1)*avx2.bytes), at)
	ADDQ(Imm(uint64(avx2.bytes-1)), at)
	ANDQ(I8(-avx2.bytes), at)
	return at
}

// stride addresses up to six vectors that are as far apart, by what the addressing modes have and these multiples.
type stride struct{ once, thrice, fivefold reg.GPVirtual }

func newStride(param string, count int) stride {
	s := stride{once: Load(Param(param), GP64()).(reg.GPVirtual)}
	if count > 3 {
		s.thrice = GP64()
		LEAQ(Mem{Base: s.once, Index: s.once, Scale: 2}, s.thrice)
	}
	if count > 5 {
		s.fivefold = GP64()
		LEAQ(Mem{Base: s.once, Index: s.once, Scale: 4}, s.fivefold)
	}
	return s
}

func (s stride) from(base reg.Register, i int) Mem {
	at := Mem{Base: base}
	switch i {
	case 1, 2, 4:
		at.Index, at.Scale = s.once, uint8(i)
	case 3:
		at.Index, at.Scale = s.thrice, 1
	case 5:
		at.Index, at.Scale = s.fivefold, 1
	}
	return at
}
