package bench

// Result is what [Run] measured, and the document that the command prints. Times are medians in milliseconds.
type Result struct {
	CPU        string `json:"cpu"`
	BLAS       string `json:"blas"`
	Workers    int    `json:"workers"`
	Version    string `json:"version"`
	Go         string `json:"go"`
	Model      string `json:"model"`
	Spec       string `json:"spec"`
	Parameters int    `json:"parameters"`

	Batch int     `json:"batch"`
	Alpha float64 `json:"alpha"`
	// Samples is the number that a step reads: B where alpha is 1, 2B elsewhere.
	Samples int `json:"samples"`
	// GradientMS is one weighted forward and backward pass over the samples, which lie in memory: nothing is gathered. StepMS
	// is the same and Adam's update.
	GradientMS float64 `json:"gradient_ms"`
	StepMS     float64 `json:"step_ms"`
	// GemmGFLOPS is the rate of a 1000×500×500 product A Bᵀ in float32, in 10^9 operations a second: 2mnk operations, a
	// multiplication and an addition each.
	GemmGFLOPS float64 `json:"gemm_gflops"`
	Gram       *Gram   `json:"gram"`

	// GradientGFLOPS is the rate at which the gradient gets through its matrix products, everything else that it does being
	// counted as time only, and GemmShare its ratio to GemmGFLOPS.
	GradientGFLOPS   float64 `json:"gradient_gflops"`
	GemmShare        float64 `json:"gemm_share"`
	SamplesPerSecond float64 `json:"samples_per_second"`
	// Timings has the range of every figure, by its key.
	Timings map[string]Timing `json:"timings"`
}

// Gram is about per-sample gradients.
type Gram struct {
	Units int `json:"units"`
	// UnitSize is the number of samples in one, that of a ghost batch in networks that normalise them.
	UnitSize int `json:"unit_size"`
	// RecordMS is the forward and backward passes over the units, without gathering, that keep their factors. GramMS is
	// the Gram matrix of these, summed over the layers and centred.
	RecordMS float64 `json:"record_ms"`
	GramMS   float64 `json:"gram_ms"`
	// Bytes is what stays in memory afterwards: the record (factors, mean gradient, index and loss of every unit) and the
	// Gram matrix with the two numbers that go with every unit. Buffers of the passes and of the products are not in it.
	Bytes int64 `json:"bytes"`
}
