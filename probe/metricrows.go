package probe

import (
	"slices"

	"github.com/noiseprobe/noiseprobe/internal/parallel"
)

// metricRows computes rows of the Gram matrix of a layer in a metric:
//
//	g_i' D g_j = delta_j' W_i a_j,    W_i = D o delta_i a_i'
//
// Where the gradient of unit i is 0, W_i is, so that only its other rows and columns are formed: behind ReLUs about a fourth of all.
type metricRows[T number] struct {
	layer    *metricFactored
	multiply gemmOf[T]
	// weights is some rows of W_i, inputs what they meet of all a_j, and products the products of the two.
	weights, inputs, products []T
}

// gemmOf is a product of package gemm.
type gemmOf[T number] func(transA, transB bool, m, n, k int, alpha T, a []T, lda int, b []T, ldb int, beta T, c []T, ldc int)

const (
	// rowsTogether is the number of rows of a Gram matrix that share memory.
	rowsTogether = 8
	// outputsTogether bounds the rows of W_i that are formed at a time.
	outputsTogether = 512
)

// addMetricRows adds g_i' D g_j on and below the diagonal of dst.
func addMetricRows[T number](m *metricFactored, dst []float64, multiply gemmOf[T]) {
	outputs := min(m.Out, outputsTogether)
	parallel.Run(parallel.Workers(), (m.N+rowsTogether-1)/rowsTogether, func(task int) {
		first, end := task*rowsTogether, min((task+1)*rowsTogether, m.N)
		r := metricRows[T]{m, multiply, make([]T, outputs*(m.In+1)), make([]T, end*(m.In+1)), make([]T, end*outputs)}
		for i := first; i < end; i++ {
			r.add(dst[i*m.N:][:i+1], i)
		}
	})
}

// add adds the products of unit i with the first ones.
func (r *metricRows[T]) add(dst []float64, i int) {
	m := r.layer
	inputs := r.gather(i)
	wide := len(inputs)
	for outputs := range slices.Chunk(support(m.Delta[i*m.Out:][:m.Out]), outputsTogether) {
		r.form(i, inputs, outputs)
		count := len(outputs)
		r.multiply(false, true, len(dst), count, wide, 1, r.inputs, wide, r.weights, wide, 0, r.products, count)
		for j := range dst {
			delta, sum := m.Delta[j*m.Out:][:m.Out], 0.0
			for k, o := range outputs {
				sum += float64(float64(r.products[j*count+k]) * float64(delta[o]))
			}
			dst[j] += sum
		}
	}
}

// gather returns the inputs that are not 0 for unit i, the bias as a last input of 1 among them, and copies those of the units up to it.
func (r *metricRows[T]) gather(i int) []int {
	m := r.layer
	inputs := support(m.A[i*m.In:][:m.In])
	given := len(inputs)
	if !m.NoBias {
		inputs = append(inputs, m.In)
	}
	for j := range i + 1 {
		a, to := m.A[j*m.In:][:m.In], r.inputs[j*len(inputs):][:len(inputs)]
		for k, from := range inputs[:given] {
			to[k] = T(a[from])
		}
		if !m.NoBias {
			to[given] = 1
		}
	}
	return inputs
}

// form writes rows of W_i.
func (r *metricRows[T]) form(i int, inputs, outputs []int) {
	m := r.layer
	for row, o := range outputs {
		delta := float64(m.Delta[i*m.Out+o])
		a, d, to := m.A[i*m.In:][:m.In], m.d[o*m.In:][:m.In], r.weights[row*len(inputs):][:len(inputs)]
		for k, from := range inputs {
			if from == m.In {
				to[k] = T(delta * m.d[m.Out*m.In+o])
				continue
			}
			to[k] = T(delta * float64(a[from]) * d[from])
		}
	}
}

// support are the places of the numbers that are not 0.
func support(x []float32) (places []int) {
	for k, v := range x {
		if v != 0 {
			places = append(places, k)
		}
	}
	return places
}
