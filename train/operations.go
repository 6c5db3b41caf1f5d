package train

// Operations is the number of multiplications and additions in the matrix products for one sample's gradient, by the definition of
// these products, whatever faster algorithms need. Weights [out, in] take 2 in out forward, the same number for their gradient and, but
// for the first layer, the same for the derivative with respect to the input; a convolution takes these at every position.
func (m *Model) Operations() float64 {
	total, first := 0.0, 0.0
	for _, l := range m.layers {
		product := 0.0
		switch layer := l.Layer.(type) {
		case *Dense:
			product = 2 * float64(layer.weight.Size())
		case *Convolution:
			product = 2 * float64(layer.weight.Size()) * float64(layer.geometry.Positions())
		}
		if first == 0 {
			first = product
		}
		total += float64(3 * product)
	}
	return total - first
}
