package optimizer_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/noiseprobe/noiseprobe/analysis/enhancement"
	"github.com/noiseprobe/noiseprobe/analysis/optimizer"
	"github.com/noiseprobe/noiseprobe/internal/numtest"
	"github.com/noiseprobe/noiseprobe/probe"
)

// TestCoverage of the interval of f_u: parameters with noise and gradients of many scales, and units whose lengths vary (log-normal, sigma 0.5), by
// which the infinitesimal jackknife is a little short: 93% cover, of 3000 in NumPy.
func TestCoverage(t *testing.T) {
	const p, n = 40, 128
	runs := numtest.Cases(500, 100)
	sd, o := make([]float64, p), stateOf(p, 0, 1e-8)
	f, num, den := 5.0, 0.0, 0.0 // alpha = 2, minibatches of 4
	for j := range sd {
		sd[j] = math.Exp(float64(j%7) - 3)
		mu := 0.3 * math.Exp(float64(j%5)-2)
		o.Gradient[j] = float32(mu)
		s := sd[j] * sd[j] / 4
		num, den = num+f*s/(mu*mu+f*s), den+s/(mu*mu+s)
	}
	truth := num / den
	rng, covered, given := rand.New(rand.NewPCG(11, 12)), 0, 0
	for range runs {
		rows := make([]float64, n*p)
		for i := range n {
			length := math.Exp(0.5*rng.NormFloat64() - 0.25) // of mean square 1
			for j := range p {
				rows[i*p+j] = float64(o.Gradient[j]) + length*sd[j]*rng.NormFloat64()
			}
		}
		g := &probe.Gradients{Layers: []probe.Layer{probe.NewDense("layer", n, p, rows)}}
		u := row(t, analyse(t, g, o, 2), optimizer.Stationary, enhancement.ArmNE)
		if u.Withheld != "" {
			continue
		}
		given++
		if u.CI.Contains(truth) {
			covered++
		}
	}
	share := float64(covered) / float64(given)
	t.Logf("%.3f of %d intervals cover f_u = %.3f", share, given, truth)
	if math.Abs(share-0.93) > 3*math.Sqrt(0.93*0.07/float64(given)) || given < runs/2 { // three standard errors
		t.Errorf("%.3f of %d intervals cover, of %d reports", share, given, runs)
	}
}
