package probe

import "github.com/noiseprobe/noiseprobe/internal/gemm"

// WeightedSquares returns for every unit, a row for each of some sets of weights of all parameters, layer after layer and of any sign,
//
//	sum_p w_p (g_ip - gbar_p)^2
//
// The mean over the units is sum_p w_p Sigma_pp, divisor n. Of factors they are products of squares, for which no gradient is formed; other layers
// are read once.
func (g *Gradients) WeightedSquares(weights ...[]float64) ([][]float64, error) {
	sums, own := make([][]float64, len(weights)), make([][]float64, len(weights))
	for k, w := range weights {
		checkSize("all layers", len(w), g.Parameters())
		sums[k] = make([]float64, g.Units())
	}
	at := 0
	for _, l := range g.Layers {
		for k, w := range weights {
			own[k] = w[at : at+l.Parameters()]
		}
		at += l.Parameters()
		if f, ok := l.(*Factored); ok {
			f.addWeightedSquares(sums, own)
			continue
		}
		s, err := inBlocks(l)
		if err != nil {
			return nil, err
		}
		pass(s, s.source.ReadBlock, wanted{}, func(b block[float64], _ []tileSums) {
			for k, w := range own {
				addWeightedSquares(b, sums[k], w)
			}
		})
		if s.err != nil {
			return nil, s.err
		}
	}
	return sums, nil
}

// addWeightedSquares expands the square:
//
//	sum_o delta_io^2 sum_k w_ok a_ik^2 - 2 delta_i' (w o gbar) a_i + sum w gbar^2
//
// and the bias, if there is one, likewise with a = 1.
func (f *Factored) addWeightedSquares(sums, weights [][]float64) {
	mean, weighted := make([]float64, f.Parameters()), make([]float64, f.Parameters())
	f.MeanTo(mean)
	deltaSq, aSq, delta, a := squares(f.Delta), squares(f.A), widened(f.Delta), widened(f.A)
	for k, w := range weights {
		constant := 0.0
		for j, v := range mean {
			weighted[j] = v * w[j]
			constant += float64(weighted[j] * v)
		}
		square, cross := f.bilinear(deltaSq, aSq, w), f.bilinear(delta, a, weighted)
		for i := range square {
			sums[k][i] += square[i] - float64(2*cross[i]) + constant
		}
	}
}

// bilinear is left_i' (V right_i + b) for every unit, with w = (V, b) split into weight and bias.
func (f *Factored) bilinear(left, right, w []float64) []float64 {
	product, bias := make([]float64, f.N*f.Out), w[f.Out*f.In:] // empty where there is none
	for i := range f.N {
		copy(product[i*f.Out:], bias)
	}
	gemm.Dgemm(false, true, f.N, f.Out, f.In, 1, right, f.In, w, f.In, 1, product, f.Out)
	sums := make([]float64, f.N)
	for i := range sums {
		sums[i] = dot64(left[i*f.Out:(i+1)*f.Out], product[i*f.Out:(i+1)*f.Out])
	}
	return sums
}

// addWeightedSquares is for a block of centred gradients.
func addWeightedSquares(b block[float64], dst, w []float64) {
	width := b.right - b.left
	for i := range dst {
		for j, v := range b.values[i*width : (i+1)*width] {
			dst[i] += float64(w[b.left+j] * v * v)
		}
	}
}
