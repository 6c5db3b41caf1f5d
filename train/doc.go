// Package train builds the paper's networks as Gorgonia expression graphs, computes their noise-enhanced gradients in one
// weighted pass, and steps an optimizer.
//
// The package is opinionated about speed: the built-in layers are a few fused Gorgonia ops (op.go) whose kernels write into
// buffers that the graph owns, so that a step allocates next to nothing, parameter gradients land in one flat vector that
// the optimizer passes over once, and the layer inputs and deltas that per-sample gradients are made of can be read off
// after any backward pass. Symbolic differentiation and execution are Gorgonia's.
//
// Start with [ParseSpec] and [NewModel]; [NewTrainer] runs the paper's schedule; a [Source] gives gradients at fixed weights.
// Functions panic for mismatched shapes and return errors for what specs, data and flags can get wrong.
package train
