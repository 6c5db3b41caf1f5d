package probe

import "github.com/noiseprobe/noiseprobe/internal/gemm"

// Dense holds the gradients of a layer in memory, one row a unit.
type Dense struct {
	Layer string
	N, P  int
	G     []float64 // [N, P]
}

// NewDense checks the shape of g [n, p], which it keeps without copying and never modifies.
func NewDense(layer string, n, p int, g []float64) *Dense {
	checkSize(layer, len(g), n*p)
	return &Dense{Layer: layer, N: n, P: p, G: g}
}

func (d *Dense) Name() string    { return d.Layer }
func (d *Dense) Units() int      { return d.N }
func (d *Dense) Parameters() int { return d.P }
func (d *Dense) Err() error      { return nil }

// AddGram centres the rows before it multiplies them, so that its c is gbar: centring the finished Gram matrix would lose digits
// where the mean is large.
func (d *Dense) AddGram(dst []float64) Moments {
	mean := make([]float64, d.P)
	d.MeanTo(mean)
	centred := make([]float64, len(d.G))
	m := Moments{NormSq: make([]float64, d.N), MeanDot: make([]float64, d.N)}
	for _, v := range mean {
		m.MeanNormSq += float64(v * v)
	}
	for i := range d.N {
		row := centred[i*d.P : (i+1)*d.P]
		dot, deviation := 0.0, 0.0
		for j, v := range d.G[i*d.P : (i+1)*d.P] {
			row[j] = v - mean[j]
			dot += float64(row[j] * mean[j])
			deviation += float64(row[j] * row[j])
			m.NormSq[i] += float64(v * v)
		}
		m.MeanDot[i] = dot + m.MeanNormSq
		m.Trace += deviation / float64(d.N)
	}
	gemm.Dsyrk(d.N, d.P, centred, d.P, 1, dst, d.N)
	return m
}

// MeanTo writes the mean gradient. A second pass, over the deviations, makes it accurate where the mean is large.
func (d *Dense) MeanTo(dst []float64) {
	checkSize(d.Layer, len(dst), d.P)
	tile[float64]{n: d.N, right: d.P, stride: d.P, values: d.G}.meanTo(dst)
}

// VarianceTo writes the mean square of the deviations from the mean.
func (d *Dense) VarianceTo(dst []float64) {
	checkSize(d.Layer, len(dst), d.P)
	mean := make([]float64, d.P)
	d.MeanTo(mean)
	clear(dst)
	for i := range d.N {
		for j, v := range d.G[i*d.P : (i+1)*d.P] {
			dst[j] += float64((v - mean[j]) * (v - mean[j]))
		}
	}
	for j := range dst {
		dst[j] /= float64(d.N)
	}
}

// ProjectTo adds g_i . v to dst[i].
func (d *Dense) ProjectTo(dst []float64, v []float32) {
	checkSize(d.Layer, len(dst), d.N)
	checkSize(d.Layer, len(v), d.P)
	for i := range dst {
		sum := 0.0
		for j, g := range d.G[i*d.P : (i+1)*d.P] {
			sum += float64(g * float64(v[j]))
		}
		dst[i] += sum
	}
}

// ReadBlock makes the layer a matrix for [NewStreamed].
func (d *Dense) ReadBlock(dst []float64, top, bottom, left, right int) error {
	for i := top; i < bottom; i++ {
		copy(dst[(i-top)*(right-left):], d.G[i*d.P+left:i*d.P+right])
	}
	return nil
}

// UnitTo copies row i.
func (d *Dense) UnitTo(dst []float64, i int) {
	checkSize(d.Layer, len(dst), d.P)
	copy(dst, d.G[i*d.P:(i+1)*d.P])
}
