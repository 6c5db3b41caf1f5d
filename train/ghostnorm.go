package train

import (
	"fmt"
	"math"

	"github.com/noiseprobe/noiseprobe/internal/channels"
	G "gorgonia.org/gorgonia"
)

const (
	// DefaultGhost is the size of ghost batches in the paper.
	DefaultGhost = 100
	// normEpsilon is added to variances.
	normEpsilon = 1e-5
	// momentum is the weight with which the statistics of a ghost batch enter the running ones.
	momentum = 0.1
)

// GhostNorm is ghost batch normalisation (Hoffer, Hubara and Soudry, arXiv:1705.08741, Algorithm 1) followed by a ReLU. With the mean
// and the variance (divisor m) of a channel over the m positions in all samples of a group,
//
//	y = max(0, gain (x - mean) / sqrt(variance + 1e-5) + shift)
//
// A minibatch is cut into groups of Size consecutive samples; a remainder is a last, smaller group. B and B' of a noise-enhanced
// step have groups of their own. All groups share gain and shift.
//
// Running statistics are used for evaluation, and where samples are to have gradients of their own. In a training step they move,
// for one group after another, a tenth of the way to the group's mean and its variance with divisor m-1, as PyTorch does for a batch.
type GhostNorm struct {
	Size int

	name           string
	channels       int
	pixels         int // positions in a sample
	gain, shift    *Param
	mean, variance *Param // running
	// recent holds the statistics of the groups of the present training step; outside of training none are collected.
	recent     []groupStatistics
	collecting bool
}

// groupStatistics are the statistics of every channel over m positions; squares is the sum of squared deviations from the mean.
type groupStatistics struct {
	m             float64
	mean, squares []float64
}

// Kind, Fit and Apply make it a [Layer].
func (l *GhostNorm) Kind() string { return "bn" }

func (l *GhostNorm) Fit(name string, in []int) ([]int, []*Param, error) {
	if l.Size < 1 {
		return nil, nil, fmt.Errorf("%s: ghost batches of %d samples", name, l.Size)
	}
	l.name, l.channels = name, in[len(in)-1]
	l.pixels = sizeOf(in) / l.channels
	shape := []int{l.channels}
	l.gain = &Param{Name: name + ".weight", Shape: shape, Initial: constant(1)}
	l.shift = &Param{Name: name + ".bias", Shape: shape}
	l.mean = &Param{Name: name + ".running_mean", Shape: shape}
	l.variance = &Param{Name: name + ".running_var", Shape: shape, Initial: constant(1)}
	return in, []*Param{l.gain, l.shift}, nil
}

// norm is the layer in one graph.
type norm struct {
	*GhostNorm
	g *Graph
	// first[k] is the first sample of group k; the last element is the number of samples.
	first []int
	// Per group and channel: the mean, and the factor of a deviation from it without the gain (inverse) and with it (scale).
	mean, inverse, scale [][]float32
	// Per sample [rows, channels]: sums over the pixels.
	sums, dots []float32
}

func (l *GhostNorm) in(g *Graph) *norm {
	n := &norm{GhostNorm: l, g: g, sums: make([]float32, g.Rows*l.channels), dots: make([]float32, g.Rows*l.channels)}
	size := l.Size
	if g.Frozen {
		size = g.Rows // all samples have the same statistics
	}
	for at := 0; at < g.Rows; at += size {
		n.first = append(n.first, at)
		for _, v := range []*[][]float32{&n.mean, &n.inverse, &n.scale} {
			*v = append(*v, make([]float32, l.channels))
		}
	}
	n.first = append(n.first, g.Rows)
	return n
}

// Apply adds the op and its derivatives to the graph.
func (l *GhostNorm) Apply(g *Graph, x *G.Node) (*G.Node, error) {
	n := l.in(g)
	size := l.pixels * l.channels
	y := g.activation(g.Rows * size)
	return (&Op{
		Name: l.name, Inputs: []*G.Node{x, g.Param(l.gain), g.Param(l.shift)}, Shape: []int{g.Rows, size}, Out: y,
		WRT:    []bool{true, true, true},
		Kernel: func(in []G.Value) { n.forward(y, Floats(in[0])) },
		Diff:   func(_, grad *G.Node) (G.Nodes, error) { return n.derive(x, grad) },
	}).Apply(g)
}

func (n *norm) forward(y, x []float32) {
	if n.g.Frozen {
		n.useRunning()
	} else {
		n.measure(x)
	}
	n.eachSample(func(k, s int) {
		channels.NormaliseReLU(n.of(y, s), n.of(x, s), n.mean[k], n.scale[k], n.shift.Value)
	})
}

// of returns the part of an array that belongs to sample s.
func (n *norm) of(x []float32, s int) []float32 {
	size := n.pixels * n.channels
	return x[s*size : (s+1)*size]
}

func (n *norm) sample(x []float32, s int) []float32 { return x[s*n.channels : (s+1)*n.channels] }

// eachSample calls do for every sample s and its group k, from several goroutines.
func (n *norm) eachSample(do func(k, s int)) {
	eachImage(n.g.Rows, func(s int) {
		k := 0
		for n.first[k+1] <= s {
			k++
		}
		do(k, s)
	})
}

func (n *norm) useRunning() {
	for c, v := range n.GhostNorm.variance.Value {
		n.mean[0][c] = n.GhostNorm.mean.Value[c]
		n.set(0, c, float64(v))
	}
}

// set computes inverse and scale of a channel in a group.
func (n *norm) set(k, c int, variance float64) {
	inverse := 1 / math.Sqrt(variance+normEpsilon)
	n.inverse[k][c] = float32(inverse)
	n.scale[k][c] = float32(inverse * float64(n.gain.Value[c]))
}

