package probe

// First returns the gradients of the first n units. Layers that are read from files still are, and are closed with g.
func (g *Gradients) First(n int) *Gradients {
	if n >= g.Units() {
		return &Gradients{Meta: g.Meta, Layers: g.Layers}
	}
	part := &Gradients{Meta: g.Meta}
	if len(g.Index) > 0 {
		part.Index = g.Index[:n]
	}
	if len(g.Loss) > 0 {
		part.Loss = g.Loss[:n]
	}
	for _, l := range g.Layers {
		switch l := l.(type) {
		case *Factored:
			f := NewFactored(l.Layer, n, l.In, l.Out, l.A[:n*l.In], l.Delta[:n*l.Out])
			f.NoBias = l.NoBias
			part.Layers = append(part.Layers, f)
		case *Dense:
			part.Layers = append(part.Layers, NewDense(l.Layer, n, l.P, l.G[:n*l.P]))
		case *Streamed:
			part.Layers = append(part.Layers, NewStreamed(l.Layer, firstRows{l.source, n}))
		}
	}
	return part
}

// firstRows is a matrix of which only the first rows are known.
type firstRows struct {
	Blocks
	n int
}

func (f firstRows) Units() int { return f.n }

func (f firstRows) granule() int {
	if g, ok := f.Blocks.(granular); ok {
		return g.granule()
	}
	return tileColumns
}
