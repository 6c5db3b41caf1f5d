package main

import (
	"flag"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// translation writes for NEON what avo wrote for AVX2, which lies beside the output, instruction by instruction: a kernel is described once,
// and the bits are the same. A vector of 32 bytes is a pair of registers: Y0 is V0 and V1, and X0 is V0. Kernels leave Y14 and Y15 free, whose
// pairs are spare here.
type translation struct {
	*armFile
	frame     string
	addresses map[address]string // what registers hold since the last label
	written   int                // the number of those registers that were used so far
}

// The spare pairs.
const (
	spareOperand = 30
	spareMask    = 28
)

func translateAll(f *armFile) { translate(f, "") }

// translate writes the functions whose names have one of the prefixes.
func translate(f *armFile, prefixes ...string) {
	read := func(output string) string {
		text, err := os.ReadFile(strings.Replace(flag.Lookup(output).Value.String(), "_arm64", "_amd64", 1))
		if err != nil {
			panic(err)
		}
		return strings.ReplaceAll(string(text), "AVX2", "NEON")
	}
	wanted := func(name string) bool {
		return slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(name, p) })
	}
	for _, function := range strings.Split(read("out"), "\n// func ")[1:] {
		if wanted(function) {
			t := translation{armFile: f, addresses: map[address]string{}}
			t.write(function)
		}
	}
	for _, declaration := range strings.Split(read("stubs"), "\n\n// ")[1:] {
		if wanted(declaration) {
			f.stubs.WriteString("\n// " + strings.TrimRight(declaration, "\n") + "\n")
		}
	}
}

// write writes a function, whose text begins with its signature.
func (t *translation) write(text string) {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	fmt.Fprintf(&t.assembly, "\n// func %s\n", lines[0])
	for _, line := range lines[1:] {
		code, isCode := strings.CutPrefix(line, "\t")
		label, isLabel := strings.CutSuffix(line, ":")
		switch {
		case isCode:
			op, operands, _ := strings.Cut(code, " ")
			t.instruction(op, strings.Split(strings.TrimSpace(operands), ", "))
		case isLabel:
			t.label(label)
			clear(t.addresses)
		case strings.HasPrefix(line, "TEXT"):
			t.frame, _, _ = strings.Cut(line[strings.LastIndex(line, "$")+1:], "-")
			t.assembly.WriteString(line + "\n")
		}
	}
}

// generalRegisters are those of x86-64 here, and addressRegisters are free for addresses.
var (
	generalRegisters = map[string]string{"AX": "R0", "CX": "R1", "DX": "R2", "BX": "R3", "SI": "R4", "DI": "R5", "BP": "R6",
		"R8": "R8", "R9": "R9", "R10": "R10", "R11": "R11", "R12": "R12", "R13": "R13", "R14": "R14", "R15": "R15"}
	addressRegisters = []string{"R7", "R16", "R17", "R19", "R20", "R21", "R22", "R23", "R24", "R25", "R26"}
)

// general is an operand that is a register, a constant or a parameter.
func general(operand string) string {
	if r, ok := generalRegisters[operand]; ok {
		return r
	}
	return operand
}

// address is base + scale index + some bytes.
type address struct {
	base, index string
	scale, disp int
}

var memory = regexp.MustCompile(`^(-?\d*)\((\w+)\)(?:\((\w+)\*(\d)\))?$`)

func parseAddress(operand string) (a address, ok bool) {
	m := memory.FindStringSubmatch(operand)
	if m == nil {
		return a, false
	}
	a.disp, _ = strconv.Atoi(m[1])
	a.scale, _ = strconv.Atoi(m[4])
	a.base, a.index = general(m[2]), general(m[3])
	return a, true
}

// reach is what a load of a pair reaches after an address, and before it.
const reach = 1024

// place returns a register and an offset from it, for an operand in memory, that a load of a pair can have. Registers keep addresses, for
// those that come again.
func (t *translation) place(operand string) (register string, offset int) {
	a, _ := parseAddress(operand)
	offset = (a.disp+reach)&(2*reach-1) - reach
	a.disp -= offset
	if a.index == "" && a.disp == 0 {
		return a.base, offset
	}
	if r, ok := t.addresses[a]; ok {
		return r, offset
	}
	r := addressRegisters[t.written%len(addressRegisters)]
	t.written++
	t.forget(r)
	t.add(a, r)
	t.addresses[a] = r
	return r, offset
}

// add sets a register to an address.
func (t *translation) add(a address, to string) {
	from := a.base
	if a.index != "" {
		shift := map[int]string{1: "", 2: "<<1", 4: "<<2", 8: "<<3"}[a.scale]
		t.line("ADD %s%s, %s, %s", a.index, shift, a.base, to)
		from = to
	}
	if a.disp != 0 {
		t.line("ADD $%d, %s, %s", a.disp, from, to)
	}
}

// forget forgets the addresses that a register holds or is a part of.
func (t *translation) forget(register string) {
	for a, r := range t.addresses {
		if r == register || a.base == register || a.index == register {
			delete(t.addresses, a)
		}
	}
}

// pair is the first register of a vector, which is loaded if it lies in memory.
func (t *translation) pair(operand string) int {
	if _, ok := parseAddress(operand); !ok {
		return number(operand)
	}
	from, offset := t.place(operand)
	t.line("FLDPQ %d(%s), (F%d, F%d)", offset, from, spareOperand, spareOperand+1)
	return spareOperand
}

// number is that of the first register of a pair.
func number(operand string) int {
	n, err := strconv.Atoi(strings.TrimLeft(operand, "XY"))
	if err != nil || 2*n >= spareMask {
		panic(fmt.Sprintf("%s is no vector that leaves two pairs free", operand))
	}
	return 2 * n
}
