package train

// Data is a labelled set of samples: dataset.Split, or any type of your own with these methods. They may be called from several
// goroutines at once, since a [Trainer] gathers the samples of a step while it computes the step before.
type Data interface {
	// N is the number of samples.
	N() int
	// Gather writes the samples with these indices into the rows of dst [len(index), inputs].
	Gather(dst []float32, index []int)
	// Labels writes their classes, 0 to classes-1.
	Labels(dst []int32, index []int)
}
