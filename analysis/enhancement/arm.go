package enhancement

import (
	"encoding/json"
	"math"

	"github.com/noiseprobe/noiseprobe/noise"
)

// Arm is one of the three kinds of minibatches whose noise is compared. Its zero value is none of them, null in JSON.
type Arm string

// The arms, in the order of tables and figures.
const (
	ArmNE        Arm = "ne"        // NE at (alpha, B)
	ArmSGD       Arm = "sgd"       // plain SGD at B
	ArmEffective Arm = "effective" // plain SGD at B_eff, rounded, whose noise has the covariance of NE at B
)

// Arms are all of them, in order.
func Arms() []Arm { return []Arm{ArmNE, ArmSGD, ArmEffective} }

// String is the name for people, such as "SGD at B_eff".
func (a Arm) String() string {
	switch a {
	case ArmNE:
		return "NE at B"
	case ArmSGD:
		return "SGD at B"
	case ArmEffective:
		return "SGD at B_eff"
	}
	return "no arm"
}

// MarshalJSON writes null for none.
func (a Arm) MarshalJSON() ([]byte, error) {
	if a == "" {
		return []byte("null"), nil
	}
	return json.Marshal(string(a))
}

// Minibatch is an arm with its sizes: minibatches of Batch samples, which are Units whole units where they are resampled from units.
type Minibatch struct {
	Arm          Arm
	Alpha        float64
	Units, Batch int
}

// Minibatches returns the arms of a step at (alpha, B), for minibatches of whole units of unitSize samples. There is no NE arm for plain
// SGD, and no arm at B_eff if that is less than one whole unit (for single samples: rounds to none) or equal to B.
func Minibatches(alpha float64, batch, unitSize int) []Minibatch {
	size := max(unitSize, 1)
	b := WholeUnits(batch, size)
	sgd := Minibatch{ArmSGD, 1, b, b * size}
	if alpha == 1 {
		return []Minibatch{sgd}
	}
	arms := []Minibatch{{ArmNE, alpha, b, b * size}, sgd}
	if e := effectiveUnits(alpha, b, size); e >= 1 && e != b {
		arms = append(arms, Minibatch{ArmEffective, 1, e, e * size})
	}
	return arms
}

// effectiveUnits rounds B_eff = B/f to the nearest whole number of units. For units of several samples it is 0 below one whole unit, since a
// part of a unit would be another statistic.
func effectiveUnits(alpha float64, units, unitSize int) int {
	effective := float64(units) / noise.Factor(alpha)
	if unitSize > 1 && effective < 1 {
		return 0
	}
	return int(math.Round(effective))
}

// WholeUnits is the number of units of unitSize samples that take the place of a minibatch of batch samples, at least one.
func WholeUnits(batch, unitSize int) int {
	if unitSize <= 1 {
		return batch
	}
	return max(1, int(math.Round(float64(batch)/float64(unitSize))))
}

// AgainstEqualCost is the covariance of the noise at B and alpha over that of plain SGD at kB, which reads as many samples a step as k minibatches:
//
//	k f (N - B)/(N - kB) for independent minibatches, k f where N is 0: not known, or infinite
//
// NE has k = 2. It is not finite where kB samples are the whole training set or more.
func AgainstEqualCost(p noise.Pairing, population, batch, k int, alpha float64) float64 {
	if population == 0 || p == noise.Replacement {
		return float64(k) * noise.Factor(alpha)
	}
	if noise.CheckBatch(p, population, batch) != nil || k*batch >= population {
		return math.NaN()
	}
	return noise.CovarianceFactor(p, population, batch, alpha) / noise.CovarianceFactor(p.Single(), population, k*batch, 1)
}
