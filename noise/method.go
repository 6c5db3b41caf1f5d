package noise

import "math"

// Method is how a training step gets more noise. All of them are set by alpha, at which each multiplies the covariance of the noise relative to the
// squared mean by the same f = alpha^2 + (1 - alpha)^2; what else they change tells them apart.
type Method string

const (
	// NE mixes the gradients of two minibatches, Eq. 6.
	NE Method = "ne"
	// PNM is positive-negative momentum (Xie et al., ICML 2021, arXiv:2103.17182): one minibatch a step, and the momenta of even and of odd steps
	// mixed, see [PNMUpdate].
	PNM Method = "pnm"
	// LargeNoise adds the difference of two minibatch gradients (Cheng, Yin, Bartlett and Jordan, arXiv:1907.03215), see [LargeNoiseWeight].
	LargeNoise Method = "large-noise"
)

// MethodNames are the names of all methods.
func MethodNames() []string { return []string{string(NE), string(PNM), string(LargeNoise)} }

// MinibatchWeights are the weights of the gradients of independent minibatches of the same size in the gradient of a step: alpha and 1 - alpha for
// NE, 1, c and -c for [LargeNoise]. At alpha = 1, and for PNM, which acts on the momenta, there is one minibatch. They add up to 1, which leaves the
// mean as it is. For any such weights the covariance is f = sum w^2 times that of one minibatch if they are drawn independently.
func (m Method) MinibatchWeights(alpha float64) []float64 {
	switch {
	case alpha == 1 || m == PNM:
		return []float64{1}
	case m == LargeNoise:
		c := LargeNoiseWeight(alpha)
		return []float64{1, c, -c}
	}
	return []float64{alpha, 1 - alpha}
}

// LargeNoiseWeight is c of the gradient g + c (g' - g”) that has the noise of NE at alpha:
//
//	f = 1 + 2 c^2 = alpha^2 + (1 - alpha)^2,    c = sqrt(alpha (alpha - 1))
//
// It is NaN for 0 < alpha < 1, where f < 1. The added noise c (g' - g”) has no third cumulant, nor any other of odd order.
func LargeNoiseWeight(alpha float64) float64 { return math.Sqrt(alpha * (alpha - 1)) }

// CumulantFactor is that by which a mixture of independent minibatches multiplies a cumulant of order r of one of them: sum w^r, s_r for NE.
func CumulantFactor(weights []float64, r int) float64 {
	sum := 0.0
	for _, w := range weights {
		sum += math.Pow(w, float64(r))
	}
	return sum
}

// PNMUpdate is the theory of positive-negative momentum at fixed weights, for independent minibatch gradients g_t:
//
//	m_t = beta^2 m_(t-2) + (1 - beta^2) g_t,    u_t = (alpha m_t + (1 - alpha) m_(t-1)) / sqrt f
//
// Xie et al. write 1 + beta_0 for alpha.
type PNMUpdate struct{ Beta, Alpha float64 }

// Mean is that of u over that of g, 1 / sqrt f: the signal shrinks.
func (p PNMUpdate) Mean() float64 { return 1 / math.Sqrt(Factor(p.Alpha)) }

// Cumulant is the factor by which a cumulant of order r of u is that of g,
//
//	(1 - q)^r / (1 - q^r) s_r / f^(r/2),    q = beta^2
//
// so that the variance, r = 2, is that of momentum beta^2 without the mixing.
func (p PNMUpdate) Cumulant(r int) float64 {
	q, order := float64(p.Beta*p.Beta), float64(r)
	return math.Pow(1-q, order) / (1 - math.Pow(q, order)) * PowerSum(p.Alpha, r) / math.Pow(Factor(p.Alpha), order/2)
}

// Lag is the covariance of u_t and u_(t+k) over that of g:
//
//	k even: q^(k/2) V,    k odd: q^((k-1)/2) (1 + q) alpha (1 - alpha) / f V,    V = (1 - q) / (1 + q)
//
// It is negative for odd k if alpha > 1: a minibatch that moves the weights one way in a step moves them back in the next one.
func (p PNMUpdate) Lag(k int) float64 {
	q := float64(p.Beta * p.Beta)
	v := (1 - q) / (1 + q) * math.Pow(q, float64(k/2))
	if k%2 == 0 {
		return v
	}
	return v * (1 + q) * p.Alpha * (1 - p.Alpha) / Factor(p.Alpha)
}

// LongRun is the sum of Lag over all k of both signs, 1 / f: what many steps add to the covariance of slowly moving weights. It is the squared Mean,
// so that over many steps PNM has the noise and the signal of plain SGD with a learning rate that is smaller by sqrt f.
func (p PNMUpdate) LongRun() float64 { return 1 / Factor(p.Alpha) }
