package train

// Evaluate returns the mean loss and the accuracy over limit samples of data, evenly spaced, or over all of them if limit is 0. Batch
// normalisation uses the running statistics.
func (m *Model) Evaluate(data Data, limit int) (loss, accuracy float64, err error) {
	m.begin()
	index := spaced(data.N(), limit)
	chunk := m.chunk()
	g, err := m.graph(shape{rows: chunk, frozen: true})
	if err != nil {
		return 0, 0, err
	}
	padded := make([]int, chunk)
	correct := 0
	for at := 0; at < len(index); at += chunk {
		// The last chunk is filled up with its first sample, whose copies are not counted.
		count := copy(padded, index[at:])
		for i := count; i < chunk; i++ {
			padded[i] = padded[0]
		}
		if err := g.read(data, padded, m.Classes); err != nil {
			return 0, 0, err
		}
		if err := g.run(); err != nil {
			return 0, 0, err
		}
		for i := range count {
			loss += g.Loss[i]
			if g.Predicted[i] == int(g.Labels[i]) {
				correct++
			}
		}
	}
	return loss / float64(len(index)), float64(correct) / float64(len(index)), nil
}

// spaced returns limit indices evenly spaced below n, or all.
func spaced(n, limit int) []int {
	if limit <= 0 || limit > n {
		limit = n
	}
	index := make([]int, limit)
	for i := range index {
		index[i] = i * n / limit
	}
	return index
}
