package normality

import (
	"math"

	"github.com/noiseprobe/noiseprobe/analysis/estimate"
)

// Test is the result of one test of normality. PValue is exp(LogP): it is 0 only below the smallest float64, where LogP is still finite.
// Floor is the smallest p-value of a table that ends, or of Replicates simulations: a p equal to it means "at most". Reason says why a
// number is undefined.
type Test struct {
	Name       string          `json:"name"`
	Statistic  estimate.Number `json:"statistic"`
	PValue     estimate.Number `json:"p_value"`
	LogP       estimate.Number `json:"log_p"`
	Floor      estimate.Number `json:"p_floor,omitempty"`
	Replicates int             `json:"replicates,omitempty"`
	Reason     string          `json:"reason,omitempty"`
}

// Names of the tests, of one sample and of rows.
const (
	NameJarqueBera        = "jarque-bera"
	NameDAgostinoSkewness = "dagostino-skewness"
	NameDAgostinoKurtosis = "dagostino-kurtosis"
	NameDAgostinoK2       = "dagostino-k2"
	NameShapiroWilk       = "shapiro-wilk"
	NameAndersonDarling   = "anderson-darling"
	NameLilliefors        = "lilliefors"
	NameCramerVonMises    = "cramer-von-mises"

	NameMardiaSkewness = "mardia-skewness"
	NameMardiaKurtosis = "mardia-kurtosis"
	NameHenzeZirkler   = "henze-zirkler"
	NameEnergy         = "energy"
)

// Tests applies every test of one sample to x.
func Tests(x []float64) []Test {
	return []Test{
		JarqueBera(x),
		DAgostinoSkewness(x),
		DAgostinoKurtosis(x),
		DAgostinoK2(x),
		ShapiroWilk(x),
		AndersonDarling(x),
		Lilliefors(x),
		CramerVonMises(x),
	}
}

func newTest(name string, statistic, logP float64) Test {
	return Test{
		Name: name, Statistic: estimate.Number(statistic),
		PValue: estimate.Number(math.Exp(logP)), LogP: estimate.Number(logP),
	}
}

func undefined(name, reason string) Test {
	t := newTest(name, math.NaN(), math.NaN())
	t.Reason = reason
	return t
}

// logTwoSided returns log P(|Z| > |z|) for a standard normal Z.
func logTwoSided(z float64) float64 { return math.Ln2 + logNormCDF(-math.Abs(z)) }
