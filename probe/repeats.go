package probe

import (
	"cmp"
	"slices"
)

// Repeats counts the units whose gradient is zero, and those that repeat the gradient of another unit, which is not zero. Few samples have such
// gradients; a file that was not written to its end, and a loss that was not differentiated, give them.
func (u *Units) Repeats() (zero, equal int) {
	order := upTo(u.N)
	slices.SortFunc(order, func(i, j int) int {
		return cmp.Or(cmp.Compare(u.NormSq[i], u.NormSq[j]), cmp.Compare(u.MeanDot[i], u.MeanDot[j]))
	})
	for k, i := range order {
		switch {
		case u.NormSq[i] == 0:
			zero++
		case k > 0 && u.same(order[k-1], i):
			equal++
		}
	}
	return zero, equal
}

// same reports whether two units have one gradient. Equal rows have equal products with the mean; the distance tells those apart of which
// that is true by chance.
func (u *Units) same(i, j int) bool {
	const rounding = 1e-12
	c := func(i, j int) float64 { return u.Centred[i*u.N+j] }
	return u.NormSq[i] == u.NormSq[j] && u.MeanDot[i] == u.MeanDot[j] && c(i, i)+c(j, j)-float64(2*c(i, j)) <= rounding*u.NormSq[i]
}
