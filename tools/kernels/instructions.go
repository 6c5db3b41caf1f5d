package main

import "fmt"

// code is an instruction of NEON, with the letters after the names of its registers, and its encoding without their numbers (Arm Architecture
// Reference Manual, C7.2).
type code struct {
	name, lanes string
	bits        uint32
}

// threeOperands are the instructions of AVX2 that are one of NEON for each register of a pair: of what comes second, and what comes first.
var threeOperands = map[string]code{
	"VADDPS": {"fadd", "4s", 0x4e20d400}, "VSUBPS": {"fsub", "4s", 0x4ea0d400}, "VMULPS": {"fmul", "4s", 0x6e20dc00}, "VDIVPS": {"fdiv", "4s", 0x6e20fc00},
	"VADDPD": {"fadd", "2d", 0x4e60d400}, "VSUBPD": {"fsub", "2d", 0x4ee0d400}, "VMULPD": {"fmul", "2d", 0x6e60dc00}, "VFMADD231PD": {"fmla", "2d", 0x4e60cc00},
	"VANDPS": bitwiseAnd, "VORPS": {"orr", "16b", 0x4ea01c00}, "VXORPS": {"eor", "16b", 0x6e201c00},
	"VUNPCKLPS": {"zip1", "4s", 0x4e803800}, "VUNPCKHPS": {"zip2", "4s", 0x4e807800},
	"VUNPCKLPD": {"zip1", "2d", 0x4ec03800}, "VUNPCKHPD": {"zip2", "2d", 0x4ec07800},
}

var (
	squareRoot     = code{"fsqrt", "4s", 0x6ea1f800}
	greater        = code{"fcmgt", "4s", 0x6ea0e400}
	greaterOrEqual = code{"fcmge", "4s", 0x6e20e400}
	equal          = code{"fcmeq", "4s", 0x4e20e400}
	bitwiseAnd     = code{"and", "16b", 0x4e201c00}
	bitwiseNot     = code{"mvn", "16b", 0x6e205800}
	// The destination is the mask, and becomes the second operand where it is set and the third elsewhere; or the third is the mask, and the
	// destination becomes the second where it is set, or where it is not.
	selectByMask    = code{"bsl", "16b", 0x6e601c00}
	insertIfMask    = code{"bit", "16b", 0x6ea01c00}
	insertIfNotMask = code{"bif", "16b", 0x6ee01c00}
)

// each writes an instruction for both registers of pairs, the destination first.
func (t *translation) each(c code, pairs ...int) {
	for half := range 2 {
		bits, text := c.bits, c.name
		for i, p := range pairs {
			bits |= uint32(p+half) << []int{0, 5, 16}[i]
			text += fmt.Sprintf("%s v%d.%s", []string{"", ",", ","}[i], p+half, c.lanes)
		}
		t.word(bits, "%s", text)
	}
}

// branches are the jumps, all but the first after a comparison of signed numbers.
var branches = map[string]string{"JMP": "JMP", "JL": "BLT", "JLE": "BLE", "JG": "BGT", "JGE": "BGE"}

// instruction translates one; its operands are in the order of Go, the destination last.
func (t *translation) instruction(op string, operands []string) {
	if c, ok := threeOperands[op]; ok {
		t.each(c, number(operands[2]), number(operands[1]), t.pair(operands[0]))
		return
	}
	if branch, ok := branches[op]; ok {
		t.line("%s %s", branch, operands[0])
		return
	}
	switch op {
	case "RET":
		t.line("RET")
	case "VZEROUPPER":
	case "PREFETCHT0":
		register, offset := t.place(operands[0])
		t.line("PRFM %d(%s), PLDL1KEEP", offset, register)
	case "CMPQ":
		t.line("CMP %s, %s", general(operands[1]), general(operands[0]))
	case "ADDQ", "SUBQ", "XORQ", "ANDQ", "NEGQ", "SHLQ", "MOVQ", "LEAQ":
		t.integer(op, operands)
		t.forget(general(operands[len(operands)-1]))
	default:
		t.vector(op, operands)
	}
}

func (t *translation) integer(op string, operands []string) {
	from, to := general(operands[0]), general(operands[len(operands)-1])
	switch op {
	case "ADDQ", "SUBQ", "XORQ", "ANDQ", "SHLQ":
		name := map[string]string{"ADDQ": "ADD", "SUBQ": "SUBS", "XORQ": "EOR", "ANDQ": "AND", "SHLQ": "LSL"}[op]
		t.line("%s %s, %s, %s", name, from, to, to)
	case "NEGQ":
		t.line("NEG %s, %s", to, to)
	case "MOVQ":
		t.line("MOVD %s, %s", from, to)
	case "LEAQ":
		if from == "(SP)" {
			t.line("MOVD $locals-%s(SP), %s", t.frame, to)
			return
		}
		a, _ := parseAddress(operands[0])
		t.add(a, to)
	}
}

