package probe

import (
	"fmt"
	"slices"

	"github.com/noiseprobe/noiseprobe/internal/safetensors"
)

// CurvatureSchema names the version of curvature.safetensors.
const CurvatureSchema = "noiseprobe/curvature/1"

type curvatureHeader struct {
	Drawn bool `json:"drawn"`
	// Each is the number of columns of a unit, Recorded n and Directions the number of eigenvectors that noise was looked at along.
	Each       int              `json:"each"`
	Recorded   int              `json:"recorded"`
	Directions int              `json:"directions"`
	Layers     []curvatureLayer `json:"layers"`
}

type curvatureLayer struct {
	Name       string `json:"name"`
	Parameters int    `json:"parameters"`
}

// sums are the numbers of a layer in the order of the file.
func (l *LayerCurvature) sums() []*float64 {
	return []*float64{&l.Trace, &l.MeanSq, &l.Deviation, &l.OwnDeviation, &l.OwnAlong}
}

// arrays are those whose shapes follow from the numbers of units and directions.
func (c *Curvature) arrays() []storedArray {
	k := c.K()
	judged, others := k-k/2, c.N-k/2
	return []storedArray{
		{"trace", &c.Trace, []int{k}}, {"pair", &c.Pair, []int{k, k}}, {"mean_sq", &c.MeanSq, []int{k}},
		{"along", &c.Along, []int{k, c.N}}, {"deviation", &c.Deviation, []int{k, c.N}}, {"own", &c.Own, []int{k, c.N}},
		{"basis.curvature", &c.Basis.Curvature, []int{c.Basis.Count, judged}}, {"basis.noise", &c.Basis.Noise, []int{c.Basis.Count, others}},
	}
}

// WriteCurvature stores the second moments of the Gauss-Newton matrix F, from which everything about it is computed again; the columns themselves
// would be as large as the gradients of as many units. With K units, of n recorded ones:
//
//	unit [K]                       their places among the recorded units
//	trace [K], pair [K, K]         tr F_k and tr F_k F_l
//	mean_sq [K]                    gbar' F_k gbar
//	along, deviation, own [K, n]   gbar' F_k c_i, c_i' F_k c_i and c_u' F_k c_i, with c_i = g_i - gbar and u the unit k itself
//	eigenvalues                    the leading ones of F
//	basis.curvature, basis.noise   v' F_k v and v . g_i for eigenvectors v of F of one half of the units, see [CurvatureBasis]
//	layers [layers, 5]             the numbers of [LayerCurvature]
//	hessian.rows, hessian.columns, hessian.step [2]
//	                               the numbers of [Hessian], where it was asked for
//	preconditioned [7]             the numbers of [Preconditioned] and |gbar|^2 in the metric, where they were asked for
//	preconditioned.units [4, K], preconditioned.gradients [5, n]
//	                               the other numbers of its [Meeting], in their order; with early moments they and the seventh are absent, in older files the fifth and sixth too
func WriteCurvature(path string, c *Curvature) error {
	tensors := append([]safetensors.Tensor{
		safetensors.I64("unit", []int{c.K()}, integers[int64](c.Unit)), safetensors.F64("eigenvalues", []int{len(c.Eigenvalues)}, c.Eigenvalues),
	}, tensorsOf(c.arrays())...)
	about := curvatureHeader{Drawn: c.Drawn, Each: c.Each, Recorded: c.N, Directions: c.Basis.Count}
	var sums []float64
	for _, l := range c.Layers {
		about.Layers = append(about.Layers, curvatureLayer{l.Name, l.Parameters})
		for _, v := range l.sums() {
			sums = append(sums, *v)
		}
	}
	tensors = append(tensors, safetensors.F64("layers", []int{len(c.Layers), layerSums}, sums))
	if h := c.Hessian; h != nil {
		tensors = append(tensors, safetensors.F64(hessianPrefix+"rows", []int{len(h.Rows)}, h.Rows),
			safetensors.F64(hessianPrefix+"columns", []int{len(h.Columns)}, h.Columns), safetensors.F64(hessianPrefix+"step", []int{2}, []float64{h.Step, h.Error}))
	}
	if p := c.Preconditioned; p != nil {
		tensors = append(tensors, p.tensors()...)
	}
	return writeArrays(path, CurvatureSchema, about, tensors)
}

// layerSums is the number of [LayerCurvature.sums].
const layerSums = 5

// ReadCurvature reads a file of [WriteCurvature] and verifies its checksum.
func ReadCurvature(path string) (*Curvature, error) {
	f, err := safetensors.OpenVerified(path, CurvatureSchema)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var about curvatureHeader
	if err := readAbout(f, path, &about); err != nil {
		return nil, err
	}
	c := &Curvature{Drawn: about.Drawn, Each: about.Each, N: about.Recorded, Basis: CurvatureBasis{Count: about.Directions}}
	unit, err := f.Int64s("unit")
	if err != nil {
		return nil, err
	}
	for _, u := range unit {
		if u < 0 || u >= int64(c.N) {
			return nil, fmt.Errorf("%s: unit %d of %d recorded ones", path, u, c.N)
		}
	}
	c.Unit = integers[int](unit)
	if c.K() == 0 || c.Each < 1 || c.Basis.Count < 0 {
		return nil, fmt.Errorf("%s: %d columns for each of %d units, and %d directions", path, c.Each, c.K(), c.Basis.Count)
	}
	if c.Eigenvalues, err = f.Float64s("eigenvalues"); err != nil {
		return nil, err
	}
	if err := readArrays(f, path, c.arrays()); err != nil {
		return nil, err
	}
	if err := c.readLayers(f, path, about.Layers); err != nil {
		return nil, err
	}
	if err := c.readPreconditioned(f, path); err != nil {
		return nil, err
	}
	return c, c.readHessian(f, path)
}

const hessianPrefix = "hessian."

func (c *Curvature) readHessian(f *safetensors.File, path string) error {
	if !slices.Contains(f.Names(), hessianPrefix+"step") {
		return nil
	}
	h, step := new(Hessian), []float64(nil)
	for name, dst := range map[string]*[]float64{"rows": &h.Rows, "columns": &h.Columns, "step": &step} {
		var err error
		if *dst, err = f.Float64s(hessianPrefix + name); err != nil {
			return err
		}
	}
	if none := len(h.Rows)+len(h.Columns) == 0; len(step) != 2 || !none && (len(h.Rows) < 2 || len(h.Columns) < 2) {
		return fmt.Errorf("%s: %d steps, %d rows and %d columns of a Hessian", path, len(step), len(h.Rows), len(h.Columns))
	}
	h.Step, h.Error, c.Hessian = step[0], step[1], h
	return nil
}

func (c *Curvature) readLayers(f *safetensors.File, path string, names []curvatureLayer) error {
	sums, err := f.Float64s("layers")
	if err != nil {
		return err
	}
	if len(sums) != layerSums*len(names) {
		return fmt.Errorf("%s: layers has %d values, want %d", path, len(sums), layerSums*len(names))
	}
	for i, n := range names {
		l := LayerCurvature{Name: n.Name, Parameters: n.Parameters}
		for j, v := range l.sums() {
			*v = sums[i*layerSums+j]
		}
		c.Layers = append(c.Layers, l)
	}
	return nil
}
