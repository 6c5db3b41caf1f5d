package tail

import (
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/mathext"
	"gonum.org/v1/gonum/stat/distuv"

	"github.com/noiseprobe/noiseprobe/analysis/estimate"
)

// Laws of a Counterpart.
const (
	Gaussian   = "Gaussian"
	HalfNormal = "half-normal"
)

// Counterpart is the distribution without a heavy tail that a sample is compared with.
//
//	Gaussian       Location + Scale Z      mean and standard deviation (divisor n-1) of the sample
//	half-normal    Location + Scale |Z|    minimum of the sample; Scale = (mean - minimum) / sqrt(2/pi), so that the means agree
//
// with Z standard normal. The half-normal, which begins at a sharp end as a Pareto sample does, is for one-sided samples. A sample is
// one-sided if exactly one of its ends is so near to the median that fewer than 0.1% of Gaussian samples with the same median and the
// same quartile on that side have so near an end, or if all values have one sign, which fewer than half of the Gaussian samples with its
// mean and standard deviation have. Since the quartile is estimated, 1% of Gaussian samples are taken for one-sided. If the sharp end is the
// maximum, Location is the maximum and Scale is negative.
type Counterpart struct {
	Law      string          `json:"law"`
	Location estimate.Number `json:"location"`
	Scale    estimate.Number `json:"scale"`
}

func counterpart(x []float64) Counterpart {
	mean, sd := meanStdDev(x)
	sorted := slices.Sorted(slices.Values(x))
	switch side := sharpEnd(sorted, mean, sd); {
	case side < 0:
		return halfNormal(sorted[0], mean)
	case side > 0:
		return halfNormal(sorted[len(sorted)-1], mean)
	}
	return Counterpart{Gaussian, estimate.Number(mean), estimate.Number(sd)}
}

// halfNormal begins at end and has the mean given.
func halfNormal(end, mean float64) Counterpart {
	return Counterpart{HalfNormal, estimate.Number(end), estimate.Number((mean - end) * math.Sqrt(math.Pi/2))}
}

// sharpEnd is -1 for a sample that begins at its minimum, 1 for one that ends at its maximum, and 0 for others.
func sharpEnd(sorted []float64, mean, sd float64) int {
	n := len(sorted)
	if n < 2 || sd == 0 || math.IsNaN(sd) {
		return 0
	}
	q := quantilesOf(sorted)
	low := near(q[2]-sorted[0], q[2]-q[1], n)
	high := near(sorted[n-1]-q[2], q[3]-q[2], n)
	if low != high {
		if low {
			return -1
		}
		return 1
	}
	oneSign := sorted[0] >= 0 || sorted[n-1] <= 0
	if !low && oneSign && float64(n)*math.Log(distuv.UnitNormal.CDF(math.Abs(mean)/sd)) < math.Log(0.5) {
		return -int(math.Copysign(1, mean))
	}
	return 0
}

// near reports whether an end at this distance from the median, where a quartile is at the other, is nearer than in 99.9% of Gaussian samples.
func near(end, quartile float64, n int) bool {
	if end == 0 {
		return true
	}
	const unit = 0.6744897501960817 // a quartile of the standard normal
	return float64(n)*math.Log(distuv.UnitNormal.CDF(unit*end/quartile)) < math.Log(0.001)
}

// low is the quantile at u, and high the one at 1-u, both accurate for small u.
func (c Counterpart) low(u float64) float64 {
	switch {
	case c.Law == Gaussian:
		return c.at(mathext.NormalQuantile(u))
	case c.Scale < 0:
		return c.at(-mathext.NormalQuantile(u / 2))
	}
	return c.at(mathext.NormalQuantile(0.5 + u/2))
}

func (c Counterpart) high(u float64) float64 {
	switch {
	case c.Law == Gaussian:
		return c.at(-mathext.NormalQuantile(u))
	case c.Scale < 0:
		return c.at(mathext.NormalQuantile(0.5 + u/2))
	}
	return c.at(-mathext.NormalQuantile(u / 2))
}

func (c Counterpart) at(z float64) float64 { return float64(c.Location) + float64(float64(c.Scale)*z) }

func (c Counterpart) draw(rng *rand.Rand) float64 {
	if c.Law == HalfNormal {
		return c.at(math.Abs(rng.NormFloat64()))
	}
	return c.at(rng.NormFloat64())
}
