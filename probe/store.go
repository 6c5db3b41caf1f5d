package probe

import (
	"fmt"
	"slices"
	"strings"

	"github.com/noiseprobe/noiseprobe/internal/safetensors"
)

// GradientsSchema names the version of gradients.safetensors.
const GradientsSchema = "noiseprobe/gradients/1"

// DenseSchema names the version of files with one tensor NAME [n, P] a layer.
const DenseSchema = "noiseprobe/dense-gradients/1"

// What a file of gradients holds.
const (
	RecordFactored = "factored" // gradients, layer by layer: as factors or as they are
	RecordGram     = "gram"     // second moments only
)

// header is the metadata of a gradients file.
type header struct {
	Step       int           `json:"step"`
	Unit       string        `json:"unit"`
	UnitSize   int           `json:"unit_size"`
	Population int           `json:"population"`
	Record     string        `json:"record"`
	Layers     []layerHeader `json:"layers,omitempty"`
	layerFacts
}

type layerHeader struct {
	Name       string  `json:"name"`
	Parameters int     `json:"parameters"`
	Trace      float64 `json:"trace"`
	MeanNormSq float64 `json:"mean_norm_sq"`
}

func (m Meta) header(record string) header {
	return header{Step: m.Step, Unit: m.Unit, UnitSize: m.UnitSize, Population: m.Population, Record: record}
}

// metaArrays are index [n] and loss [n].
func (m Meta) metaArrays() []safetensors.Tensor {
	return []safetensors.Tensor{
		safetensors.I64("index", []int{len(m.Index)}, integers[int64](m.Index)),
		safetensors.F64("loss", []int{len(m.Loss)}, m.Loss),
	}
}

// WriteUnits stores second moments only: gram.centred [n, n], gram.norm_sq [n], gram.mean_dot [n] and gram.mean_norm_sq [1];
// projection.NAME [n] for every direction; index [n] and loss [n]; and, where known, the distribution of the parameters' variances
// as diagonal.variance and diagonal.parameters, and the sampled coordinates as coordinates.index and coordinates.values.
func WriteUnits(path string, u *Units) error {
	about := u.header(RecordGram)
	for _, l := range u.Layers {
		about.Layers = append(about.Layers, layerHeader(l))
	}
	arrays := []safetensors.Tensor{
		safetensors.F64("gram.centred", []int{u.N, u.N}, u.Centred),
		safetensors.F64("gram.norm_sq", []int{u.N}, u.NormSq),
		safetensors.F64("gram.mean_dot", []int{u.N}, u.MeanDot),
		safetensors.F64("gram.mean_norm_sq", []int{1}, []float64{u.MeanNormSq}),
	}
	arrays = append(arrays, u.diagonalArrays()...)
	arrays = append(arrays, u.coordinateArrays()...)
	for _, p := range u.Projections {
		arrays = append(arrays, safetensors.F64("projection."+p.Name, []int{u.N}, p.Values))
	}
	return writeArrays(path, GradientsSchema, about, append(arrays, u.metaArrays()...))
}

func readMeta(f *safetensors.File, path string, about header) (Meta, error) {
	m := Meta{Step: about.Step, Unit: about.Unit, UnitSize: about.UnitSize, Population: about.Population}
	index, err := f.Int64s("index")
	if err != nil {
		return m, err
	}
	m.Index = integers[int](index)
	if m.Loss, err = f.Float64s("loss"); err == nil && len(m.Loss) != len(m.Index) {
		err = fmt.Errorf("%s: %d losses for %d units", path, len(m.Loss), len(m.Index))
	}
	return m, err
}

func readMoments(f *safetensors.File, path string, meta Meta, about header) (*Units, error) {
	u := &Units{Meta: meta, N: len(meta.Index)}
	for _, l := range about.Layers {
		u.Layers = append(u.Layers, LayerMoments(l))
		u.Parameters += l.Parameters
	}
	var norm []float64
	for name, dst := range map[string]*[]float64{
		"gram.centred": &u.Centred, "gram.norm_sq": &u.NormSq, "gram.mean_dot": &u.MeanDot, "gram.mean_norm_sq": &norm,
	} {
		var err error
		if *dst, err = f.Float64s(name); err != nil {
			return nil, err
		}
	}
	if len(u.Centred) != u.N*u.N || len(u.NormSq) != u.N || len(u.MeanDot) != u.N || len(norm) != 1 || u.N < 2 {
		return nil, fmt.Errorf("%s: arrays do not belong to %d units", path, u.N)
	}
	u.MeanNormSq = norm[0]
	if err := u.readDiagonal(f, path); err != nil {
		return nil, err
	}
	if err := u.readCoordinates(f, path); err != nil {
		return nil, err
	}
	names := f.Names()
	slices.Sort(names)
	for _, array := range names {
		name, ok := strings.CutPrefix(array, "projection.")
		if !ok {
			continue
		}
		values, err := f.Float64s(array)
		if err != nil {
			return nil, err
		}
		if len(values) != u.N {
			return nil, fmt.Errorf("%s: %s has %d values for %d units", path, array, len(values), u.N)
		}
		u.Projections = append(u.Projections, Projection{Name: name, Values: values})
	}
	return u, nil
}