// measure computes mean and squared deviations of every sample while it is in the cache, and merges those of a group in order (Chan,
// Golub and LeVeque, 1983).
func (n *norm) measure(x []float32) {
	n.eachSample(func(_, s int) {
		mean := n.sample(n.sums, s)
		channels.Sums(mean, n.of(x, s))
		for c := range mean {
			mean[c] /= float32(n.pixels)
		}
		channels.SquaredDeviations(n.sample(n.dots, s), n.of(x, s), mean)
	})
	for k := range n.mean {
		st := n.merge(n.first[k], n.first[k+1])
		for c, v := range st.mean {
			n.mean[k][c] = float32(v)
			n.set(k, c, st.squares[c]/st.m)
		}
		if n.collecting {
			n.recent = append(n.recent, st)
		}
	}
}

func (n *norm) merge(from, to int) groupStatistics {
	count := float64(to - from)
	st := groupStatistics{m: count * float64(n.pixels), mean: make([]float64, n.channels), squares: make([]float64, n.channels)}
	for s := from; s < to; s++ {
		for c, v := range n.sample(n.sums, s) {
			st.mean[c] += float64(v) / count
		}
	}
	for s := from; s < to; s++ {
		for c, v := range n.sample(n.sums, s) {
			d := float64(v) - st.mean[c]
			st.squares[c] += float64(n.sample(n.dots, s)[c]) + float64(float64(n.pixels)*d*d)
		}
	}
	return st
}

// derive adds one op that replaces the derivative with respect to y by that with respect to x, in place, and computes those with
// respect to gain and shift.
func (n *norm) derive(x, grad *G.Node) (G.Nodes, error) {
	size := n.pixels * n.channels
	o := &Op{Name: n.name + " backward", Inputs: []*G.Node{x, grad}, Shape: []int{n.g.Rows, size}, InPlace: 1, Layer: n.GhostNorm}
	o.Kernel = func(in []G.Value) { n.backward(Floats(in[1]), Floats(in[0])) }
	o.Rule = Rule{Row: n.row}
	dx, err := o.Apply(n.g)
	if err != nil {
		return nil, err
	}
	gain, err := n.g.GradientOf(n.gain, dx)
	if err != nil {
		return nil, err
	}
	shift, err := n.g.GradientOf(n.shift, dx)
	return G.Nodes{dx, gain, shift}, err
}

// backward computes the derivatives. With d the derivative with respect to y where y > 0 and 0 elsewhere, u = (x - mean) /
// sqrt(variance + eps), and sums over the m positions of a group,
//
//	dshift = sum d,  dgain = sum d u,  dx = gain / sqrt(variance + eps) (d - (1/m) sum d - u (1/m) sum d u)
//
// With running statistics dx has only the first of these three terms.
func (n *norm) backward(grad, x []float32) {
	n.eachSample(func(k, s int) {
		channels.DeltaSums(n.sample(n.sums, s), n.sample(n.dots, s), n.of(x, s), n.of(grad, s), n.mean[k], n.scale[k], n.shift.Value)
	})
	clear(n.gain.Grad)
	clear(n.shift.Grad)
	first, second := make([][]float32, len(n.mean)), make([][]float32, len(n.mean))
	for k := range n.mean {
		first[k], second[k] = n.corrections(k)
	}
	n.eachSample(func(k, s int) {
		to := n.of(grad, s)
		channels.Delta(to, n.of(x, s), to, n.mean[k], n.scale[k], n.shift.Value, first[k], second[k])
	})
}

// corrections adds a group's share of the derivatives with respect to gain and shift, and returns the factors of the second and the
// third term of dx.
func (n *norm) corrections(k int) (first, second []float32) {
	first, second = make([]float32, n.channels), make([]float32, n.channels)
	m := float64((n.first[k+1] - n.first[k]) * n.pixels)
	for c := range n.channels {
		sum, dot := 0.0, 0.0
		for s := n.first[k]; s < n.first[k+1]; s++ {
			sum += float64(n.sums[s*n.channels+c])
			dot += float64(n.dots[s*n.channels+c])
		}
		inverse, scale := float64(n.inverse[k][c]), float64(n.scale[k][c])
		n.gain.Grad[c] += float32(dot * inverse)
		n.shift.Grad[c] += float32(sum)
		if !n.g.Frozen {
			first[c] = float32(scale * sum / m)
			second[c] = float32(scale * inverse * inverse * dot / m)
		}
	}
	return first, second
}

// row is the gradient of a sample with frozen normalisation.
func (n *norm) row(s int, dst []float32) {
	for c := range n.channels {
		dst[c] = n.dots[s*n.channels+c] * n.inverse[0][c]
		dst[n.channels+c] = n.sums[s*n.channels+c]
	}
}

// moveRunning moves the running statistics by those of the collected groups, in order.
func (l *GhostNorm) moveRunning() {
	for _, st := range l.recent {
		for c, mean := range st.mean {
			l.mean.Value[c] += float32(momentum * (mean - float64(l.mean.Value[c])))
			if st.m > 1 {
				l.variance.Value[c] += float32(momentum * (st.squares[c]/(st.m-1) - float64(l.variance.Value[c])))
			}
		}
	}
	l.recent = l.recent[:0]
}

// collectStatistics starts the collection of groups' statistics anew, or ends it.
func (m *Model) collectStatistics(on bool) {
	for _, l := range m.norms {
		l.collecting = on
		if on {
			l.recent = l.recent[:0]
		}
	}
}

// moveRunning moves the running statistics of all layers by those of the collected groups.
func (m *Model) moveRunning() {
	for _, l := range m.norms {
		l.moveRunning()
	}
}
