package train

// Data is a labelled set of samples; dataset.Split is one, and so is any type of your own with these methods.
// They are called from several goroutines at once: a [Trainer] gathers a step's samples while it computes the one before.
type Data interface {
	// N is the number of samples.
	N() int
	// Gather writes the samples with these indices into the rows of dst [len(index), inputs].
	Gather(dst []float32, index []int)
	// Labels writes their classes, 0 to classes-1.
	Labels(dst []int32, index []int)
}
