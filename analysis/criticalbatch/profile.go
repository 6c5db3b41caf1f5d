package criticalbatch

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"

	"github.com/noiseprobe/noiseprobe/analysis/estimate"
)

// profile is the sum of squares as a function of u = log B_crit alone: log S_min follows as a mean. It has limits at both ends, where steps do
// not depend on B, and where they fall as 1/B.
type profile struct {
	b, y, w []float64 // log B, log S and the weight of each run
	groups  []group
	total   float64 // of the weights
	taken   float64 // degrees of freedom that the weights take of the spread over seeds
}

// group is the runs lo to hi of one batch size.
type group struct {
	lo, hi         int
	mean, variance float64
}

const (
	// margin of u beyond the batch sizes: there the limits are reached to seven digits.
	margin = 16
	// misfit is chosen so that intervals cover also where the law does not quite hold, and hardly widen where it does.
	misfit = 1.2
	// step of the search for the interval, whose ends are then refined.
	step = 0.05
)

func newProfile(rows []Row) *profile {
	rows = slices.DeleteFunc(slices.Clone(rows), func(r Row) bool { return !r.Steps.Defined() })
	slices.SortStableFunc(rows, func(a, b Row) int { return a.Batch - b.Batch })
	p := &profile{}
	for i, r := range rows {
		p.b, p.y = append(p.b, math.Log(float64(r.Batch))), append(p.y, math.Log(float64(r.Steps)))
		if i == 0 || rows[i-1].Batch != r.Batch {
			p.groups = append(p.groups, group{lo: i})
		}
		p.groups[len(p.groups)-1].hi = i + 1
	}
	for i := range p.groups {
		p.groups[i].describe(p.y)
	}
	p.weigh()
	return p
}

func (g *group) describe(y []float64) {
	n := float64(g.hi - g.lo)
	for _, v := range y[g.lo:g.hi] {
		g.mean += v / n
	}
	for _, v := range y[g.lo:g.hi] {
		g.variance += (v - g.mean) * (v - g.mean) / (n - 1)
	}
	if n < 2 {
		g.variance = 0
	}
}

func (g group) degrees() float64 { return float64(g.hi - g.lo - 1) }

// pooled is the variance of log S over seeds, and its degrees of freedom.
func (p *profile) pooled() (variance, degrees float64) {
	for _, g := range p.groups {
		variance, degrees = variance+float64(g.degrees()*g.variance), degrees+g.degrees()
	}
	if degrees == 0 {
		return 0, 0
	}
	return variance / degrees, degrees
}

func (p *profile) spread() float64 {
	variance, degrees := p.pooled()
	if degrees == 0 {
		return math.NaN()
	}
	return math.Sqrt(variance)
}

// weigh gives each run the reciprocal of its batch size's variance over seeds, which is taken for a power of B:
//
//	log v_i = c + slope log B_i
//
// by least squares over the batch sizes with more than one seed, the slope drawn towards 0 as by a prior of standard deviation 1/2: few
// seeds say little of single variances. The weights are small where a variance happens to be large, which makes the weighted spread over seeds
// too small: a v_i of so many degrees of freedom has cov(log v_i, v_i) = 2 E v_i / degrees, so that its sum of squares loses 2 kappa degrees of
// freedom to first order, kappa the part of the slope that is the data's.
func (p *profile) weigh() {
	slope, kappa := p.slope()
	p.taken = 2 * kappa
	for _, g := range p.groups {
		w := math.Exp(-slope * (p.b[g.lo] - p.b[0]))
		for range g.hi - g.lo {
			p.w, p.total = append(p.w, w), p.total+w
		}
	}
}

func (p *profile) slope() (slope, kappa float64) {
	var weights, at, logs []float64
	for _, g := range p.groups {
		if g.variance > 0 {
			weights, at, logs = append(weights, g.degrees()/2), append(at, p.b[g.lo]), append(logs, math.Log(g.variance))
		}
	}
	if len(at) < 3 {
		return 0, 0
	}
	const priorVariance = 0.25
	meanAt, meanLog := stat.Mean(at, weights), stat.Mean(logs, weights)
	moved, spread := 0.0, 0.0
	for i, w := range weights { // the variance of log v is about 1/w
		moved += float64(w * (at[i] - meanAt) * (logs[i] - meanLog))
		spread += float64(w * (at[i] - meanAt) * (at[i] - meanAt))
	}
	return moved / (spread + 1/priorVariance), spread / (spread + 1/priorVariance)
}

// ends are the smallest and the largest batch size.
func (p *profile) ends() (smallest, largest float64) {
	return math.Exp(p.b[0]), math.Exp(p.b[len(p.b)-1])
}

// rest is log S less the law's log(1 + B_crit / B), whose mean is log S_min.
func (p *profile) rest(i int, u float64) float64 { return p.y[i] - math.Log1p(math.Exp(u-p.b[i])) }

// at is the sum of squares at u, and log S_min there.
func (p *profile) at(u float64) (sum, level float64) {
	for i, w := range p.w {
		level += w * p.rest(i, u) / p.total
	}
	for i, w := range p.w {
		d := p.rest(i, u) - level
		sum += float64(w * d * d)
	}
	return sum, level
}

