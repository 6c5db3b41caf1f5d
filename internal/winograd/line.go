package winograd

// The points are 0, a, -a, b, -b and infinity, in this order.
const (
	a = 2.0 / 3
	b = 1 / a
)

// Further coefficients of the lines, besides a, b, and 1 for a² b².
const (
	aa, aaa  float32 = a * a, a * a * a
	bb, bbb  float32 = b * b, b * b * b
	minusSum float32 = -(a*a + b*b)

	// The row of a point in G: its powers over the product of its differences from the other points.
	na0, na1, na2 float32 = 1 / na, a / na, a * a / na
	nb0, nb1, nb2 float32 = 1 / nb, b / nb, b * b / nb

	na = 2 * a * a * (a*a - b*b)
	nb = 2 * b * b * (b*b - a*a)
)

// The lines below are the products with B', B, A', A, G and G'. For two opposite points the even and the odd terms are the same: their
// rows of B', A and G are even + odd and even - odd, and the adjoints begin with the sum and the difference of the numbers that belong
// to the two points. The conversions keep compilers from fusing operations.

func inputLine(x0, x1, x2, x3, x4, x5 float32) (y0, y1, y2, y3, y4, y5 float32) {
	y0 = (x0 + x4) + float32(minusSum*x2)
	even, odd := x4-float32(bb*x2), float32(a*x3)-float32(b*x1)
	y1, y2 = even+odd, even-odd
	even, odd = x4-float32(aa*x2), float32(b*x3)-float32(a*x1)
	y3, y4 = even+odd, even-odd
	y5 = (x1 + x5) + float32(minusSum*x3)
	return
}

func inputAdjointLine(x0, x1, x2, x3, x4, x5 float32) (y0, y1, y2, y3, y4, y5 float32) {
	evenA, oddA, evenB, oddB := x1+x2, x1-x2, x3+x4, x3-x4
	y0 = x0
	y1 = x5 - (float32(b*oddA) + float32(a*oddB))
	y2 = float32(minusSum*x0) - (float32(bb*evenA) + float32(aa*evenB))
	y3 = float32(minusSum*x5) + (float32(a*oddA) + float32(b*oddB))
	y4 = x0 + (evenA + evenB)
	y5 = x5
	return
}

func outputLine(x0, x1, x2, x3, x4, x5 float32) (y0, y1, y2, y3, y4, y5 float32) {
	evenA, oddA, evenB, oddB := x1+x2, x1-x2, x3+x4, x3-x4
	y0 = x0 + (evenA + evenB)
	y1 = float32(a*oddA) + float32(b*oddB)
	y2 = float32(aa*evenA) + float32(bb*evenB)
	y3 = x5 + (float32(aaa*oddA) + float32(bbb*oddB))
	return
}

func outputAdjointLine(x0, x1, x2, x3, _, _ float32) (y0, y1, y2, y3, y4, y5 float32) {
	y0 = x0
	even, odd := x0+float32(aa*x2), float32(a*x1)+float32(aaa*x3)
	y1, y2 = even+odd, even-odd
	even, odd = x0+float32(bb*x2), float32(b*x1)+float32(bbb*x3)
	y3, y4 = even+odd, even-odd
	y5 = x3
	return
}

func kernelLine(x0, x1, x2, _, _, _ float32) (y0, y1, y2, y3, y4, y5 float32) {
	y0 = x0
	even, odd := float32(na0*x0)+float32(na2*x2), float32(na1*x1)
	y1, y2 = even+odd, even-odd
	even, odd = float32(nb0*x0)+float32(nb2*x2), float32(nb1*x1)
	y3, y4 = even+odd, even-odd
	y5 = x2
	return
}

func kernelAdjointLine(x0, x1, x2, x3, x4, x5 float32) (y0, y1, y2, y3, y4, y5 float32) {
	evenA, oddA, evenB, oddB := x1+x2, x1-x2, x3+x4, x3-x4
	y0 = x0 + (float32(na0*evenA) + float32(nb0*evenB))
	y1 = float32(na1*oddA) + float32(nb1*oddB)
	y2 = x5 + (float32(na2*evenA) + float32(nb2*evenB))
	return
}
