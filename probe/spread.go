package probe

// Spread returns the gradients of n units, evenly spaced among all: records are sorted by sample, and data sets often by class. Layers that
// are read from files still are, and are closed with g. It panics for an [Embedding] and a [Gram], which are not cut into units.
func (g *Gradients) Spread(n int) *Gradients {
	if n >= g.Units() {
		return &Gradients{Meta: g.Meta, Layers: g.Layers}
	}
	return g.only(evenly(n, g.Units()))
}

// evenly are n of so many places, evenly spaced.
func evenly(n, among int) []int {
	places := make([]int, n)
	for k := range places {
		places[k] = k * among / n
	}
	return places
}

// Halves returns the gradients of every second unit and of the others, as Spread does.
func (g *Gradients) Halves() (even, odd *Gradients) {
	var places [2][]int
	for i := range g.Units() {
		places[i%2] = append(places[i%2], i)
	}
	return g.only(places[0]), g.only(places[1])
}

// only are the gradients of some units.
func (g *Gradients) only(places []int) *Gradients {
	n, part := len(places), &Gradients{Meta: g.Meta}
	part.Index, part.Loss = pick(g.Index, places, 1), pick(g.Loss, places, 1)
	for _, l := range g.Layers {
		switch l := l.(type) {
		case *Factored:
			f := NewFactored(l.Layer, n, l.In, l.Out, pick(l.A, places, l.In), pick(l.Delta, places, l.Out))
			f.NoBias = l.NoBias
			part.Layers = append(part.Layers, f)
		case *Dense:
			part.Layers = append(part.Layers, NewDense(l.Layer, n, l.P, pick(l.G, places, l.P)))
		case *Streamed:
			part.Layers = append(part.Layers, l.with(someRows{l.source, places}))
		default:
			panic("probe: layer " + l.Name() + " cannot be cut into units")
		}
	}
	return part
}

// pick copies some rows of so many numbers; of nothing nothing.
func pick[T any](rows []T, places []int, width int) []T {
	if len(rows) == 0 {
		return nil
	}
	picked := make([]T, 0, len(places)*width)
	for _, i := range places {
		picked = append(picked, rows[i*width:(i+1)*width]...)
	}
	return picked
}

// someRows is a matrix of which some rows are left.
type someRows struct {
	Blocks
	places []int
}

func (s someRows) Units() int { return len(s.places) }

func (s someRows) ReadBlock(dst []float64, top, bottom, left, right int) error {
	width := right - left
	for k, i := range s.places[top:bottom] {
		if err := s.Blocks.ReadBlock(dst[k*width:(k+1)*width], i, i+1, left, right); err != nil {
			return err
		}
	}
	return nil
}

func (s someRows) granule() int { return granuleOf(s.Blocks) }
