package probe

import "github.com/noiseprobe/noiseprobe/internal/gemm"

// WeightedSquares returns for every unit
//
//	sum_p w_p (g_ip - gbar_p)^2
//
// with a weight for each of all parameters, layer after layer, of any sign. Their mean over the units is sum_p w_p Sigma_pp, divisor n. Of
// factors they are products of squares, for which no gradient is formed; other layers are read once.
func (g *Gradients) WeightedSquares(w []float64) ([]float64, error) {
	if len(w) != g.Parameters() {
		panic("probe: weights of the wrong number of parameters")
	}
	dst := make([]float64, g.Units())
	for _, l := range g.Layers {
		own := w[:l.Parameters()]
		w = w[l.Parameters():]
		if f, ok := l.(*Factored); ok {
			f.addWeightedSquares(dst, own)
			continue
		}
		rows, err := rowsOf(l)
		if err != nil {
			return nil, err
		}
		s := NewStreamed(l.Name(), rows)
		s.pass(nil, selection{}, func(b block, _ []tileSums) { b.addWeightedSquares(dst, own) })
		if s.err != nil {
			return nil, s.err
		}
	}
	return dst, nil
}

// addWeightedSquares expands the square:
//
//	sum_o delta_io^2 sum_k w_ok a_ik^2 - 2 delta_i' (w o gbar) a_i + sum w gbar^2
//
// and the bias, if there is one, likewise with a = 1.
func (f *Factored) addWeightedSquares(dst, w []float64) {
	mean, constant := make([]float64, f.Parameters()), 0.0
	f.MeanTo(mean)
	for j, v := range mean {
		mean[j] *= w[j]
		constant += float64(mean[j] * v)
	}
	squares := f.bilinear(squares(f.Delta), squares(f.A), w)
	cross := f.bilinear(widened(f.Delta), widened(f.A), mean)
	for i := range dst {
		dst[i] += squares[i] - float64(2*cross[i]) + constant
	}
}

// bilinear is left_i' (V right_i + v) for every unit, with w = (V, v) split into weight and bias.
func (f *Factored) bilinear(left, right, w []float64) []float64 {
	product := make([]float64, f.N*f.Out)
	if !f.NoBias {
		for i := range f.N {
			copy(product[i*f.Out:], w[f.Out*f.In:])
		}
	}
	gemm.Dgemm(false, true, f.N, f.Out, f.In, 1, right, f.In, w, f.In, 1, product, f.Out)
	sums := make([]float64, f.N)
	for i := range sums {
		sums[i] = dot64(left[i*f.Out:(i+1)*f.Out], product[i*f.Out:(i+1)*f.Out])
	}
	return sums
}

// addWeightedSquares is for a block of centred gradients.
func (b block) addWeightedSquares(dst, w []float64) {
	width := b.right - b.left
	for i := range dst {
		for j, v := range b.values[i*width : (i+1)*width] {
			dst[i] += float64(w[b.left+j] * v * v)
		}
	}
}
