package train

// Bytes estimates the memory of a run: parameters with their gradients and optimizer state, the graphs of all batch shapes,
// and the record of units with its Gram matrix.
func Bytes(spec Spec, inputs, classes int, alpha float64, batch, units int) int64 {
	parameters, width := 0, 0
	in := inputs
	layer := func(out int) {
		parameters += out * (in + 1)
		width += in + 3*out // input, and output, delta and derivative
		in = out
	}
	for _, s := range spec.Stacks {
		for range s.Count {
			layer(s.Out)
		}
	}
	layer(classes)
	rows := batch + min(units, chunk) + 2*chunk
	if alpha != 1 {
		rows += 3 * batch // the pair, and at most one B_eff
	}
	floats := 8*int64(parameters) + int64(rows)*int64(width) + 2*int64(units)*int64(width)
	return 4*floats + 4*8*int64(units)*int64(units)
}
