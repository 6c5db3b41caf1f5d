package report

import (
	"math"
	"math/rand/v2"

	"github.com/noiseprobe/noiseprobe/analysis/along"
	"github.com/noiseprobe/noiseprobe/analysis/covariance"
	"github.com/noiseprobe/noiseprobe/analysis/curvature"
	"github.com/noiseprobe/noiseprobe/analysis/enhancement"
	"github.com/noiseprobe/noiseprobe/analysis/estimate"
	"github.com/noiseprobe/noiseprobe/analysis/figure"
	"github.com/noiseprobe/noiseprobe/analysis/normality"
	"github.com/noiseprobe/noiseprobe/analysis/shape"
	"github.com/noiseprobe/noiseprobe/analysis/tail"
	"github.com/noiseprobe/noiseprobe/noise"
	"github.com/noiseprobe/noiseprobe/probe"
)

// sampleReport is an invented run of plausible size: nothing in it was measured.
func sampleReport() *Report {
	r := &Report{
		Schema: Schema,
		Run: Run{
			Model: "f1", Spec: "7x[500]", Parameters: 1900510, Alpha: 1.5, Batch: 500, Pairing: "independent",
			Optimizer: "adam", LearningRate: 0.001, AdamEps: 1e-8, Seed: 1,
			Data: Data{Name: "fashion-mnist", Source: "embedded subset", Train: 10000, Test: 2000},
			BLAS: "builtin", Workers: 2, Version: "v0.1.0", Go: "go1.26.0",
		},
		Training: Training{Steps: 600, Stopped: StoppedMaxSteps, Seconds: 41.237, TrainLoss: 0.0724, TestLoss: 0.4913, TestAccuracy: 0.8735},
	}
	losses := []float64{2.3059, 1.9312, 1.1047, 0.6571, 0.3402, 0.0724}
	for i, step := range []int{0, 4, 13, 47, 168, 600} {
		r.Checkpoints = append(r.Checkpoints, sampleCheckpoint(step, losses[i], i))
	}
	r.Checkpoints[5].addDraws()
	r.Along = sampleAlong(r)
	r.Checkpoints[5].Warnings = append(r.Checkpoints[5].Warnings, "moment estimator of the gradient norms: k = 41 of 512 is small")
	return r
}

// sampleAlong is what package along finds in the sample.
func sampleAlong(r *Report) *along.Along {
	var points []along.Point
	for _, c := range r.Checkpoints {
		points = append(points, along.Point{Step: c.Step, Population: c.Population, Size: c.NoiseSize, StepTrace: c.Noise.StepTrace, Shape: c.Shape})
	}
	return along.Of(points)
}

