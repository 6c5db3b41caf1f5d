package train

// Operations is the number of multiplications and additions in the products of one sample's gradient, by their definition and not
// by what faster algorithms need: for weights [out, in], 2 in out forward, as many for their gradient and, but in the first layer, as
// many for that of the input; for a convolution, that at every position.
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
		total += 3 * product
	}
	return total - first
}
