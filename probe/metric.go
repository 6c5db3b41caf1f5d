package probe

import (
	"fmt"
	"math"
)

// InMetric returns the gradients in the metric of a diagonal matrix D with non-negative elements: D^(1/2) g_i, so that their covariance is
// D^(1/2) Sigma D^(1/2) and their inner products are g_i' D g_j. d runs over all parameters, layer after layer. The products of factors do
// not factor any more: gradients are formed, in blocks. An error names a layer whose single gradients are not known.
func (g *Gradients) InMetric(d []float64) (*Gradients, error) {
	scaled := &Gradients{Meta: g.Meta}
	for l, own := range parts(g, d) {
		if f, ok := l.(*Factored); ok {
			scaled.Layers = append(scaled.Layers, &metricFactored{f, own})
			continue
		}
		s, err := inBlocks(l)
		if err != nil {
			return nil, err
		}
		root := make([]float64, len(own))
		for j, v := range own {
			root[j] = math.Sqrt(v)
		}
		scaled.Layers = append(scaled.Layers, s.with(&scaledColumns{s.source, root}))
	}
	return scaled, nil
}

// inBlocks is the layer as one that is read in blocks, for a pass of its own.
func inBlocks(l Layer) (*Streamed, error) {
	switch l := l.(type) {
	case *Streamed:
		return l.with(l.source), nil
	case *Dense:
		return NewStreamed(l.Layer, l), nil
	}
	return nil, fmt.Errorf("layer %s: has no gradients of single units", l.Name())
}

// scaledColumns is a matrix whose columns are multiplied by scale.
type scaledColumns struct {
	Blocks
	scale []float64
}

func (s *scaledColumns) ReadBlock(dst []float64, top, bottom, left, right int) error {
	if err := s.Blocks.ReadBlock(dst, top, bottom, left, right); err != nil {
		return err
	}
	width := right - left
	for i := range bottom - top {
		row := dst[i*width : (i+1)*width]
		for j, v := range s.scale[left:right] {
			row[j] *= v
		}
	}
	return nil
}

func (s *scaledColumns) granule() int { return granuleOf(s.Blocks) }
