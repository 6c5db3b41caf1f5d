package probe

import "fmt"

// WriteGradients stores gradients through a [Record], in float32: NAME.a and NAME.delta of layers that are held as factors, and
// NAME.gradient [n, P] of others, with index [n] and loss [n]. A finite value beyond the range of float32 is an error, and so are
// gradients that cannot be read.
func WriteGradients(path string, g *Gradients) error {
	if !g.Explicit() {
		return fmt.Errorf("%s: Gram matrices cannot be written as gradients", path)
	}
	var forms []LayerForm
	var units []func(i int) ([][]float32, error)
	for _, l := range g.Layers {
		form, unit := storedAs(path, l)
		forms, units = append(forms, form), append(units, unit)
	}
	r, err := CreateRecord(path, g.Meta, g.Units(), forms)
	if err != nil {
		return err
	}
	defer r.Abort()
	for at, unit := range units {
		for i := range r.n {
			parts, err := unit(i)
			if err == nil {
				err = r.take(at, i, parts...)
			}
			if err != nil {
				return err
			}
		}
	}
	stored, err := r.Finish()
	if err != nil {
		return err
	}
	return stored.Close()
}

// storedAs is how a layer is stored, and what returns the parts of a unit.
func storedAs(path string, l Layer) (LayerForm, func(i int) ([][]float32, error)) {
	form := LayerForm{Name: l.Name(), Parameters: l.Parameters()}
	switch l := l.(type) {
	case *Factored:
		form.In, form.Out = l.In, l.Out
		return form, func(i int) ([][]float32, error) {
			a, delta := l.unit(i)
			return [][]float32{a, delta}, nil
		}
	case *Streamed:
		if p, ok := l.source.(*products); ok {
			form, parts := p.form, p.form.parts()
			form.Name = l.Layer
			a, delta := make([]float32, parts[0].size()), make([]float32, parts[1].size())
			return form, func(i int) ([][]float32, error) {
				a, delta, err := p.unit(a, delta, i)
				if err != nil {
					err = fmt.Errorf("%s: %w", l.Place, err)
				}
				return [][]float32{a, delta}, err
			}
		}
	}
	wide, row := make([]float64, l.Parameters()), make([]float32, l.Parameters())
	return form, func(i int) ([][]float32, error) {
		l.UnitTo(wide, i)
		if err := l.Err(); err != nil {
			return nil, err
		}
		if err := convertTo(row, wide, i); err != nil {
			return nil, fmt.Errorf("%s: layer %s: %w", path, l.Name(), err)
		}
		return [][]float32{row}, nil
	}
}

// convertTo converts the gradient of unit i.
func convertTo[T number](dst []T, gradient []float64, i int) error {
	for j, v := range gradient {
		dst[j] = T(v)
		if !finite(dst[j]) && finite(v) {
			return fmt.Errorf("the gradient of unit %d has the value %g, beyond the range of %T", i, v, dst[j])
		}
	}
	return nil
}
