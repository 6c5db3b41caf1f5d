package tail

import (
	"fmt"
	"math"
	"slices"

	"github.com/noiseprobe/noiseprobe/internal/seed"
)

// Settings of Analyse. The zero value means the absolute tail, a k that each method chooses itself, seed 0, and the default bootstrap.
type Settings struct {
	Side Side
	// K is the k of every method. With 0 each chooses its own: hill and kernel by DoubleBootstrapK, or DefaultK if that fails; moment
	// and gpd the smallest integer >= n^(2/3); pickands half of that, so that its 4k values go about as far down; power-law by
	// FitPowerLaw.
	K    int
	Seed uint64
	// Replicates of the goodness of fit of the power law; 0 means 199 for up to 20,000 values and none for more, -1 none.
	Replicates int
	// CurvePoints is about the number of points of the curves, for k from 5 to n/4 or to the largest k in use; 0 means no curves.
	CurvePoints int
}

// Result holds all results for one sample.
type Result struct {
	N         int              `json:"n"`
	Tail      Side             `json:"tail"`
	Zeros     int              `json:"zeros"`
	Seed      uint64           `json:"seed"`
	Estimates []Estimate       `json:"estimates"` // hill, moment, pickands, kernel, gpd, power-law
	Stable    []StableEstimate `json:"stable"`
	Surrogate []Verdict        `json:"surrogate"` // a row for each of Estimates
	KChoice   *KChoice         `json:"k_choice"`  // nil where K was given
	PowerLaw  PowerLawFit      `json:"power_law"` // at its own xmin, whatever K was given
	Curves    []Curve          `json:"curves,omitempty"`
	Warnings  []string         `json:"warnings"`
}

// Curve holds the estimates of a method as a function of k: in the range of a power law it is flat.
type Curve struct {
	Method string     `json:"method"`
	Points []Estimate `json:"points"`
}

// Analyse applies every method of the package to a sample, and each method that has a k to Gaussian samples with the same k as well. The
// data are not centred. Every method has a row; what is undefined is NaN, and Warnings say why.
func Analyse(x []float64, s Settings) Result {
	y := largest(x, s.Side, len(x))
	r := Result{
		N: len(x), Tail: s.Side, Zeros: Zeros(x), Seed: s.Seed, Warnings: []string{}, Stable: Stable(x, s.Seed),
		PowerLaw: fitDescending(positive(y)),
	}
	if replicates := s.replicates(len(y)); replicates > 0 {
		r.PowerLaw = r.PowerLaw.test(positive(y), replicates, seed.New(s.Seed, "power-law goodness of fit"))
	}
	if s.K == 0 {
		choice := chooseDescending(y, seed.New(s.Seed, "double bootstrap"))
		r.KChoice = &choice
	}
	for _, m := range methods {
		k := s.K
		if k == 0 {
			k = m.choose(&r)
		}
		r.Estimates = append(r.Estimates, m.estimate(y[:min(m.reach(k), len(y))], len(y), k))
	}
	r.Surrogate = againstGaussian(x, s, r.Estimates)
	if s.CurvePoints > 0 {
		r.Curves = curves(y, r.curveEnd(), s.CurvePoints)
	}
	r.warn(s)
	return r
}

func (s Settings) replicates(n int) int {
	const upTo = 20_000
	if s.Replicates == 0 && n <= upTo {
		return Replicates
	}
	return s.Replicates
}

// method is an estimator in the form that Analyse needs.
type method struct {
	name  string
	apply Method
	least int // k
	// reach is the number of the largest values that the method reads at k.
	reach func(k int) int
	// gamma returns the function from these values, in descending order, to gamma at k, which is NaN where undefined.
	gamma  func(k int) func(y []float64) float64
	choose func(r *Result) int
}

// estimate applies the method to y, the largest values of a side, as many as it reads; n is the size of the sample.
func (m method) estimate(y []float64, n, k int) Estimate {
	if k < 1 || m.reach(k) > n {
		return undefined(m.name, k)
	}
	return m.apply(y, Right, k)
}

func next(k int) int { return min(k, math.MaxInt-1) + 1 }

// four is 4k, or the largest int.
func four(k int) int {
	if k > math.MaxInt/4 {
		return math.MaxInt
	}
	return 4 * k
}

func forHill(r *Result) int {
	if r.KChoice.K > 0 {
		return r.KChoice.K
	}
	return DefaultK(r.N)
}