func sampleCheckpoint(step int, loss float64, i int) Checkpoint {
	trace := []float64{4.21, 9.83, 31.6, 48.2, 27.5, 12.34}[i]
	c := Checkpoint{
		Step: step, TrainLoss: estimate.Number(loss), TestLoss: estimate.Number(loss + 0.02*float64(i*i)),
		TestAccuracy: estimate.Number([]float64{0.1, 0.312, 0.604, 0.771, 0.842, 0.8735}[i]),
		Unit:         "sample", UnitSize: 1, Units: 512, Population: 10000, Parameters: 1900510,
		UpdateCheck: estimate.Undefined(),
		Warnings:    []string{"the leading eigenvalues are biased up: n = 512 is small against 1,900,510 parameters"},
	}
	scale := estimate.Number([]float64{38, 61, 214, 873, 2410, 0}[i])
	scaleCI := estimate.Interval{Lo: 0.8 * float64(scale), Hi: 1.3 * float64(scale)}
	switch i {
	case 4:
		scaleCI.Hi = math.Inf(1)
	case 5:
		scale, scaleCI = estimate.Undefined(), estimate.None()
	}
	c.Covariance = &covariance.Covariance{
		Trace: estimate.Number(trace * 511 / 512), TraceUnbiased: estimate.Number(trace), EffectiveRankEntropy: 141.2,
		EffectiveRankParticipation: 17.94, EffectiveRankParticipationUnbiased: 18.63,
		GradientNormSq: 0.0302, GradientNormSqUnbiased: estimate.Number(trace / float64(scale)), NoiseScale: scale,
		NoiseScalePlugin: 408, GradientDiversity: 0.8, GradientDiversityScaled: 409,
		Eigenvalues: sampleEigenvalues(trace, i),
		CI: map[string]estimate.Interval{
			"trace_unbiased": {Lo: 0.88 * trace, Hi: 1.14 * trace}, "noise_scale": scaleCI,
			"effective_rank_participation_unbiased": {Lo: 14.21, Hi: 24.9},
		},
		Layers: []covariance.Layer{
			{Name: "dense1", Parameters: 392500, Trace: 3.1, GradientNormSq: 0.0101, NoiseScale: 307},
			{Name: "output", Parameters: 5010, Trace: 0.42, GradientNormSq: 0.0007, NoiseScale: estimate.Undefined()},
		},
	}
	for _, of := range []string{"loss", "gradient norm"} {
		c.Normality = append(c.Normality, shape.Normality{
			Of: of, Axis: shape.AxisUnits, Evidence: "recorded", N: 512, ExcessKurtosisG2: estimate.Number(2*i + len(of)),
			SkewnessPredicted: estimate.Undefined(), ExcessKurtosisPredicted: estimate.Undefined(), CI: estimate.None(),
			SkewnessCI: estimate.None(), GaussianSurrogate: estimate.Interval{Lo: -0.37, Hi: 0.47},
		})
	}
	c.addSampling(i)
	c.Shape = sampleShape(i)
	c.Rejections = c.Shape.Count()
	c.Curvature, c.Optimizer = sampleCurvature(i), sampleOptimizer(step, i)
	ofStep := estimate.Number(2.5 * trace / 500)
	c.Noise = &Noise{GradientTrace: ofStep, UpdateTraceSGD: 1e-6 * ofStep, StepTrace: ofStep}
	c.NoiseSize = covariance.SizeOf(&probe.Units{Meta: probe.Meta{Population: 10000}, N: 512}, c.Covariance, nil)
	return c
}

// sampleCurvature becomes aligned with the noise along training; the last one has no intervals.
func sampleCurvature(i int) *curvature.Curvature {
	x := estimate.Number(i)
	v := &curvature.Curvature{Kind: curvature.Exact, Units: 128, Trace: 40 + 30*x, Frobenius: 9 + 8*x, FrobeniusUnbiased: 8.5 + 8*x, NoiseTrace: 103 + 400*x,
		NoiseTraceUnbiased: 101 + 400*x, Alignment: 0.6 + 0.05*x, AlignmentUnbiased: 0.65 + 0.05*x, Anisotropy: 1720 + 600*x, AnisotropyUnbiased: 1700 + 600*x,
		GradientCurvature: 5 + 9*x, GradientCurvatureUnbiased: 4.8 + 9*x, NoiseScale: 21 + 8*x, Eigenvalues: []estimate.Number{6 + 5*x, 4 + 3*x},
		Layers: []curvature.Layer{{Name: "dense1", Parameters: 392500, Trace: 3.1, NoiseTraceUnbiased: 2.2, AnisotropyUnbiased: 812},
			{Name: "output", Parameters: 5010, Trace: 36.5, NoiseTraceUnbiased: 3.1, AnisotropyUnbiased: 12.7}},
		Step:      curvature.Step{StepGain: 0.0023, StepGainUnbiased: 0.0022, StepCost: 6.6e-6 * (1 + x), StepCostUnbiased: 6.5e-6 * (1 + x), CostOverGain: 0.003 * (1 + x)},
		BreakEven: &curvature.BreakEven{LearningRate: 0.24, Batch: 1.5 * (1 + x), Alpha: 20 - x},
		CI: map[string]estimate.Interval{curvature.KeyTrace: {Lo: 33 + 30*float64(x), Hi: 48 + 30*float64(x)},
			curvature.KeyAnisotropy: {Lo: 1500, Hi: 2000 + 900*float64(x)}, curvature.KeyCostOverGain: {Lo: 0.002, Hi: math.Inf(1)}},
	}
	v.StepVerdict = curvature.Undecided
	for k := range 5 {
		c := (6 + 5*x) / estimate.Number(k+1)
		v.Eigenbasis = append(v.Eigenbasis, curvature.Direction{Curvature: c, CurvatureCI: estimate.None(), Noise: 1.3 * c, NoiseCI: estimate.Interval{Lo: float64(c), Hi: 1.7 * float64(c)}})
	}
	if i == 5 {
		v.CI, v.StepVerdict = map[string]estimate.Interval{}, ""
		v.Withheld = "few units carry the curvature (128 count as 21.9, of 30 needed); it takes 176 or more"
	}
	return v
}