func (t *translation) vector(op string, operands []string) {
	last := operands[len(operands)-1]
	switch op {
	case "VMOVUPS", "VMOVAPS", "VMOVUPD":
		t.move(operands[0], last)
	case "MOVSS":
		t.line("FMOVS %s, F%d", operands[0], number(last))
	case "VMOVQ":
		t.line("FMOVD %s, F%d", general(operands[0]), number(last))
	case "VBROADCASTSS":
		t.broadcast(operands[0], number(last), "S[0]", "S4")
	case "VBROADCASTSD":
		t.broadcast(operands[0], number(last), "D[0]", "D2")
	case "VINSERTF128":
		t.half(operands[1], number(last)+1)
	case "VCVTPS2PD":
		t.half(operands[0], spareOperand)
		t.word(0x0e617800|uint32(spareOperand<<5|number(last)), "fcvtl v%d.2d, v%d.2s", number(last), spareOperand)
		t.word(0x4e617800|uint32(spareOperand<<5|number(last)+1), "fcvtl2 v%d.2d, v%d.4s", number(last)+1, spareOperand)
	case "VCVTPD2PSY":
		from, to := number(operands[0]), number(last)
		t.word(0x0e616800|uint32(from<<5|to), "fcvtn v%d.2s, v%d.2d", to, from)
		t.word(0x4e616800|uint32((from+1)<<5|to), "fcvtn2 v%d.4s, v%d.2d", to, from+1)
	case "VANDNPS": // what comes first, without what comes second
		t.each(code{"bic", "16b", 0x4e601c00}, number(last), t.pair(operands[0]), number(operands[1]))
	case "VSQRTPS":
		t.each(squareRoot, number(last), t.pair(operands[0]))
	case "VMAXPS":
		t.maximum(t.pair(operands[0]), number(operands[1]), number(last))
	case "VCMPPS":
		t.compare(operands[0], t.pair(operands[1]), number(operands[2]), number(last))
	case "VBLENDVPS":
		t.blend(number(operands[0]), number(operands[1]), number(operands[2]), number(last))
	default:
		panic("no translation of " + op)
	}
}

// move loads or stores a pair or its first half.
func (t *translation) move(from, to string) {
	switch _, load := parseAddress(from); {
	case to[0] == 'X':
		t.half(from, number(to))
	case from[0] == 'X':
		register, offset := t.place(to)
		t.line("FMOVQ F%d, %d(%s)", number(from), offset, register)
	case load:
		register, offset := t.place(from)
		t.line("FLDPQ %d(%s), (F%d, F%d)", offset, register, number(to), number(to)+1)
	default:
		register, offset := t.place(to)
		t.line("FSTPQ (F%d, F%d), %d(%s)", number(from), number(from)+1, offset, register)
	}
}

// half loads a register.
func (t *translation) half(from string, to int) {
	register, offset := t.place(from)
	t.line("FMOVQ %d(%s), F%d", offset, register, to)
}

// broadcast sets all elements of a pair to the first one of another, or to one in memory.
func (t *translation) broadcast(from string, to int, first, all string) {
	source := to
	if _, ok := parseAddress(from); ok {
		register, offset := t.place(from)
		t.line("FMOVS %d(%s), F%d", offset, register, to)
	} else {
		source = number(from)
	}
	t.line("VDUP V%d.%s, V%d.%s", source, first, to+1, all)
	t.line("VDUP V%d.%s, V%d.%s", source, first, to, all)
}

// maximum is what AVX2 has for one: y if it is greater than x, else x, and so x if either is a NaN or both are zeros.
func (t *translation) maximum(x, y, to int) {
	mask := to
	if to == x || to == y {
		mask = spareMask
	}
	t.each(greater, mask, y, x)
	t.blend(mask, y, x, to)
}

// blend is yes where the mask is set, and no elsewhere.
func (t *translation) blend(mask, yes, no, to int) {
	switch to {
	case mask:
		t.each(selectByMask, to, yes, no)
	case no:
		t.each(insertIfMask, to, yes, mask)
	case yes:
		t.each(insertIfNotMask, to, no, mask)
	default:
		panic("no translation of a blend to a fourth register")
	}
}

// compare has the predicates of the kernels, for y and x.
func (t *translation) compare(predicate string, x, y, to int) {
	switch predicate {
	case less.Asm():
		t.each(greater, to, x, y)
	case notLessOrEqual.Asm():
		t.each(greaterOrEqual, to, x, y)
		t.each(bitwiseNot, to, to)
	case unordered.Asm():
		t.each(equal, spareMask, x, x)
		t.each(equal, to, y, y)
		t.each(bitwiseAnd, to, to, spareMask)
		t.each(bitwiseNot, to, to)
	default:
		panic("no translation of a comparison by " + predicate)
	}
}
