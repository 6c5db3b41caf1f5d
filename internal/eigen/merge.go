package eigen

import (
	"math"
	"slices"

	"github.com/noiseprobe/noiseprobe/internal/gemm"
	"github.com/noiseprobe/noiseprobe/internal/parallel"
)

// merger computes the eigenpairs of a block from those of its halves, rows lo to mid-1 and mid to hi-1: in their basis the block is
//
//	D + rho z z',    |z| = 1
type merger struct {
	*division
	lo, mid, hi int
	rho         float64
	z           []float64 // z[i-lo] belongs to row i
	// kept rows, in ascending order, have a z that is not negligible and distinct eigenvalues; deflated ones are eigenvectors already.
	kept, deflated []int
	mixed          []bool // rows that span both halves
}

func (s *division) merge(lo, mid, hi int, joint float64, count int) {
	m := &merger{division: s, lo: lo, mid: mid, hi: hi, rho: 2 * math.Abs(joint), z: make([]float64, hi-lo), mixed: make([]bool, hi-lo)}
	for i := lo; i < mid; i++ {
		m.z[i-lo] = s.q[i*s.n+mid-1] / math.Sqrt2
	}
	for i := mid; i < hi; i++ {
		m.z[i-lo] = math.Copysign(1/math.Sqrt2, joint) * s.q[i*s.n+mid]
	}
	m.deflate()
	if len(m.kept) > 0 {
		m.combine(count)
	}
}

// deflate finds the rows that are eigenvectors up to rounding: those with a negligible z, and, for two rows with nearly the same
// eigenvalue, the combination whose z is 0 (Dongarra and Sorensen, 1987; LAPACK's dlaed2).
func (m *merger) deflate() {
	order := m.descending(m.lo, m.hi)
	slices.Reverse(order)
	for _, i := range order {
		if m.rho*math.Abs(m.z[i-m.lo]) <= m.negligible {
			m.deflated = append(m.deflated, i)
			continue
		}
		if last := len(m.kept) - 1; last >= 0 && m.rotate(m.kept[last], i) {
			m.deflated = append(m.deflated, m.kept[last])
			m.kept = m.kept[:last]
		}
		m.kept = append(m.kept, i)
	}
}

// rotate combines rows i and j so that z is 0 along row i, if the off-diagonal element that this causes between them is negligible.
func (m *merger) rotate(i, j int) bool {
	zi, zj := m.z[i-m.lo], m.z[j-m.lo]
	length := math.Hypot(zi, zj)
	c, s := zj/length, zi/length
	di, dj := m.d[i], m.d[j]
	if math.Abs((dj-di)*c*s) > m.negligible {
		return false
	}
	m.z[i-m.lo], m.z[j-m.lo] = 0, length
	m.d[i], m.d[j] = float64(di*c*c)+float64(dj*s*s), float64(di*s*s)+float64(dj*c*c)
	level2.Drot(m.hi-m.lo, m.row(i, m.lo, m.hi), 1, m.row(j, m.lo, m.hi), 1, c, -s)
	either := m.mixed[i-m.lo] || m.mixed[j-m.lo] || i < m.mid != (j < m.mid)
	m.mixed[i-m.lo], m.mixed[j-m.lo] = either, either
	return true
}

// combine replaces the kept rows, which move to the front of the block, by eigenvectors, if they are among the count largest.
func (m *merger) combine(count int) {
	k, size := len(m.kept), m.hi-m.lo
	d, z := make([]float64, k), make([]float64, k)
	for j, i := range m.kept {
		d[j], z[j] = m.d[i], m.z[i-m.lo]
	}
	roots := newSecular(d, z, m.rho).solve()
	places, first, last := m.halves()
	for c, j := range places {
		copy(m.basis[c*size:(c+1)*size], m.row(m.kept[j], m.lo, m.hi))
	}
	m.settle(roots.values())
	from := m.wanted(k, count)
	rows := k - from
	if rows == 0 {
		return
	}
	parallel.For(rows, 16, func(lo, hi int) {
		for r := lo; r < hi; r++ {
			roots.vectorTo(m.mixing[r*k:(r+1)*k], from+r, places)
		}
	})
	n, left := m.n, m.mid-m.lo
	to := m.q[(m.lo+from)*n:]
	gemm.Dgemm(false, false, rows, left, last, 1, m.mixing, k, m.basis, size, 0, to[m.lo:], n)
	gemm.Dgemm(false, false, rows, size-left, k-first, 1, m.mixing[first:], k, m.basis[first*size+left:], size, 0, to[m.mid:], n)
}

// halves orders the kept rows so that only those from first on have elements in the second half, and only those before last in the
// first: each half then needs a product with its own rows only.
func (m *merger) halves() (places []int, first, last int) {
	var mixed, second []int
	for j, i := range m.kept {
		switch {
		case m.mixed[i-m.lo]:
			mixed = append(mixed, j)
		case i < m.mid:
			places = append(places, j)
		default:
			second = append(second, j)
		}
	}
	first = len(places)
	last = first + len(mixed)
	return append(append(places, mixed...), second...), first, last
}

// settle puts the new eigenvalues at the front of the block and moves the deflated pairs behind them.
func (m *merger) settle(values []float64) {
	size := m.hi - m.lo
	d := slices.Clone(values)
	spare := m.basis[len(values)*size:]
	for r, i := range m.deflated {
		d = append(d, m.d[i])
		copy(spare[r*size:(r+1)*size], m.row(i, m.lo, m.hi))
	}
	copy(m.d[m.lo:m.hi], d)
	for r := range m.deflated {
		copy(m.row(m.lo+len(values)+r, m.lo, m.hi), spare[r*size:(r+1)*size])
	}
}

// wanted is the first of the k ascending rows at the front of the block that is among the count largest; k if none is.
func (m *merger) wanted(k, count int) int {
	from := k
	for _, i := range m.descending(m.lo, m.hi)[:count] {
		from = min(from, i-m.lo)
	}
	return from
}