// addSampling fills in what is about sampling errors.
func (c *Checkpoint) addSampling(i int) {
	v, outstanding, lengths := c.Covariance, 12+4*i, 9-i
	v.Outstanding, v.OutstandingUnitScales, v.NullEdge, v.NullEdgeUnitScales = &outstanding, &lengths, 0.42, 2.6
	v.EigenvaluesCI = []estimate.Interval{{Lo: 0.1, Hi: 0.2}}
	v.ByN = []covariance.BySize{{N: 256, TraceUnbiased: v.TraceUnbiased, NoiseScale: v.NoiseScale, EffectiveRankEntropy: 101}}
	v.Extrapolated = map[string]*covariance.Extrapolation{"effective_rank_entropy": nil, "leading_eigenvalue": nil,
		"effective_rank_participation": {Value: 18.9, CI: estimate.Interval{Lo: 14.1, Hi: 25.3}}}
	if i > 0 {
		c.Overlap = &covariance.Overlap{PreviousStep: 168, MeanCosine: 0.171, MeanCosineUnbiased: 0.214,
			Subspaces: []covariance.Subspace{{K: 1, Overlap: 0.61, Halves: 0.42, SplitHalf: 0.77}, {K: 5, Overlap: 0.58, Halves: 0.37, SplitHalf: 0.69}}}
	}
}

func sampleEigenvalues(trace float64, i int) []estimate.Number {
	values := make([]estimate.Number, 20)
	for k := range values {
		values[k] = estimate.Number(trace * 0.15 * math.Pow(float64(k+1), -0.7-0.1*float64(i)))
	}
	return values
}

