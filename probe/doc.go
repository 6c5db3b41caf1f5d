// Package probe records per-unit gradients and computes their second moments, where possible without forming the gradients.
//
// The gradient of a dense layer for sample i is an outer product delta_i a_i^T, so that a checkpoint keeps only the factors
// a [n, in] and delta [n, out] ([Factored]). Of other layers it keeps the gradients or their factors, whichever are smaller
// ([LayerForm]). A [Record] collects them unit by unit, in memory or in a file. Gradients from elsewhere are held in memory
// ([Dense], [Embedding]) or stay in their files ([Streamed]), which [Open] opens. In each case a [Gradients] value gives norms, the Gram
// matrix, the mean gradient, projections onto any direction, and single gradients on demand. Where of a layer the inner products are all that
// is known ([Gram]), it gives what follows from these.
//
// Analysis needs little of this: the centred n×n Gram matrix, per-layer norms, losses and a few projections. They are a
// [Units] value, made by [Gradients.Reduce] and read back by [ReadUnits]. The noise of real minibatches, computed by backward
// passes at fixed weights, is a [Draws] value, made by [Measure]. It has the norms of all training samples as well, [SampleNorms], where the
// source gives them.
//
// Gradients of the same network with other labels are the columns of the Gauss-Newton matrix of the loss, [Columns]. What they say of the recorded gradients
// is reduced to a [Curvature] value, which a checkpoint stores in their place.
//
// Shapes are written n×P, row i = unit i. Sums over layers are in float64; within a factored layer, products of the factors, less
// their means, are in float32. Functions panic for mismatched shapes; what only a file can get wrong is an error that names the file.
package probe
