package report

// Scalar is a headline number of a checkpoint under its name in logs of other programs.
type Scalar struct {
	Name  string
	Value float64
}

// Scalars are the headline numbers of a checkpoint that are defined, without their intervals.
func Scalars(c Checkpoint) []Scalar {
	var all []Scalar
	add := func(name string, value float64) {
		if finite(value) {
			all = append(all, Scalar{name, value})
		}
	}
	if z := c.NoiseSize; z != nil {
		add("noise/trace", float64(z.Trace))
		add("noise/noise_scale", float64(z.NoiseScale))
	}
	if c.Covariance != nil {
		add("noise/gradient_norm_sq", float64(c.Covariance.GradientNormSqUnbiased))
		add("noise/directions", float64(c.Covariance.EffectiveRankParticipationUnbiased))
	}
	if f := leadingFactor(c); f != nil {
		add("enhancement/f", float64(f.Measured))
	}
	if b := leadingBatch(c); b != nil {
		add("enhancement/effective_batch", float64(b.Measured))
	}
	if c.Shape != nil && c.Shape.Conclusion != nil {
		add("shape/gamma", float64(c.Shape.Conclusion.Gamma))
	}
	return all
}