// addDraws fills in what direct and resampled draws give.
func (c *Checkpoint) addDraws() {
	c.UpdateCheck = 1.3e-7
	c.PopulationNorms = &shape.PopulationNorms{
		Population: covariance.Population{Samples: 10000, Trace: 12.87, TraceUnbiased: 12.8713, Fourth: 2204, EffectiveUnits: 751.5, ShareOfLargestPercent: 0.3417},
		Tails:      []tail.Estimate{{Method: "hill", K: 250, Gamma: 0.41, TailIndex: 2.439, CI: estimate.Interval{Lo: 2.17, Hi: 2.78}}},
	}
	c.PopulationNorms.GradientNormSq, c.PopulationNorms.NoiseScale = 0.00121, 10640
	c.NoiseSize = covariance.SizeOf(nil, nil, &c.PopulationNorms.Population)
	c.Noise.StepTrace = 2.5 * 12.87 / 500
	c.Shape.Population = &shape.PopulationShape{Gamma: 12.21, NormExcessUnit: 110, Verdict: shape.Heavier, GaussianGamma: estimate.Around(0, 0.14),
		GammaCI: estimate.Interval{Lo: 12.18, Hi: 12.24}, NormExcessUnitCI: estimate.Interval{Lo: 82, Hi: 148}}
	k := c.Shape.Conclusion
	k.From, k.Gamma, k.CI, k.Recorded = shape.FromAllSamples, 12.21, c.Shape.Population.GammaCI, "below"
	k.Norms.From, k.Norms.N, k.Norms.Index = shape.FromAllSamples, 10000, tail.Index{Method: tail.NameMoment, K: 252, TailIndex: 4.31,
		CI: estimate.Interval{Lo: 3.12, Hi: 6.61}, Variance: tail.Finite}
	c.NoiseCorrelation = []enhancement.Correlation{{
		Evidence: enhancement.Direct, Pairing: "independent", Draws: 64, Predicted: 0, Measured: 0.00312,
		CI: estimate.Interval{Lo: -0.0151, Hi: 0.0214}, PValue: 0.734,
	}}
	for _, alpha := range []float64{0.5, 1, 1.5, 2, 3} {
		f := noise.Factor(alpha)
		c.Enhancement = append(c.Enhancement,
			sampleFactor(alpha, "independent", enhancement.Direct, 64, f, f*(1-0.003*(alpha-1)), 0.06),
			sampleFactor(alpha, "replacement", enhancement.Resampled, 4096, f, f*1.001, 0.008))
	}
	c.Enhancement[4].Leads = true
	c.Enhancement = append(c.Enhancement, sampleFactor(1.5, "naive", enhancement.Direct, 64, 2.25, 2.2496, 0.05))
	c.EffectiveBatch = []enhancement.EffectiveBatch{
		{Alpha: 1.5, Pairing: "independent", Batch: 500, Evidence: enhancement.Direct, Against: "recorded-units",
			Predicted: 206.2, Measured: 203.7, CI: estimate.Interval{Lo: 178.2, Hi: 231.5}, PValue: 0.86, Verdict: enhancement.Undecided, ExactTrace: true, Leads: true,
			Kind: enhancement.Measured, Reason: "about 110 draws would do, if the prediction holds", Needs: estimate.Needs{Draws: 110}},
		{Alpha: 1.5, Pairing: "independent", Batch: 500, Evidence: enhancement.Direct, Against: "sgd-at-b-eff",
			Predicted: 206, Measured: 209.1, CI: estimate.Interval{Lo: 184.9, Hi: 236.3}, PValue: 0.81, Verdict: enhancement.Undecided,
			Kind: enhancement.Measured},
	}
	c.Matched = []enhancement.Comparison{{
		Quantity: enhancement.TraceRatio, Direction: enhancement.All, Evidence: enhancement.Direct, Alpha: 1.5, Batch: 500, Effective: 206, Draws: 64,
		Predicted: 1.03, Measured: 1.012, CI: estimate.Around(1.012, 0.09), PValue: 0.42,
	}}
	for i, arm := range enhancement.Arms() {
		c.Shape.Rows = append(c.Shape.Rows, shape.Row{Arm: arm, Alpha: []float64{1.5, 1, 1}[i], Batch: []int{500, 500, 206}[i], Evidence: enhancement.Direct, Draws: 64,
			NormExcess: 0.12, CI: estimate.Interval{Lo: -0.4, Hi: 1.3}, Predicted: 0.1, PValue: 0.71})
	}
	c.ScaleExponent = []enhancement.ScaleExponent{
		{Of: "noise random1", Evidence: enhancement.Direct, Batch: 500, Draws: 64, ExponentEstimate: enhancement.ExponentEstimate{
			S: 2.31, CI: estimate.Interval{Lo: 1.24, Hi: math.Inf(1)}, GaussianSurrogate: estimate.Interval{Lo: 1.22, Hi: 6.1}}, Verdict: enhancement.Undecided},
	}
	c.ExponentConclusion = enhancement.ConcludeExponents(c.ScaleExponent)
	c.Summaries = []shape.Summary{{Of: "loss", Summary: normality.Summary{N: 512, Median: 0.01, Q1: 0.001, Q3: 0.06, TrimmedMean: 0.03, Max: 4.1, MildOutliers: 31, ExtremeOutliers: 44}}}
	c.Tails = sampleTails()
}

func sampleFactor(alpha float64, pairing, evidence string, draws int, f, got, width float64) enhancement.Factor {
	kind := enhancement.Measured
	switch {
	case alpha == 1:
		kind = enhancement.Identity
	case evidence == enhancement.Resampled || pairing == "naive":
		kind = enhancement.Theorem
	}
	return enhancement.Factor{Kind: kind,
		Alpha: alpha, Pairing: pairing, Batch: 500, Evidence: evidence, Draws: draws,
		Predicted: estimate.Number(f), Measured: estimate.Number(got), CI: estimate.Around(got, width*f),
		Equivalence: enhancement.Equivalence{Margin: estimate.Number(0.1 * f), PValue: 0.00083, Equivalent: true}, Verdict: enhancement.Equal,
	}
}

