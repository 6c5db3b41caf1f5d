package main

import (
	"fmt"
	"strings"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// lanes is the number of elements that a round of a loop handles. All loops are bound by memory, so AVX2 serves every
// machine; none fuses a multiplication with an addition, so that plain Go gives the same bits.
const lanes = 8

// suffix ends the names of kernels that are the same for AVX2 and NEON.
const suffix = "SIMD"

func vectorKernels() {
	loop("add", "dst, x *float32", "adds x to dst", nil, func(at func(string) Mem) {
		sum := YMM()
		VMOVUPS(at("x"), sum)
		VADDPS(at("dst"), sum, sum)
		VMOVUPS(sum, at("dst"))
	})
	loop("addReLU", "dst, x *float32", "sets dst to max(dst + x, 0)", nil, func(at func(string) Mem) {
		sum, none := YMM(), YMM()
		VMOVUPS(at("x"), sum)
		VADDPS(at("dst"), sum, sum)
		VXORPS(none, none, none)
		VMAXPS(sum, none, sum) // of a NaN and 0 it takes what comes first here, the NaN
		VMOVUPS(sum, at("dst"))
	})
	loop("mask", "dst, y, x *float32", "sets dst to x where y > 0 and to 0 elsewhere", nil, func(at func(string) Mem) {
		none, positive := YMM(), YMM()
		VXORPS(none, none, none)
		VCMPPS(less, at("y"), none, positive) // 0 < y
		VANDPS(at("x"), positive, positive)
		VMOVUPS(positive, at("dst"))
	})
	loop("addScaled", "dst, x *float32", "adds x times scale to dst", []string{"scale"}, func(at func(string) Mem) {
		sum := YMM()
		VMULPS(at("x"), constants["scale"], sum)
		VADDPS(at("dst"), sum, sum)
		VMOVUPS(sum, at("dst"))
	})
	loop("adam", "w, grad, m, v *float32", "makes one update of Adam", []string{"b1", "c1", "b2", "c2", "rate", "eps"}, adam)
	addProducts()
	dot()
	addWide()
	centre()
	addDeviationProducts()
}

// adam is the update in the order of operations of package vector. (The assembler keeps the name g for itself.)
func adam(at func(string) Mem) {
	gradient, m, v, t := YMM(), YMM(), YMM(), YMM()
	VMOVUPS(at("grad"), gradient)
	VMULPS(at("m"), constants["b1"], m)
	VMULPS(gradient, constants["c1"], t)
	VADDPS(t, m, m)
	VMOVUPS(m, at("m"))
	VMULPS(at("v"), constants["b2"], v)
	VMULPS(gradient, constants["c2"], t)
	VMULPS(gradient, t, t)
	VADDPS(t, v, v)
	VMOVUPS(v, at("v"))
	VSQRTPS(v, v)
	VADDPS(constants["eps"], v, v)
	VMULPS(m, constants["rate"], m)
	VDIVPS(v, m, m)
	w := YMM()
	VMOVUPS(at("w"), w)
	VSUBPS(m, w, w)
	VMOVUPS(w, at("w"))
}

// constants are the scalar parameters of the loop that is being written, in all lanes.
var constants map[string]reg.VecVirtual

// kernel writes a function over n elements, a multiple of some number, of vectors, to which body has pointers by name.
func kernel(name, vectors string, scalars []string, doc string, multiple int, body func(n reg.Register, p map[string]reg.Register)) {
	signature := "func(n int, " + vectors
	for _, s := range scalars {
		signature += ", " + s + " float32"
	}
	TEXT(name+suffix, NOSPLIT, signature+")")
	Doc(fmt.Sprintf("%s %s, for n elements, a multiple of %d.", name+suffix, doc, multiple))
	Pragma("noescape")
	constants = map[string]reg.VecVirtual{}
	for _, s := range scalars {
		x := XMM()
		Load(Param(s), x)
		constants[s] = YMM()
		VBROADCASTSS(x, constants[s])
	}
	n := Load(Param("n"), GP64())
	body(n, pointers(vectors))
	VZEROUPPER()
	RET()
}

// loop writes a function over vectors of float32, of which body handles lanes elements.
func loop(name, vectors, doc string, scalars []string, body func(at func(string) Mem)) {
	kernel(name, vectors, scalars, doc, lanes, func(n reg.Register, p map[string]reg.Register) {
		upTo(n, lanes, func(i reg.Register) {
			body(func(v string) Mem { return Mem{Base: p[v], Index: i, Scale: 4} })
		})
	})
}

// upTo repeats body for i from 0 in steps below n.
func upTo(n reg.Register, step uint64, body func(i reg.Register)) {
	i := GP64()
	XORQ(i, i)
	Label("next")
	CMPQ(i, n)
	JGE(LabelRef("end"))
	body(i)
	ADDQ(Imm(step), i)
	JMP(LabelRef("next"))
	Label("end")
}

// names returns the names in "dst *float64, a, d *float32".
func names(vectors string) []string {
	var list []string
	for parameter := range strings.SplitSeq(vectors, ", ") {
		name, _, _ := strings.Cut(parameter, " ")
		list = append(list, name)
	}
	return list
}

// addProducts writes the float64 sum of products of two float32 vectors, the first of them plus 1.
func addProducts() {
	kernel("addProducts", "dst *float64, a, d *float32", nil, "adds (a + 1) d to dst in float64", 4, func(n reg.Register, p map[string]reg.Register) {
		one, bits := YMM(), GP64()
		MOVQ(U64(0x3ff0000000000000), bits) // 1.0
		VMOVQ(bits, one.AsX())
		VBROADCASTSD(one.AsX(), one)
		upTo(n, 4, func(i reg.Register) {
			x, y := YMM(), YMM()
			VCVTPS2PD(Mem{Base: p["a"], Index: i, Scale: 4}, x)
			VCVTPS2PD(Mem{Base: p["d"], Index: i, Scale: 4}, y)
			VADDPD(one, x, x)
			VMULPD(y, x, x)
			VADDPD(Mem{Base: p["dst"], Index: i, Scale: 8}, x, x)
			VMOVUPD(x, Mem{Base: p["dst"], Index: i, Scale: 8})
		})
	})
}

// dot writes the sums of products in float64, one sum for each of 16 lanes. A product of two float32 is exact there, so that
// fusing it with the addition changes nothing.
func dot() {
	doc := "writes the 16 sums of x[i] y[i] over equal i mod 16"
	kernel("dot", "x, y *float32, sums *float64", nil, doc, 16, func(n reg.Register, p map[string]reg.Register) {
		sixteenSums(n, p["sums"], func(i reg.Register, k int, sum reg.VecVirtual) {
			a, b := YMM(), YMM()
			VCVTPS2PD(Mem{Base: p["x"], Index: i, Scale: 4, Disp: 16 * k}, a)
			VCVTPS2PD(Mem{Base: p["y"], Index: i, Scale: 4, Disp: 16 * k}, b)
			VFMADD231PD(a, b, sum)
		})
	})
}

// sixteenSums writes the sums that add makes of 16 elements of each round, those from 4k on in a vector of its own.
func sixteenSums(n, sums reg.Register, add func(i reg.Register, k int, sum reg.VecVirtual)) {
	var sum [4]reg.VecVirtual
	for k := range sum {
		sum[k] = YMM()
		VXORPS(sum[k], sum[k], sum[k])
	}
	upTo(n, 16, func(i reg.Register) {
		for k := range sum {
			add(i, k, sum[k])
		}
	})
	for k := range sum {
		VMOVUPD(sum[k], Mem{Base: sums, Disp: 32 * k})
	}
}

// addWide writes the sum of a float64 and a float32 vector.
func addWide() {
	kernel("addWide", "dst *float64, x *float32", nil, "adds x to dst in float64", 8, func(n reg.Register, p map[string]reg.Register) {
		upTo(n, 8, func(i reg.Register) {
			for k := range 2 {
				sum, to := YMM(), Mem{Base: p["dst"], Index: i, Scale: 8, Disp: 32 * k}
				VCVTPS2PD(Mem{Base: p["x"], Index: i, Scale: 4, Disp: 16 * k}, sum)
				VADDPD(to, sum, sum)
				VMOVUPD(sum, to)
			}
		})
	})
}

// centre writes deviations from a mean, their squares and their products with the mean, all in float64, in which neither product is exact.
func centre() {
	doc := "subtracts mean from x, adds the squares to squares, and writes the 16 sums of (x[i] - mean[i]) mean[i] over equal i mod 16"
	kernel("centre", "x *float32, mean, squares, sums *float64", nil, doc, 16, func(n reg.Register, p map[string]reg.Register) {
		sixteenSums(n, p["sums"], func(i reg.Register, k int, sum reg.VecVirtual) {
			m, deviation, product, narrow := YMM(), YMM(), YMM(), XMM()
			at, square := Mem{Base: p["x"], Index: i, Scale: 4, Disp: 16 * k}, Mem{Base: p["squares"], Index: i, Scale: 8, Disp: 32 * k}
			VMOVUPD(Mem{Base: p["mean"], Index: i, Scale: 8, Disp: 32 * k}, m)
			VCVTPS2PD(at, deviation)
			VSUBPD(m, deviation, deviation)
			VMULPD(m, deviation, product)
			VADDPD(product, sum, sum)
			VMULPD(deviation, deviation, product)
			VADDPD(square, product, product)
			VMOVUPD(product, square)
			VCVTPD2PSY(deviation, narrow)
			VMOVUPS(narrow, at)
		})
	})
}

// addDeviationProducts writes the products of two gradients of a dense layer from those of the deviations of their factors. Each of the four
// coefficients fills a vector.
func addDeviationProducts() {
	doc := "adds x (c[4] + q + y) + y (c[0] + p) + c[8] q + c[12] p to dst in float64, where c has each number four times"
	vectors := "dst *float64, x, y *float32, p, q, c *float64"
	kernel("addDeviationProducts", vectors, nil, doc, 4, func(n reg.Register, at map[string]reg.Register) {
		var c [4]reg.VecVirtual
		for k := range c {
			c[k] = YMM()
			VMOVUPD(Mem{Base: at["c"], Disp: 32 * k}, c[k])
		}
		upTo(n, 4, func(i reg.Register) {
			wide := func(v string) Mem { return Mem{Base: at[v], Index: i, Scale: 8} }
			x, y, p, q, t := YMM(), YMM(), YMM(), YMM(), YMM()
			VCVTPS2PD(Mem{Base: at["x"], Index: i, Scale: 4}, x)
			VCVTPS2PD(Mem{Base: at["y"], Index: i, Scale: 4}, y)
			VMOVUPD(wide("p"), p)
			VMOVUPD(wide("q"), q)
			VADDPD(q, c[1], t)
			VADDPD(y, t, t)
			VMULPD(t, x, x)
			VADDPD(p, c[0], t)
			VMULPD(t, y, y)
			VADDPD(y, x, x)
			VMULPD(q, c[2], q)
			VADDPD(q, x, x)
			VMULPD(p, c[3], p)
			VADDPD(p, x, x)
			VADDPD(wide("dst"), x, x)
			VMOVUPD(x, wide("dst"))
		})
	})
}
