package probe

import (
	"slices"

	"github.com/noiseprobe/noiseprobe/internal/gemm"
	"github.com/noiseprobe/noiseprobe/internal/parallel"
)

// addCross adds h_r' D g_j for the rows h_r of m and the gradients g_j of o, both in the metric of m. The columns of a unit have the same input a, so that what takes time
// is done once for all of them, on either side:
//
//	h_r' D g_j = delta_r' (delta_j o y),    y = D (a_r o a_j)
//
// with the inputs that a_r has, and the outputs that a delta_r of the unit has.
func (m *metricFactored) addCross(dst []float64, o *metricFactored) {
	starts, others := m.alike(), o.alike()
	parallel.Run(parallel.Workers(), len(starts)-1, func(task int) {
		first, end := starts[task], starts[task+1]
		c := metricCross{m, o.Factored, others, first, end, support(m.A[first*m.In:][:m.In]), nil}
		a := c.products()
		for outputs := range slices.Chunk(c.reached(), outputsTogether) {
			c.outputs = outputs
			c.add(dst[first*o.N:end*o.N], a)
		}
	})
}

// alike are where rows with other inputs than the row before begin, and the number of rows.
func (m *metricFactored) alike() (starts []int) {
	for r := range m.N {
		if r == 0 || !slices.Equal(m.A[r*m.In:][:m.In], m.A[(r-1)*m.In:][:m.In]) {
			starts = append(starts, r)
		}
	}
	return append(starts, m.N)
}

// metricCross is about the rows first to end, which have the same inputs.
type metricCross struct {
	layer           *metricFactored
	other           *Factored
	others          []int // where the rows of other that have the same inputs begin
	first, end      int
	inputs, outputs []int
}

// wide is the number of inputs, the bias as a last one of 1 among them.
func (c *metricCross) wide() int { return len(c.inputs) + min(1, c.layer.biases()) }

// products are a_r o a_j for other inputs a_j each, as many rows of wide.
func (c *metricCross) products() []float32 {
	in, wide := c.layer.In, c.wide()
	own, different := c.layer.A[c.first*in:][:in], c.others[:len(c.others)-1]
	to := make([]float32, len(different)*wide)
	for d, j := range different {
		row, a := to[d*wide:][:wide], c.other.A[j*in:][:in]
		for k, from := range c.inputs {
			row[k] = own[from] * a[from]
		}
		if len(c.inputs) < wide {
			row[wide-1] = 1
		}
	}
	return to
}

// reached are the outputs at which a row has a delta.
func (c *metricCross) reached() (outputs []int) {
	for o := range c.layer.Out {
		for r := c.first; r < c.end; r++ {
			if c.layer.Delta[r*c.layer.Out+o] != 0 {
				outputs = append(outputs, o)
				break
			}
		}
	}
	return outputs
}

// add adds what these outputs have, with a = a_r o a_j.
func (c *metricCross) add(dst []float64, a []float32) {
	n, rows, wide, count, different := c.other.N, c.end-c.first, c.wide(), len(c.outputs), len(c.others)-1
	y, sum := make([]float32, different*count), make([]float32, rows*n)
	gemm.Sgemm(false, true, different, count, wide, 1, a, wide, c.metric(), wide, 0, y, count)
	gemm.Sgemm(false, true, rows, n, count, 1, c.deltas(), count, c.weighted(y), count, 0, sum, n)
	for i, v := range sum {
		dst[i] += float64(v)
	}
}

// deltas are the delta_r of these outputs.
func (c *metricCross) deltas() []float32 {
	out, to := c.layer.Out, make([]float32, 0, (c.end-c.first)*len(c.outputs))
	for r := c.first; r < c.end; r++ {
		for _, o := range c.outputs {
			to = append(to, c.layer.Delta[r*out+o])
		}
	}
	return to
}

// weighted are delta_j o y of these outputs.
func (c *metricCross) weighted(y []float32) []float32 {
	out, count := c.other.Out, len(c.outputs)
	all := make([]float32, c.other.N*count)
	for d := range len(c.others) - 1 {
		own := y[d*count:][:count]
		for j := c.others[d]; j < c.others[d+1]; j++ {
			delta, to := c.other.Delta[j*out:][:out], all[j*count:][:count]
			for k, o := range c.outputs {
				to[k] = delta[o] * own[k]
			}
		}
	}
	return all
}

// metric is D of these outputs and inputs.
func (c *metricCross) metric() []float32 {
	m, wide := c.layer, c.wide()
	d := make([]float32, len(c.outputs)*wide)
	for row, o := range c.outputs {
		from, to := m.d[o*m.In:][:m.In], d[row*wide:][:wide]
		for k, i := range c.inputs {
			to[k] = float32(from[i])
		}
		if len(c.inputs) < wide {
			to[wide-1] = float32(m.d[m.Out*m.In+o])
		}
	}
	return d
}
