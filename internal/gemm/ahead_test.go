package gemm

import "testing"

// Every line of both parts is handed out once, but for the last few rows, and then nothing is.
func TestAheadNamesEveryLine(t *testing.T) {
	numbered := func(first, rows, stride int) []float32 {
		x := make([]float32, rows*stride)
		for i := range x {
			x[i] = float32(first + i)
		}
		return x
	}
	for _, rows := range []int{1, 3, 4, 40, 61} {
		for n := 1; n < 70; n += 9 {
			const cols, stride = 40, 45 // three lines to a row
			h := ahead[float32]{
				first:  part[float32]{numbered(0, rows, stride), stride, rows, cols},
				second: part[float32]{numbered(10000, rows, stride), stride, rows, cols},
			}
			times := map[int]int{}
			idle := float32(-1)
			for line, apart := h.take(n, &idle); line != &idle; line, apart = h.take(n, &idle) {
				for i := range n {
					times[int(*line)+i*apart]++
				}
			}
			for _, first := range []int{0, 10000} {
				for r := range rows - 4 {
					for line := 0; line < cols; line += 16 {
						if at := first + r*stride + line; times[at] != 1 {
							t.Fatalf("%d rows, %d at a time: line %d has come %d times", rows, n, at, times[at])
						}
					}
				}
			}
		}
	}
}

// What comes after a block is what the loops of run pack next.
func TestAfterFollowsTheLoops(t *testing.T) {
	p := product[float32]{m: 200, n: 100, k: 30, lda: 30, ldb: 100, a: ramp(200 * 30), b: ramp(30 * 100)}
	whole := block{l: 0, k: 20, j: 0, n: 72}
	for _, c := range []struct {
		i, m    int
		b       block
		a, then int // the starts in A and B, or -1
		rows    int
	}{
		{0, 128, whole, 128 * 30, -1, 72},
		{128, 72, whole, 0, 72, 128},
		{128, 72, block{0, 20, 72, 28}, 20, 20 * 100, 128},
		{128, 72, block{20, 10, 72, 28}, -1, -1, 0},
	} {
		next := p.after(c.i, c.m, c.b)
		if got := offset(p.a, next.first); got != c.a || next.first.rows != c.rows {
			t.Errorf("after row %d and %v: %d rows of A from element %d, want %d from %d", c.i, c.b, next.first.rows, got, c.rows, c.a)
		}
		if got := offset(p.b, next.second); got != c.then {
			t.Errorf("after row %d and %v: B from element %d, want %d", c.i, c.b, got, c.then)
		}
	}
}

// offset is where a part begins in a matrix, or -1 if it is empty.
func offset(x []float32, p part[float32]) int {
	if p.x == nil {
		return -1
	}
	return len(x) - len(p.x)
}
