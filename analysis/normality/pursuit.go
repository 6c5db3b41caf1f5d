package normality

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/floats"

	"github.com/noiseprobe/noiseprobe/analysis/estimate"
	"github.com/noiseprobe/noiseprobe/internal/gemm"
	"github.com/noiseprobe/noiseprobe/internal/seed"
)

// Pursuit is the direction along which rows are least Gaussian, found on one half of them and judged on the other.
type Pursuit struct {
	// Direction has length 1, in the coordinates of the rows with every column scaled to variance 1.
	Direction []float64 `json:"direction"`
	// Found is the g2 of the half that chose the direction. It is the largest of many, and not evidence.
	Found estimate.Number `json:"found_g2"`
	// HeldOut is the g2 of the other half along the direction, and N the number of its rows.
	HeldOut estimate.Number `json:"held_out_g2"`
	N       int             `json:"n"`
	// Gaussian contains the g2 of 95% of normal samples of N values: HeldOut is outside it with a false-alarm rate of 5%.
	Gaussian estimate.Interval `json:"gaussian"`
	// Test is dagostino-kurtosis on the held-out half.
	Test   Test   `json:"test"`
	Reason string `json:"reason,omitempty"` // why there is no direction
}

const (
	pursuitStarts = 24 // random ones, besides every axis
	pursuitSteps  = 100
)

// Pursue looks for the direction u with the largest |g2| of the projections u.x. The rows have few columns, such as projections onto
// the leading eigenvectors of a Gram matrix. The search uses a random half of the rows, scaled to mean 0 and covariance 1 (w_i), and
// iterates from every axis and 24 random starts
//
//	u <- (1/n) sum w_i (u.w_i)^3 - 3u,    scaled to length 1
//
// whose fixed points are the stationary points of g2 on the sphere. Both halves need at least d + 2 and at least 8 rows. The choice of
// the columns must not depend on how Gaussian they are, which holds for eigenvectors if the rows are normal: the split into halves
// corrects only for the search.
//
// Source: Hyvarinen & Oja, A fast fixed-point algorithm for independent component analysis, Neural Computation 9 (1997).
func Pursue(r Rows, root uint64) Pursuit {
	if least := 2 * max(8, r.D+2); r.N < least {
		return undirected(fmt.Sprintf("needs at least %d rows for two halves, got %d", least, r.N))
	}
	z, reason := standardised(r)
	if reason != "" {
		return undirected(reason)
	}
	order := seed.New(root, "normality/halves").Perm(r.N)
	return PursueApart(pick(z, r.D, order[:r.N/2]), pick(z, r.D, order[r.N/2:]), root)
}

// PursueApart is [Pursue] for rows that have been split already: the direction is found on some and judged on the others, which can then
// be left out of choosing the columns as well. Direction is in the coordinates of the rows as they are.
func PursueApart(found, held Rows, root uint64) Pursuit {
	if least := max(8, found.D+2); min(found.N, held.N) < least {
		return undirected(fmt.Sprintf("needs at least %d rows to find and to judge, got %d and %d", least, found.N, held.N))
	}
	direction, reason := search(found, root)
	if reason != "" {
		return undirected(reason)
	}
	_, g2 := centre(found.project(direction)).shape()
	projected := held.project(direction)
	_, heldOut := centre(projected).shape()
	return Pursuit{
		Direction: direction, Found: estimate.Number(g2), HeldOut: estimate.Number(heldOut), N: held.N,
		Gaussian: GaussianKurtosis(held.N), Test: DAgostinoKurtosis(projected),
	}
}

// undirected is the result where there is no direction.
func undirected(reason string) Pursuit {
	return Pursuit{
		Found: estimate.Undefined(), HeldOut: estimate.Undefined(), Gaussian: estimate.None(),
		Test: undefined(NameDAgostinoKurtosis, "there is no direction"), Reason: reason,
	}
}

// pick returns copies of some rows.
func pick(x []float64, d int, order []int) Rows {
	out := make([]float64, 0, len(order)*d)
	for _, i := range order {
		out = append(out, x[i*d:][:d]...)
	}
	return Rows{len(order), d, out}
}

func (r Rows) project(u []float64) []float64 {
	out := make([]float64, r.N)
	for i := range out {
		out[i] = floats.Dot(r.X[i*r.D:][:r.D], u)
	}
	return out
}

// search returns the best of the directions that the starts lead to.
func search(half Rows, root uint64) (direction []float64, reason string) {
	v := whiten(half)
	if v.reason != "" {
		return nil, v.reason
	}
	count := v.d + pursuitStarts
	u, rng := make([]float64, count*v.d), seed.New(root, "normality/starts")
	for k := range count {
		if k < v.d {
			u[k*v.d+k] = 1
			continue
		}
		row := u[k*v.d:][:v.d]
		for j := range row {
			row[j] = rng.NormFloat64()
		}
		floats.Scale(1/floats.Norm(row, 2), row)
	}
	best := floats.MaxIdx(v.climb(u, count))
	return v.inCoordinates(u[best*v.d:][:v.d], half), ""
}

// climb moves the count rows of u to fixed points, all at the same time, and returns their |g2|.
func (v whitened) climb(u []float64, count int) []float64 {
	projected, next := make([]float64, count*v.n), make([]float64, count*v.d)
	project := func() { gemm.Dgemm(false, true, count, v.n, v.d, 1, u, v.d, v.w, v.d, 0, projected, v.n) }
	project()
	for moved, steps := 1.0, 0; moved > 1e-12 && steps < pursuitSteps; steps++ {
		for i, y := range projected {
			projected[i] = y * y * y
		}
		gemm.Dgemm(false, false, count, v.d, v.n, 1/float64(v.n), projected, v.n, v.w, v.d, 0, next, v.d)
		moved = step(u, next, v.d)
		project()
	}
	size := make([]float64, count)
	for k := range size {
		_, g2 := shapeOfSums(sumPowers(projected[k*v.n:][:v.n]))
		size[k] = math.Abs(g2)
	}
	return size
}

// step replaces every row of u by that of next - 3u, scaled to length 1, and returns the largest 1 - |cosine| between old and new rows.
func step(u, next []float64, d int) (moved float64) {
	for at := 0; at < len(u); at += d {
		from, to := u[at:][:d], next[at:][:d]
		floats.AddScaled(to, -3, from)
		if length := floats.Norm(to, 2); length > 0 {
			floats.Scale(1/length, to)
			moved = max(moved, 1-math.Abs(floats.Dot(from, to)))
			copy(from, to)
		}
	}
	return moved
}

// inCoordinates returns the direction in the coordinates of the rows along which their projections are those of the whitened rows along u.
// The whitened rows are W = Z M with Z the centred rows, so that Z'W = n C M, and the direction M u solves C (M u) = Z'(W u)/n.
func (v whitened) inCoordinates(u []float64, half Rows) []float64 {
	projected := Rows{v.n, v.d, v.w}.project(u)
	direction := leastSquares(half, projected)
	floats.Scale(1/floats.Norm(direction, 2), direction)
	return direction
}