func forMoment(r *Result) int { return cubeRootK(r.N) }

func forPickands(r *Result) int { return (cubeRootK(r.N) + 1) / 2 }

var methods = []method{
	{NameHill, Hill, 1, next, hillOf, forHill},
	{NameMoment, Moment, 2, next, momentOf, forMoment},
	{NamePickands, Pickands, 1, four, func(k int) func([]float64) float64 {
		return func(y []float64) float64 { return pickandsGamma(y, k) }
	}, forPickands},
	{NameKernel, Kernel, 3, next, kernelOf, forHill},
	{NameGPD, GPD, minGPD, next, gpdOf, forMoment},
	{NamePowerLaw, PowerLaw, 2, func(k int) int { return k }, powerLawOf, func(r *Result) int { return r.PowerLaw.NTail }},
}

// above makes f undefined where the threshold is not positive.
func above(f func(y []float64) float64) func(y []float64) float64 {
	return func(y []float64) float64 {
		if !(y[len(y)-1] > 0) {
			return math.NaN()
		}
		return f(y)
	}
}

func hillOf(int) func([]float64) float64 {
	return above(func(y []float64) float64 {
		m1, _ := logMoments(y)
		return hillGamma(m1)
	})
}

func momentOf(int) func([]float64) float64 {
	return above(func(y []float64) float64 {
		m1, m2 := logMoments(y)
		return momentGamma(m1, m2)
	})
}

func kernelOf(k int) func([]float64) float64 {
	return above(newKernelWeights(k).gamma)
}

func gpdOf(int) func([]float64) float64 {
	return func(y []float64) float64 {
		gamma, _ := gpdFit(excesses(y))
		return gamma
	}
}

func powerLawOf(k int) func([]float64) float64 {
	return above(func(y []float64) float64 { return powerLawGamma(y, k) })
}

// curveEnd is n/4, or the largest k in use.
func (r *Result) curveEnd() int {
	end := r.N / 4
	for _, e := range r.Estimates {
		end = max(end, min(e.K, r.N-1))
	}
	return end
}

// curves applies the methods to values in descending order, at values of k up to end that grow by a constant factor.
func curves(y []float64, end, points int) []Curve {
	var all []Curve
	for _, m := range methods {
		c := Curve{Method: m.name, Points: []Estimate{}}
		for _, k := range curveK(end, points) {
			c.Points = append(c.Points, m.estimate(y[:min(m.reach(k), len(y))], len(y), k))
		}
		all = append(all, c)
	}
	return all
}

func curveK(end, points int) []int {
	const start = 5
	var ks []int
	for i := range points {
		k := int(start * math.Pow(float64(end)/start, float64(i)/float64(max(points-1, 1))))
		if k = min(k, end); k >= start && !slices.Contains(ks, k) {
			ks = append(ks, k)
		}
	}
	return ks
}

func (r *Result) warn(s Settings) {
	add := func(format string, args ...any) { r.Warnings = append(r.Warnings, fmt.Sprintf(format, args...)) }
	if r.Zeros > 0 {
		add("%d of %d values are exactly 0, which is not part of a tail", r.Zeros, r.N)
	}
	if r.KChoice != nil && r.KChoice.K == 0 {
		add("hill and kernel have k = ceil(sqrt n): %s", r.KChoice.Warning)
	}
	for i, e := range r.Estimates {
		if !e.Gamma.Defined() {
			add("%s is undefined at k = %d: %s", e.Method, e.K, methods[i].why(e.K, r.N, s.K > 0))
		}
		if v := r.Surrogate[i]; e.Gamma.Defined() && !v.GammaBand.Defined() {
			add("%s has no Gaussian band at k = %d: its surrogates are undefined, or it reads more than %d values", e.Method, e.K, maxReach)
		}
	}
	if r.PowerLaw.NTail > 0 && r.PowerLaw.Replicates == 0 {
		add("the power law has no goodness of fit: its bootstrap was not run")
	}
}

// why says why an estimate is undefined.
func (m method) why(k, n int, given bool) string {
	switch {
	case m.name == NamePowerLaw && !given:
		return "it needs 3 distinct positive values"
	case k < m.least:
		return fmt.Sprintf("it needs k >= %d", m.least)
	case m.reach(k) > n:
		return fmt.Sprintf("it needs at least %d values, not %d", m.reach(k), n)
	}
	return "its threshold is not positive, or too many of the largest values are equal"
}