// sampleShape grows along training, and is told apart from Gaussian from the third checkpoint on.
func sampleShape(i int) *shape.Shape {
	gamma := []float64{0.001, 0.02, 0.61, 2.4, 4.3, 7.61}[i]
	verdict := shape.Heavier
	if i < 2 {
		verdict = shape.NotToldApart
	}
	s := &shape.Shape{
		Kappa: 1100, KappaUnbiased: 1160, Gamma: estimate.Number(gamma), NormExcessUnit: estimate.Number(7 * gamma), NormExcessUnitPlugin: 44, EffectiveUnits: 59.4,
		CI:      shape.Intervals{Gamma: estimate.Around(gamma, 0.05+0.3*gamma), NormExcessUnit: estimate.Around(7*gamma, 2.1*gamma)},
		Verdict: verdict,
		Tests:   []shape.Test{{Of: "all directions", By: "gamma", Statistic: 6.9, PValue: 1e-11, LogP: -25.3, Adjusted: 1e-10, Verdict: verdict}},
	}
	for k, arm := range enhancement.Arms() {
		s.Rows = append(s.Rows, shape.Row{Arm: arm, Alpha: []float64{1.5, 1, 1}[k], Batch: []int{500, 500, 206}[k], Evidence: shape.Exact,
			NormExcess: estimate.Number(0.006 * gamma), CI: estimate.None(), Unbiased: estimate.Number(0.007 * gamma * float64(k+1)),
			UnbiasedCI: estimate.Around(0.007*gamma*float64(k+1), 0.002*gamma), AllSamples: estimate.Undefined(), AllSamplesCI: estimate.None(), Predicted: estimate.Undefined(), PValue: estimate.Undefined()})
	}
	for k, of := range []string{"noise top1", "noise mean-gradient", "noise random1"} {
		d := shape.Direction{Of: of, N: 256, SkewnessG1: 0.31, SkewnessCI: estimate.Around(0.31, 0.2), ExcessKurtosisG2: estimate.Number(1.2 * float64(k)),
			CI: estimate.Around(1.2*float64(k), 0.8)}
		s.Directions = append(s.Directions, d)
		s.Tests = append(s.Tests, shape.Test{Of: of, By: "dagostino", Statistic: 9.1, PValue: 0.01, LogP: -4.6, Adjusted: 0.02,
			Verdict: []shape.Verdict{shape.NotToldApart, shape.Skewed, shape.Heavier}[k]})
	}
	s.Family = &shape.Family{Checkpoints: 6, Tests: 36, Discoveries: 22, FDR: shape.FalseDiscoveryRate}
	s.Conclusion = &shape.Conclusion{Verdict: shape.NotGaussian, In: []string{shape.InDirections}, From: shape.FromRecordedUnits, Gamma: s.Gamma, CI: s.CI.Gamma,
		OfGamma: verdict, Directions: shape.Directions{Tested: 3, Heavier: []string{"noise random1"}, Skewed: []string{"noise mean-gradient"}},
		Norms: shape.NormTail{From: shape.FromRecordedUnits, N: 512, Verdict: shape.Heavier, By: []string{tail.NameHill},
			Index: tail.Index{Method: tail.NameMoment, K: 43, TailIndex: 2.5, CI: estimate.Interval{Lo: 1.4, Hi: math.Inf(1)}, Variance: tail.Undecided, Reason: "the interval contains 2"}}}
	for k, by := range []string{"hill", "moment"} {
		s.Tests = append(s.Tests, shape.Test{Of: shape.GradientNorm, By: by, Statistic: 0.4, PValue: 0.01, LogP: -4.6, Adjusted: 0.02,
			Verdict: []shape.Verdict{shape.Heavier, shape.NotToldApart}[k]})
	}
	return s
}

