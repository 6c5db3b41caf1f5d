package probe

import (
	"fmt"
	"slices"

	"github.com/noiseprobe/noiseprobe/internal/safetensors"
)

const preconditioned = "preconditioned"

// ofUnits and ofGradients are the vectors in the order of the file.
func (m *Meeting) ofUnits() []*[]float64 {
	return []*[]float64{&m.MeanSq, &m.Spread, &m.Self, &m.SelfAlong}
}
func (m *Meeting) ofGradients() []*[]float64 {
	return []*[]float64{&m.Deviation, &m.Along, &m.Own, &m.MeanAlong, &m.Square}
}

func (p *Preconditioned) tensors() []safetensors.Tensor {
	values := []float64{float64(p.Units), p.Sharpness, p.HeldOut, p.Edge, p.Rate, p.Share}
	if p.Meeting == nil {
		return []safetensors.Tensor{safetensors.F64(preconditioned, []int{len(values)}, values)}
	}
	values = append(values, p.Meeting.MeanNormSq)
	return []safetensors.Tensor{safetensors.F64(preconditioned, []int{len(values)}, values),
		joined(preconditioned+".units", p.Meeting.ofUnits()), joined(preconditioned+".gradients", p.Meeting.ofGradients())}
}

func joined(name string, vectors []*[]float64) safetensors.Tensor {
	var all []float64
	for _, v := range vectors {
		all = append(all, *v...)
	}
	return safetensors.F64(name, []int{len(vectors), len(all) / len(vectors)}, all)
}

func (c *Curvature) readPreconditioned(f *safetensors.File, path string) error {
	if !slices.Contains(f.Names(), preconditioned) {
		return nil
	}
	values, err := f.Float64s(preconditioned)
	if err == nil && (!slices.Contains([]int{4, 6, 7}, len(values)) || !(values[0] >= 1 && values[0] <= float64(c.K()))) {
		err = fmt.Errorf("%s: %s is %v", path, preconditioned, values)
	}
	if err != nil {
		return err
	}
	c.Preconditioned = &Preconditioned{Units: int(values[0]), Sharpness: values[1], HeldOut: values[2], Edge: values[3]}
	if len(values) > 4 {
		c.Preconditioned.Rate, c.Preconditioned.Share = values[4], values[5]
	}
	if len(values) < 7 {
		return nil
	}
	m := &Meeting{MeanNormSq: values[6]}
	c.Preconditioned.Meeting = m
	if err := split(f, path, preconditioned+".units", c.K(), m.ofUnits()); err != nil {
		return err
	}
	return split(f, path, preconditioned+".gradients", c.N, m.ofGradients())
}

// split reads vectors of so many numbers each.
func split(f *safetensors.File, path, name string, length int, vectors []*[]float64) error {
	all, err := f.Float64s(name)
	if err == nil && len(all) != length*len(vectors) {
		err = fmt.Errorf("%s: %s has %d values, want %d", path, name, len(all), length*len(vectors))
	}
	if err != nil {
		return err
	}
	for i, v := range vectors {
		*v = all[i*length : (i+1)*length]
	}
	return nil
}
