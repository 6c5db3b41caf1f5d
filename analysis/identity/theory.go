package identity

import "github.com/noiseprobe/noiseprobe/noise"

// theory holds the formulas for the predictions of the checks. It is a value so that tests can show that a wrong formula fails.
type theory struct {
	covariance  func(p noise.Pairing, n, batch int, alpha float64) float64
	enhancement func(p noise.Pairing, n, batch int, alpha float64) float64
	correlation func(p noise.Pairing, n, batch int) float64
	effective   func(p noise.Pairing, n, batch int, alpha float64) float64
	moments     func(p noise.Pairing, x noise.Population, batch int, alpha float64) noise.CentralMoments
	powerSum    func(alpha float64, r int) float64
	skewness    func(alpha float64) float64
	kurtosis    func(alpha float64) float64
	stable      func(alpha, s float64) float64

	polykays     func(m noise.NormMoments) noise.NormPolykays
	normVariance func(k noise.NormPolykays, p noise.Pairing, n, batch int, alpha float64) float64
	normExcess   func(kappa, traceOfSquare float64, batch int, alpha float64) float64

	mixture  func(weights []float64, r int) float64
	momentum func(p noise.PNMUpdate) momentumTheory
}

var closedForms = theory{
	covariance:  noise.CovarianceFactor,
	enhancement: noise.Enhancement,
	correlation: noise.Correlation,
	effective:   noise.EffectiveBatch,
	moments:     noise.Moments,
	powerSum:    noise.PowerSum,
	skewness:    noise.SkewnessRatio,
	kurtosis:    noise.KurtosisRatio,
	stable:      noise.StableScale,

	polykays:     noise.NormMoments.Polykays,
	normVariance: noise.NormPolykays.NormVariance,
	normExcess:   noise.NormExcess,

	mixture:  noise.CumulantFactor,
	momentum: momentumOf,
}

// alpha is the enhancement of all checks that do not name another: that of the paper, for which f = 5/2.
const alpha = 1.5

// Names of the pairings in the names of the checks.
var (
	pairName = map[noise.Pairing]string{
		noise.Independent: "NE independent", noise.Disjoint: "NE disjoint", noise.Replacement: "NE with replacement",
	}
	singleName = map[noise.Pairing]string{
		noise.Independent: "SGD (Eq. 4)", noise.Disjoint: "SGD (Eq. 4), half of a disjoint pair", noise.Replacement: "SGD with replacement",
	}
	effectiveName = map[noise.Pairing]string{
		noise.Independent: "B_eff independent", noise.Disjoint: "B_eff disjoint", noise.Replacement: "B_eff with replacement",
	}
)

// scheme is a row of the table of covariances.
type scheme struct {
	name    string
	pairing noise.Pairing
	alpha   float64
}

var schemes = []scheme{
	{singleName[noise.Independent], noise.Independent, 1},
	{pairName[noise.Independent], noise.Independent, alpha},
	{pairName[noise.Disjoint], noise.Disjoint, alpha},
	{pairName[noise.Replacement], noise.Replacement, alpha},
	{"naive (Eq. 5)", noise.Naive, alpha},
}
