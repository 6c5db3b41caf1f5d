// Package train builds the paper's networks as Gorgonia expression graphs, computes their noise-enhanced gradients in one
// weighted pass, and steps an optimizer.
//
// The package is opinionated about speed: the built-in layers are a few fused Gorgonia ops (op.go) whose kernels write into
// buffers that the graph owns, so that a step allocates next to nothing, parameter gradients land in one flat vector that
// the optimizer passes over once, and every layer's rule gives per-sample gradients out of any
// backward pass ([Rule]). Symbolic differentiation and execution are Gorgonia's.
//
// The networks are of [Dense] layers and of [Convolution], [GhostNorm] and [MaxPool], or of layers of your own ([Layer]). Images are
// channels last inside. Convolutions go by minimal filtering (package internal/winograd) or by products with patches; a pass takes whole ghost
// batches, of some hundred samples, and gradients add up.
//
// Start with [ParseSpec] and [NewModel]; [NewTrainer] runs the paper's schedule; a [Source] gives gradients at fixed weights.
// Functions panic for mismatched shapes and return errors for what specs, data and flags can get wrong.
package train
