package eigen

import (
	"math"

	"github.com/noiseprobe/noiseprobe/internal/parallel"
)

// secular finds the eigenvalues of D + rho z z', with d ascending, no z zero and rho > 0: the zeros of
//
//	f(x) = 1 + rho sum_j z_j^2 / (d_j - x)
//
// Zero i lies between d_i and d_{i+1}, the last one between d_{k-1} and d_{k-1} + rho |z|^2. It is stored as its distance from the
// nearer of the two, since what follows needs accurate differences d_j - x.
type secular struct {
	d, z   []float64
	weight []float64 // rho z_j^2
	// base is the pole from which offset is the distance.
	base, offset []float64
}

func newSecular(d, z []float64, rho float64) *secular {
	k := len(d)
	s := &secular{d: d, z: z, weight: make([]float64, k), base: make([]float64, k), offset: make([]float64, k)}
	for j, v := range z {
		s.weight[j] = rho * v * v
	}
	return s
}

// solve finds all zeros, and then the z for which they are the exact eigenvalues (Gu and Eisenstat, 1995), up to a factor:
//
//	z_j^2 = prod_i (x_i - d_j) / prod_{i != j} (d_i - d_j)
func (s *secular) solve() *secular {
	k := len(s.d)
	parallel.For(k, 16, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			s.base[i], s.offset[i] = s.zero(i)
		}
	})
	parallel.For(k, 16, func(lo, hi int) {
		for j := lo; j < hi; j++ {
			s.z[j] = math.Copysign(math.Sqrt(s.exactSquare(j)), s.z[j])
		}
	})
	return s
}

func (s *secular) exactSquare(j int) float64 {
	dj := s.d[j]
	product := (s.base[j] - dj) + s.offset[j]
	for i, di := range s.d {
		if i != j {
			product *= ((s.base[i] - dj) + s.offset[i]) / (di - dj)
		}
	}
	return product
}

// values are the zeros, ascending.
func (s *secular) values() []float64 {
	x := make([]float64, len(s.d))
	for i := range x {
		x[i] = s.base[i] + s.offset[i]
	}
	return x
}

// vectorTo writes the eigenvector of zero i, its elements in the order of places: z_j / (d_j - x_i), of length 1.
func (s *secular) vectorTo(dst []float64, i int, places []int) {
	for c, j := range places {
		dst[c] = s.z[j] / ((s.d[j] - s.base[i]) - s.offset[i])
	}
	level2.Dscal(len(dst), 1/level2.Dnrm2(len(dst), dst, 1), dst, 1)
}

// zero finds zero i by the Middle Way (Li, LAPACK Working Note 89, 1993), with a bisection where a step leaves the interval that is known
// to contain it.
func (s *secular) zero(i int) (base, offset float64) {
	lo, hi := 0.0, 0.0
	base = s.d[i]
	if i == len(s.d)-1 {
		for _, w := range s.weight {
			hi += w
		}
	} else if gap := s.d[i+1] - s.d[i]; s.at(i, base, gap/2).f >= 0 {
		hi = gap / 2
	} else {
		base, lo = s.d[i+1], -gap/2
	}
	x := lo + hi // the end that is not the pole
	for range 200 {
		v := s.at(i, base, x)
		if v.settled(x) {
			break
		}
		if v.f < 0 {
			lo = x
		} else {
			hi = x
		}
		next := x + s.step(i, base, x, v)
		if !(next > lo && next < hi) {
			next = lo + (hi-lo)/2
		}
		if next == x || next == lo || next == hi {
			break
		}
		x = next
	}
	return base, x
}

// value is f at one x, and the slopes of its two parts: left has the poles up to i, which are below x, right the others.
type value struct {
	f, size               float64 // size is the sum of the sizes of the terms
	leftSlope, rightSlope float64
}

func (s *secular) at(i int, base, x float64) (v value) {
	left, right := 0.0, 0.0
	for j, d := range s.d[:i+1] {
		inverse := 1 / ((d - base) - x)
		term := float64(s.weight[j] * inverse)
		left += term
		v.leftSlope += float64(term * inverse)
	}
	weight := s.weight[i+1:]
	for j, d := range s.d[i+1:] {
		inverse := 1 / ((d - base) - x)
		term := float64(weight[j] * inverse)
		right += term
		v.rightSlope += float64(term * inverse)
	}
	v.f, v.size = 1+left+right, 1-left+right
	return v
}

// settled reports whether f is 0 up to the rounding of its terms and of x.
func (v value) settled(x float64) bool {
	return math.Abs(v.f) <= 0x1p-52*(float64(4*v.size)+float64(math.Abs(x)*(v.leftSlope+v.rightSlope)))
}

// step is the step to the zero of c + p/(d_i - x) + q/(d_{i+1} - x). Its term p/(d_i - x) has, up to a constant, the value and the
// slope of the left part of f, and q/(d_{i+1} - x) those of the right part. For the last zero there is no right part.
func (s *secular) step(i int, base, x float64, v value) float64 {
	near := (s.d[i] - base) - x
	if i == len(s.d)-1 {
		return near * v.f / (v.f - float64(near*v.leftSlope))
	}
	far := (s.d[i+1] - base) - x
	c := v.f - float64(near*v.leftSlope) - float64(far*v.rightSlope)
	a := float64((near+far)*v.f) - float64(near*far*(v.leftSlope+v.rightSlope))
	b := near * far * v.f
	root := math.Sqrt(math.Max(float64(a*a)-float64(4*b*c), 0))
	if a <= 0 {
		return (a - root) / (2 * c)
	}
	return 2 * b / (a + root)
}
