package noisescale

import (
	"fmt"
	"math"
	"sort"

	"github.com/noiseprobe/noiseprobe/noise"
)

// Norms are squared norms of the mean gradient of a small and of a big batch.
type Norms struct{ Small, Big float64 }

// Row is one step of a log.
type Row struct {
	Step int
	// SmallBatch and BigBatch are the numbers of samples of the batches.
	SmallBatch, BigBatch float64
	// All has the norms over all parameters, and Layers those of the layers of the log.
	All    Norms
	Layers []Norms
}

// mostValues bounds the numbers that a log holds: beyond it neighbouring steps are merged.
const mostValues = 1 << 18

// Log collects steps, at most so many that its memory does not grow with its length: the steps of a long one are merged, first
// two by two, into cells with the means of both estimates.
type Log struct {
	layers []string
	alpha  float64
	cells  []cell
	values []float64 // 2 (1 + layers) a cell: sums over its steps of the estimates of tr Sigma and |G|^2
	size   int       // steps of a full cell
	most   int       // cells, an even number
	// The last cell before its newest row, which takes that row back where its step comes again.
	before       cell
	beforeValues []float64
	// Superseded counts the rows after which steps went back to theirs or further, and Skipped those of a file that are about something else.
	Superseded, Skipped int
	// Population is the number of samples that minibatches are drawn from without replacement, which leaves
	//
	//	E |g_b|^2 = |G|^2 + f (1/b - 1/N) tr Sigma,        Sigma with the divisor N - 1;
	//
	// f is 1 for plain gradients, and that of independent pairs for others. Population is 0 where samples are drawn independently or do not come again.
	Population int
}

// cell is some consecutive steps.
type cell struct{ first, last, steps int }

// NewLog is an empty log of gradients with noise enhancement at alpha, 1 for plain ones.
func NewLog(alpha float64, layers ...string) *Log {
	most := max(mostValues/(1+len(layers)), 1<<12)
	return &Log{layers: layers, alpha: alpha, size: 1, most: most - most%2}
}

// Add takes the next row. One whose step is not above all before it, as after training is resumed, takes the place of those from its step
// on.
func (l *Log) Add(r Row) error {
	if err := r.check(); err != nil {
		return err
	}
	if len(r.Layers) != len(l.layers) {
		panic(fmt.Sprintf("noisescale: norms of %d layers, want %d", len(r.Layers), len(l.layers)))
	}
	l.truncate(r.Step)
	if last := len(l.cells) - 1; last >= 0 && l.cells[last].steps < l.size {
		l.before, l.beforeValues = l.cells[last], append(l.beforeValues[:0], l.values[last*l.width():]...)
		l.cells[last].last, l.cells[last].steps = r.Step, l.cells[last].steps+1
	} else {
		if len(l.cells) == l.most {
			l.merge()
		}
		l.before = cell{}
		l.cells = append(l.cells, cell{r.Step, r.Step, 1})
		l.values = append(l.values, make([]float64, l.width())...)
	}
	at := l.values[len(l.values)-l.width():]
	f := noise.Factor(l.alpha) // a batch of B acts like one of B / f
	small, big := r.SmallBatch/f, r.BigBatch/f
	for i := range 1 + len(r.Layers) {
		n := r.All
		if i > 0 {
			n = r.Layers[i-1]
		}
		trace, signal := n.unbiased(small, big)
		if !finite(trace) || !finite(signal) {
			return fmt.Errorf("squared norms of %v and %v are too large for batches of %v and %v", n.Small, n.Big, r.SmallBatch, r.BigBatch)
		}
		at[2*i] += trace
		at[2*i+1] += signal
	}
	return nil
}

// unbiased estimates tr Sigma and |G|^2 from the norms of one step,
//
//	S = (|g_s|^2 - |g_b|^2) / (1/b_s - 1/b_b),    |G|^2 = (b_b |g_b|^2 - b_s |g_s|^2) / (b_b - b_s)
//
// (McCandlish, Kaplan, Amodei et al. 2018, arXiv:1812.06162, appendix A.1). Either may be negative.
func (n Norms) unbiased(small, big float64) (trace, signal float64) {
	trace = (n.Small - n.Big) / (1/small - 1/big)
	return trace, (float64(big*n.Big) - float64(small*n.Small)) / (big - small)
}

