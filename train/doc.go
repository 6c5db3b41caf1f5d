// Package train builds the paper's networks as Gorgonia expression graphs, computes their noise-enhanced gradients in one
// weighted pass, and steps an optimizer.
//
// The package is opinionated about speed. The built-in layers are a few fused Gorgonia ops (op.go) whose kernels write into
// buffers that the graph owns, so that a step allocates next to nothing; the gradients of all parameters are one flat vector,
// which the optimizer reads once; and any backward pass gives per-sample gradients, by a rule of each layer ([Rule]).
// Differentiation and execution are Gorgonia's.
//
// Networks consist of [Dense], [Convolution], [GhostNorm] and [MaxPool] layers, or of layers of your own ([Layer]). Inside a
// network images have their channels last. Convolutions are computed by minimal filtering (package internal/winograd) or as matrix
// products with patches. With ghost batch normalisation a step is several passes over about a hundred samples each, always whole
// ghost batches, whose gradients are added up.
//
// Start with [ParseSpec] and [NewModel]; [NewTrainer] runs the paper's schedule; a [Source] computes gradients at fixed weights.
// Functions panic for mismatched shapes, and return errors for what may be wrong with specs, data and flags.
package train
