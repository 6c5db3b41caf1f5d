package main

import "fmt"

// neonBytes is the width of a vector register.
const neonBytes = 16

// armPanel is the width of a panel of B: four or two tiles for float64 or float32, a multiple of 8, which transpositions write.
const armPanel = 24

func armGemmKernels(f *armFile) {
	for _, bytes := range []int{4, 8} {
		for vectors := 1; vectors <= 3; vectors++ {
			armTile{f, bytes, vectors}.write()
		}
	}
}

// armTile is a part of C, of 8 rows and some vectors, that is kept in the registers from V0 on; V24 to V27 hold a column of A, and V28 to
// V30 a row of B.
type armTile struct {
	f              *armFile
	bytes, vectors int
}

// sum is the register of a vector of the tile.
func (t armTile) sum(row, vector int) int { return row*t.vectors + vector }

func (t armTile) write() {
	f, lanes := t.f, neonBytes/t.bytes
	name := fmt.Sprintf("%cgemm8x%dNEON", " sd"[t.bytes/4], t.vectors*lanes)
	pointer := fmt.Sprintf("*float%d", 8*t.bytes)
	f.function(name, fmt.Sprintf("adds a strip times a panel to a tile of c, or sets the tile to the product unless load.\n"+
		"// It prefetches k/%d lines that lie apart. apart and ldc count bytes.", unroll),
		parameter{"k", "int"}, parameter{"a", pointer}, parameter{"b", pointer}, parameter{"c", pointer}, parameter{"ldc", "int"},
		parameter{"load", "bool"}, parameter{"ahead", pointer}, parameter{"apart", "int"})
	const k, c, stride, load, ahead, apart = "R0", "R3", "R4", "R5", "R6", "R7"
	f.line("CBZ %s, zero", load)
	t.eachRow(c, stride, func(row int) { t.move("FLDPQ %d(R8), (F%d, F%d)", "FMOVQ %d(R8), F%d", t.sum(row, 0), t.vectors, 0) })
	f.line("JMP sum")
	f.label("zero")
	for v := range 8 * t.vectors {
		f.line("VEOR V%d.B16, V%d.B16, V%d.B16", v, v, v)
	}
	f.label("sum")
	for _, steps := range []int{unroll, 1} {
		f.rounds(k, steps, fmt.Sprintf("steps%d", steps), func() {
			for step := range steps {
				t.step(step)
			}
			if steps == unroll {
				f.line("PRFM (%s), PLDL2KEEP", ahead)
				f.line("ADD %s, %s, %s", apart, ahead, ahead)
			}
			f.line("ADD $%d, R1, R1", steps*stripElements*t.bytes)
			f.line("ADD $%d, R2, R2", steps*armPanel*t.bytes)
		})
	}
	t.eachRow(c, stride, func(row int) {
		t.move("FSTPQ (F%[2]d, F%[3]d), %[1]d(R8)", "FMOVQ F%[2]d, %[1]d(R8)", t.sum(row, 0), t.vectors, 0)
	})
	f.line("RET")
}

// eachRow goes over the rows of the tile in C, with the address of one after the other in R8.
func (t armTile) eachRow(c, stride string, do func(row int)) {
	t.f.line("MOVD %s, R8", c)
	for row := range 8 {
		if row > 0 {
			t.f.line("ADD %s, R8, R8", stride)
		}
		do(row)
	}
}

// move loads or stores registers from first on, two at a time.
func (t armTile) move(pair, one string, first, count, offset int) {
	for ; count >= 2; first, count, offset = first+2, count-2, offset+2*neonBytes {
		t.f.line(pair, offset, first, first+1)
	}
	if count == 1 {
		t.f.line(one, offset, first)
	}
}

// step adds the product of a column of A with a row of the panel, some steps on from where R1 and R2 are.
func (t armTile) step(step int) {
	const a, b = 24, 28
	t.move("FLDPQ %d(R1), (F%d, F%d)", "FMOVQ %d(R1), F%d", a, stripElements*t.bytes/neonBytes, step*stripElements*t.bytes)
	t.move("FLDPQ %d(R2), (F%d, F%d)", "FMOVQ %d(R2), F%d", b, t.vectors, step*armPanel*t.bytes)
	lanes := neonBytes / t.bytes
	for row := range 8 {
		for v := range t.vectors {
			t.f.multiplyAdd(t.bytes, t.sum(row, v), b+v, a+row/lanes, row%lanes)
		}
	}
}

// multiplyAdd adds register n times an element of register m to register d, rounding once.
func (f *armFile) multiplyAdd(bytes, d, n, m, element int) {
	if bytes == 8 {
		f.word(fmlaDouble(d, n, m, element), "fmla v%d.2d, v%d.2d, v%d.d[%d]", d, n, m, element)
	} else {
		f.word(fmlaSingle(d, n, m, element), "fmla v%d.4s, v%d.4s, v%d.s[%d]", d, n, m, element)
	}
}

// The encodings of FMLA by element (Arm Architecture Reference Manual, C7.2).
func fmlaSingle(d, n, m, element int) uint32 {
	return 0x4f801000 | uint32(element&1<<21|m<<16|element>>1<<11|n<<5|d)
}

func fmlaDouble(d, n, m, element int) uint32 {
	return 0x4fc01000 | uint32(m<<16|element<<11|n<<5|d)
}