func sampleTails() []shape.Tail {
	hill := func(index float64) tail.Estimate {
		return tail.Estimate{Method: "hill", K: 41, Gamma: estimate.Number(1 / index), TailIndex: estimate.Number(index),
			CI: estimate.Interval{Lo: 0.77 * index, Hi: 1.44 * index}}
	}
	heavy := tail.Estimate{Method: "moment", K: 41, Gamma: 0.4, TailIndex: 2.5, CI: estimate.Interval{Lo: 1.4, Hi: math.Inf(1)}}
	surrogate := []tail.SurrogateBand{
		{Method: "hill", TailIndex: 5.8, Band: estimate.Interval{Lo: 4.31, Hi: 7.92}, GammaBand: estimate.Interval{Lo: 1 / 7.92, Hi: 1 / 4.31}},
		{Method: "moment", TailIndex: estimate.Undefined(), Band: estimate.Interval{Lo: 5.2, Hi: math.Inf(1)}, GammaBand: estimate.Interval{Lo: -0.31, Hi: 1 / 5.2}},
	}
	return []shape.Tail{
		{Of: "loss", Axis: shape.AxisUnits, N: 512, Zeros: 3, Estimates: []tail.Estimate{hill(1.62), heavy}},
		{Of: "gradient norm", Axis: shape.AxisUnits, N: 512, Estimates: []tail.Estimate{hill(2.74), heavy}, Surrogate: surrogate},
	}
}

// sampleMetrics is a training curve to match sampleReport.
func sampleMetrics() []Metric {
	var metrics []Metric
	for step := 0; step <= 600; step += 10 {
		t := float64(step)
		m := Metric{Step: step, Epoch: step / 20, TrainLoss: 0.07 + 2.2*math.Exp(-t/60), TestLoss: 0.42 + 1.9*math.Exp(-t/50) + t/8000,
			TestAccuracy: math.NaN(), LearningRate: 0.001, Seconds: 0.07 * t}
		if step%20 == 0 {
			m.TestAccuracy = 0.87 - 0.77*math.Exp(-t/40)
		}
		metrics = append(metrics, m)
	}
	return metrics
}

// sampleFigures has one of every name.
func sampleFigures(r *Report, seed uint64) []figure.Figure {
	rng := rand.New(rand.NewPCG(seed, 1))
	trace, scale := NoiseAlongTraining(r)
	return []figure.Figure{
		Loss(sampleMetrics(), []float64{0, 1}, []float64{2.5, 2}), Accuracy(sampleMetrics()), trace, scale, sampleSpectrum(), Enhancement(r), Kurtosis(r),
		Shape([]shape.Sample{{Arm: enhancement.ArmNE, Values: heavyDraws(rng, 4096, 0.1)}, {Arm: enhancement.ArmSGD, Values: heavyDraws(rng, 4096, 0.2)},
			{Arm: enhancement.ArmEffective, Values: heavyDraws(rng, 4096, 0.5)}}), sampleHill(rng),
		Curvature(r), UpdateNoise(r), Diversity(r), KurtosisAlongTraining(r),
	}
}

func sampleSpectrum() figure.Figure {
	steps := []int{0, 47, 600}
	spectra := make([][]float64, len(steps))
	for i := range steps {
		for k := range 511 {
			spectra[i] = append(spectra[i], math.Pow(float64(k+1), -0.8-0.4*float64(i))*(1-math.Pow(float64(k)/511, 4)))
		}
	}
	return Spectrum(steps, spectra)
}

// heavyDraws is a Gaussian scale mixture: its kurtosis grows with spread.
func heavyDraws(rng *rand.Rand, n int, spread float64) []float64 {
	x := make([]float64, n)
	for i := range x {
		x[i] = rng.NormFloat64() * math.Exp(spread*rng.NormFloat64()-spread*spread)
	}
	return x
}

func sampleHill(rng *rand.Rand) figure.Figure {
	var p shape.HillPlot
	for i := 5; i < 256; i += 3 {
		p.K = append(p.K, i)
		g := 0.36 + 0.1*rng.NormFloat64()/math.Sqrt(float64(i)) + 0.0006*float64(i)
		addGamma(&p.Sample, g, 1.96*g/math.Sqrt(float64(i)))
		s := 0.1 + 0.0009*float64(i)
		addGamma(&p.Surrogate, s, 1.5*s/math.Sqrt(float64(i)))
	}
	return Hill(p)
}

func addGamma(c *shape.HillCurve, gamma, half float64) {
	c.Gamma, c.Lo, c.Hi = append(c.Gamma, gamma), append(c.Lo, gamma-half), append(c.Hi, gamma+half)
}