func (l *Log) width() int { return 2 * (1 + len(l.layers)) }

// truncate drops the steps from one on. Of a cell of merged steps nothing is left, unless it is its newest row alone that is dropped: a log in
// which every step comes twice would otherwise not grow.
func (l *Log) truncate(step int) {
	if last := len(l.cells) - 1; last >= 0 && l.cells[last].last == step && l.before.steps > 0 && l.before.steps == l.cells[last].steps-1 {
		l.Superseded++
		l.cells[last] = l.before
		copy(l.values[last*l.width():], l.beforeValues)
	}
	for last := len(l.cells) - 1; last >= 0 && l.cells[last].last >= step; last-- {
		l.Superseded += l.cells[last].steps
		l.cells, l.values, l.before = l.cells[:last], l.values[:last*l.width()], cell{}
	}
}

// merge makes one cell of two.
func (l *Log) merge() {
	w := l.width()
	half := len(l.cells) / 2
	for i := range half {
		a, b := l.cells[2*i], l.cells[2*i+1]
		l.cells[i] = cell{a.first, b.last, a.steps + b.steps}
		for k := range w {
			l.values[i*w+k] = l.values[2*i*w+k] + l.values[(2*i+1)*w+k]
		}
	}
	l.cells, l.values, l.size = l.cells[:half], l.values[:half*w], 2*l.size
}

// Steps is the number of steps that count.
func (l *Log) Steps() int {
	steps := 0
	for _, c := range l.cells {
		steps += c.steps
	}
	return steps
}

// series are the means over the steps of each cell, of all parameters or of layer i - 1.
func (l *Log) series(i int) *series {
	n := len(l.cells)
	s := &series{counts: make([]float64, n), trace: make([]float64, n), signal: make([]float64, n)}
	for k, c := range l.cells {
		at := l.values[k*l.width()+2*i:]
		s.counts[k] = float64(c.steps)
		s.trace[k], s.signal[k] = at[0]/s.counts[k], at[1]/s.counts[k]
		if l.Population > 0 {
			s.signal[k] += noise.Factor(l.alpha) * s.trace[k] / float64(l.Population)
		}
	}
	return s
}

// split cuts the cells into windows of about equal numbers of steps, and returns where each begins, and the end.
func (l *Log) split(windows int) []int {
	before := make([]int, len(l.cells)+1)
	for i, c := range l.cells {
		before[i+1] = before[i] + c.steps
	}
	total := before[len(l.cells)]
	bounds := []int{0}
	for w := 1; w <= windows; w++ {
		bounds = append(bounds, sort.SearchInts(before, total*w/windows))
	}
	return bounds
}

func (r Row) check() error {
	switch {
	case !positive(r.SmallBatch):
		return fmt.Errorf("small_batch is %v: must be a positive number", r.SmallBatch)
	case !positive(r.BigBatch):
		return fmt.Errorf("big_batch is %v: must be a positive number", r.BigBatch)
	case r.SmallBatch == r.BigBatch:
		return fmt.Errorf("small_batch and big_batch are both %v: noise is told from signal by two batch sizes", r.BigBatch)
	case r.SmallBatch > r.BigBatch:
		return fmt.Errorf("small_batch is %v, larger than big_batch %v", r.SmallBatch, r.BigBatch)
	}
	if err := r.All.check(); err != nil {
		return err
	}
	for _, n := range r.Layers {
		if err := n.check(); err != nil {
			return err
		}
	}
	return nil
}

func (n Norms) check() error {
	for _, v := range []float64{n.Small, n.Big} {
		if !(v >= 0) || math.IsInf(v, 1) {
			return fmt.Errorf("a squared norm is %v", v)
		}
	}
	return nil
}

func positive(x float64) bool { return x > 0 && !math.IsInf(x, 1) }

func finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }
