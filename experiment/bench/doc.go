// Package bench times the engine on this machine: steps, per-unit gradients and their Gram matrix, beside a bare matrix product.
//
// It is opinionated about what is timed. Every figure is the median of repeats, with the range; the data are random pixels that lie in
// memory, so that nothing is read or gathered; weights stay as they are, so that every repeat does the same work. Start with [Default]
// and [Run].
package bench