// grid are the ends of the search.
func (p *profile) grid() (lo, hi float64) { return p.b[0] - margin, p.b[len(p.b)-1] + margin }

// best is where the sum is least.
func (p *profile) best() float64 {
	lo, hi := p.grid()
	best, least := lo, math.Inf(1)
	for u := lo; u <= hi; u += step {
		if sum, _ := p.at(u); sum < least {
			best, least = u, sum
		}
	}
	return p.refine(max(lo, best-step), min(hi, best+step))
}

// refine is the least sum between two points, by golden section.
func (p *profile) refine(lo, hi float64) float64 {
	const golden = 0.6180339887498949
	for hi-lo > 1e-9 {
		a, b := hi-float64(golden*(hi-lo)), lo+float64(golden*(hi-lo))
		fa, _ := p.at(a)
		fb, _ := p.at(b)
		if fa < fb {
			hi = b
		} else {
			lo = a
		}
	}
	return (lo + hi) / 2
}

// values are S_min, E_min and B_crit at u. Near its ends, where the sum no longer changes, there is no S_min or no E_min.
func (p *profile) values(u float64) (sMin, eMin, critical estimate.Number) {
	_, level := p.at(u)
	sMin, eMin, critical = estimate.Number(math.Exp(level)), estimate.Number(math.Exp(level+u)), estimate.Number(math.Exp(u))
	switch p.limit(u) {
	case -1:
		eMin, critical = estimate.Undefined(), estimate.Undefined()
	case 1:
		sMin, critical = estimate.Undefined(), estimate.Undefined()
	}
	return sMin, eMin, critical
}

// limit says whether u stands for steps that do not depend on B, -1, or that fall as 1/B, 1; else it is 0.
func (p *profile) limit(u float64) int {
	switch lo, hi := p.grid(); {
	case u < lo+margin/2:
		return -1
	case u > hi-margin/2:
		return 1
	}
	return 0
}

// variance is that of a run of weight 1, and its degrees of freedom: from all runs, or where that is misfit times larger, from the distances of
// the batch sizes from the law, which then does not quite hold. A law in its limit has one parameter.
func (p *profile) variance(best float64, f *Fit) (variance, degrees float64) {
	sum, _ := p.at(best)
	within, free := 0.0, -p.taken
	for _, g := range p.groups {
		within, free = within+float64(p.w[g.lo]*g.degrees()*g.variance), free+g.degrees()
	}
	between, batches := max(0, sum-within), float64(len(p.groups))-2
	if p.limit(best) != 0 {
		batches++
	}
	if free > 0 && within > 0 {
		ratio := between / batches / (within / free)
		f.LackOfFit = estimate.Number(distuv.F{D1: batches, D2: free}.Survival(ratio))
	}
	degrees = batches + free
	if between/batches > misfit*sum/degrees {
		return between / batches, batches
	}
	return sum / degrees, degrees
}

// intervals are where the sum is at most so much above its minimum.
func (p *profile) intervals(f *Fit, best, above float64) {
	least, _ := p.at(best)
	limit := least + above
	lo, hi := p.edge(best, -step, limit), p.edge(best, step, limit)
	f.CI = estimate.Interval{Lo: math.Exp(lo), Hi: math.Exp(hi)}
	f.SMinCI, f.EMinCI = estimate.Interval{Lo: math.Inf(1)}, estimate.Interval{Lo: math.Inf(1)}
	from, to := p.grid()
	from, to = max(lo, from), min(hi, to)
	const points = 300
	for k := range points + 1 {
		u := from + (to-from)*float64(k)/points
		sum, level := p.at(u)
		half := math.Sqrt(max(0, limit-sum) / p.total)
		f.SMinCI = stretched(f.SMinCI, math.Exp(level-half), math.Exp(level+half))
		f.EMinCI = stretched(f.EMinCI, math.Exp(u+level-half), math.Exp(u+level+half))
	}
	if math.IsInf(hi, 1) {
		f.SMinCI.Lo = 0
	}
	if math.IsInf(lo, -1) {
		f.EMinCI.Lo = 0
	}
}

func stretched(v estimate.Interval, lo, hi float64) estimate.Interval {
	return estimate.Interval{Lo: min(v.Lo, lo), Hi: max(v.Hi, hi)}
}

// edge is the outermost u in a direction where the sum is within the limit: infinite where it is so at the end of the search.
func (p *profile) edge(best, direction, limit float64) float64 {
	from, to := p.grid()
	inside := func(u float64) bool { sum, _ := p.at(u); return sum <= limit }
	u := to
	if direction < 0 {
		u = from
	}
	if inside(u) {
		return math.Inf(int(math.Copysign(1, direction)))
	}
	for ; !inside(u); u -= direction {
		if (u-best)*direction <= 0 {
			u = best
			break
		}
	}
	in, out := u, u+direction
	for range 40 {
		middle := (in + out) / 2
		if inside(middle) {
			in = middle
		} else {
			out = middle
		}
	}
	return in
}
