package train

// EstimateMemory is about the number of bytes that a run takes: parameters with their gradients and optimizer state, the graphs of all batch shapes,
// and the record of units with its Gram matrix, which the analysis copies for its eigenvalues.
func EstimateMemory(spec Spec, inputs, classes int, alpha float64, batch, units int) float64 {
	parameters, width := 0.0, 0.0
	in := float64(inputs)
	layer := func(out float64) {
		parameters += out * (in + 1)
		width += in + 3*out // input, and output, delta and derivative
		in = out
	}
	for _, s := range spec.Stacks {
		for range s.Count {
			layer(float64(s.Out))
		}
	}
	layer(float64(classes))
	rows := float64(batch) + float64(min(units, chunk)) + 2*chunk
	if alpha != 1 {
		rows += 4 * float64(batch) // the pair, and B_eff, which is at most 2B
	}
	n := float64(units)
	return 4*(8*parameters+rows*width+2*n*width) + 3*8*n*n
}
