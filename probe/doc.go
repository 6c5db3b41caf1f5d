// Package probe records per-unit gradients and knows how to get second moments out of them without forming them.
//
// The gradient of a dense layer for sample i is an outer product delta_i a_i^T, so a checkpoint keeps the factors a [n, in]
// and delta [n, out] ([Factored]), and other layers whichever of gradients and factors is smaller ([LayerForm]). A [Record] takes them
// in, unit after unit, into memory or straight into a file. Gradients from elsewhere are kept as they come ([Dense]), or stay in
// their files ([Streamed]), which [Open] opens. Either way a [Gradients] value gives norms, the Gram matrix, the mean gradient,
// projections onto any direction and single gradients on demand.
//
// What analysis needs is small: the centred n×n Gram matrix, per-layer norms, losses and a few projections. That is a
// [Units] value, made by [Gradients.Reduce] and read back by [ReadUnits]. Noise of real minibatches, drawn through real
// backward passes at fixed weights, is a [Draws] value, made by [Measure].
//
// Shapes are written n×P, row i = unit i. Sums over layers are in float64; within a factored
// layer, products of the factors are in float32. Functions panic for mismatched shapes; what
// only a file can get wrong is an error that names it.
package probe
