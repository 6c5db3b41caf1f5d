// Package dataset provides the labelled images that the networks are trained on: Fashion-MNIST, CIFAR-10, CIFAR-100, a
// subset of Fashion-MNIST that is part of the program, and synthetic images. Start with [Open]; [Split.Gather] makes the
// batches.
//
// This package is opinionated. Pixels stay bytes, as in the files, and become float32 in [0, 1] batch by batch, so that all of
// Fashion-MNIST takes 55 MB of memory. Data that were asked for by name are used or refused, never replaced by others;
// only "auto" falls back to the embedded subset, and says so in [Dataset.Notice]. A file is accepted only if its header, size,
// counts and labels agree with each other and with the set; an error is one line that names the file.
//
// [Locate] looks for the files of a set, [Verify] compares them with known checksums and [Fetch] downloads them.
package dataset
