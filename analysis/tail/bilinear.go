package tail

import "slices"

// grid is a table of a function of two arguments, both ascending.
type grid struct {
	rows, columns []float64
	values        [][]float64
}

// at interpolates bilinearly; an argument outside the table is moved to its edge.
func (g grid) at(row, column float64) float64 {
	i, s := place(g.rows, row)
	j, t := place(g.columns, column)
	below := float64(g.values[i][j]*(1-t)) + float64(g.values[i][j+1]*t)
	above := float64(g.values[i+1][j]*(1-t)) + float64(g.values[i+1][j+1]*t)
	return float64(below*(1-s)) + float64(above*s)
}

// place returns the interval of ascending knots that contains v, and the position of v in it, from 0 to 1.
func place(knots []float64, v float64) (i int, fraction float64) {
	last := len(knots) - 1
	v = min(max(v, knots[0]), knots[last])
	i, _ = slices.BinarySearch(knots, v)
	i = min(max(i-1, 0), last-1)
	return i, (v - knots[i]) / (knots[i+1] - knots[i])
}
