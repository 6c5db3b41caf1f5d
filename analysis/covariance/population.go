package covariance

import (
	"slices"

	"github.com/noiseprobe/noiseprobe/analysis/estimate"
	"github.com/noiseprobe/noiseprobe/probe"
)

// Population describes the gradients g_i of all N training samples by their squared distances from the mean gradient, d_i = |g_i - gbar|^2.
// No sample is left out, so that nothing here has a sampling error.
type Population struct {
	Samples int `json:"samples"` // N
	// Trace is tr Sigma = (1/N) sum d_i; TraceUnbiased divides by N-1.
	Trace         estimate.Number `json:"trace"`
	TraceUnbiased estimate.Number `json:"trace_unbiased"`
	// Fourth is E|g - gbar|^4 = (1/N) sum d_i^2.
	Fourth estimate.Number `json:"fourth"`
	// EffectiveUnits is (sum d_i)^2 / sum d_i^2: N where all are equally long, 1 where one carries everything.
	EffectiveUnits estimate.Number `json:"effective_units"`
	// ShareOfLargestPercent is the share of tr Sigma that the largest d_i hold, of one sample in a hundred, rounded up.
	ShareOfLargestPercent estimate.Number `json:"share_of_largest_percent"`
	// GradientNormSq is |gbar|^2, and NoiseScale is Trace over that, in samples; undefined where the mean gradient is 0.
	GradientNormSq estimate.Number `json:"gradient_norm_sq"`
	NoiseScale     estimate.Number `json:"noise_scale"`
}

// PopulationOf sums up the norms of at least 2 samples. Where all gradients are alike the ratios are undefined.
func PopulationOf(s *probe.SampleNorms) Population {
	d := s.Distances()
	n, total, squares := float64(len(d)), estimate.Sum(d), 0.0
	for _, v := range d {
		squares += float64(v * v)
	}
	slices.Sort(d)
	largest := estimate.Sum(d[len(d)-(len(d)+99)/100:])
	return Population{
		Samples: len(d), Trace: estimate.Number(total / n), TraceUnbiased: estimate.Number(total / (n - 1)), Fourth: estimate.Number(squares / n),
		EffectiveUnits: estimate.Number(ratio(total*total, squares)), ShareOfLargestPercent: estimate.Number(ratio(largest, total)),
		GradientNormSq: estimate.Number(s.MeanNormSq), NoiseScale: estimate.Number(ratio(total/n, s.MeanNormSq)),
	}
}
