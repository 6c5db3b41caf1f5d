package enhancement

import (
	"encoding/json"
	"math"

	"github.com/noiseprobe/noiseprobe/noise"
)

// Arm names one of the three ways to draw minibatches whose noise is compared. Its zero value is none of them, null in JSON.
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

// Minibatch is an arm with its numbers: minibatches of Batch samples, which where they are resampled from units of UnitSize samples are Units
// whole units.
type Minibatch struct {
	Arm          Arm
	Alpha        float64
	Units, Batch int
}

// Minibatches are the arms of a step at (alpha, B) for minibatches of whole units of so many samples: there is no NE arm for plain SGD, and no
// arm at B_eff where that holds no whole unit (or, for single samples, rounds to none) or is B itself.
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

// effectiveUnits rounds B_eff = B/f: of single samples to the nearest whole number; of units of several, less than one whole unit would be another
// statistic.
func effectiveUnits(alpha float64, units, unitSize int) int {
	effective := float64(units) / noise.Factor(alpha)
	if unitSize > 1 && effective < 1 {
		return 0
	}
	return int(math.Round(effective))
}

// WholeUnits is the number of units of so many samples that stand for a minibatch of batch samples, at least one.
func WholeUnits(batch, unitSize int) int {
	if unitSize <= 1 {
		return batch
	}
	return max(1, int(math.Round(float64(batch)/float64(unitSize))))
}
