package tail

import "math"

// exactCandidates is the number of values up to which every candidate for xmin is tried.
const exactCandidates = 10_000

// scan looks for the xmin with the smallest KS among positive values in descending order.
type scan struct {
	logs  []float64 // of the values, descending
	sums  []float64 // sums[m]: of the first m logs
	ntail int       // of the best candidate so far, 0 for none
	ks    float64
	worst int // index of the point with the largest distance for the previous candidate, likely also for the next
}

func newScan(y []float64) *scan {
	s := &scan{logs: logsOf(y), sums: make([]float64, len(y)+1), ks: math.Inf(1)}
	for i, l := range s.logs {
		s.sums[i+1] = s.sums[i] + l
	}
	return s
}

// search tries a coarse grid first, so that most other candidates are rejected at their first point.
func (s *scan) search() {
	first := s.firstCandidate()
	s.grid(first, 1.1)
	if len(s.logs) > exactCandidates {
		s.grid(max(first, 1000), 1.01)
		s.every(first, 1000)
		return
	}
	s.every(first, len(s.logs))
}

// firstCandidate is the number of values that are at least the third largest distinct value; larger than all if there is none.
func (s *scan) firstCandidate() int {
	distinct := 0
	for i := range s.logs {
		if s.last(i+1) == i+1 {
			if distinct++; distinct == 3 {
				return i + 1
			}
		}
	}
	return len(s.logs) + 1
}

// last increases the number of values m so that all values equal to the smallest one are included.
func (s *scan) last(m int) int {
	for m < len(s.logs) && s.logs[m] == s.logs[m-1] {
		m++
	}
	return m
}

func (s *scan) grid(first int, ratio float64) {
	for m := float64(first); int(m) <= len(s.logs); m = max(m+1, m*ratio) {
		s.try(s.last(int(m)))
	}
}

func (s *scan) every(first, end int) {
	for m := first; m <= min(end, len(s.logs)); m++ {
		m = s.last(m)
		s.try(m)
	}
}

// try keeps the candidate with m values if its KS is smaller than the best, or equal with more values.
func (s *scan) try(m int) {
	c := s.curve(m)
	if c.distance(s.worst) > s.ks {
		return
	}
	ks := 0.0
	for _, stride := range []int{max(1, m/64), 1} {
		for i := 0; i < m; i += stride {
			if d := c.distance(i); d > ks {
				if ks, s.worst = d, i; ks > s.ks {
					return
				}
			}
		}
	}
	if ks < s.ks || m > s.ntail {
		s.ks, s.ntail = ks, m
	}
}

// tailCurve compares a fitted tail with its points.
type tailCurve struct {
	logs        []float64
	xmin, index float64
	n           float64
}

func (s *scan) curve(m int) tailCurve {
	xmin := s.logs[m-1]
	return tailCurve{s.logs[:m], xmin, float64(m) / (s.sums[m] - float64(float64(m)*xmin)), float64(m)}
}

// distance is |F(x) - i/n_t| at index j of descending values, i = n_t - 1 - j of them below; written with the survival function.
func (c tailCurve) distance(j int) float64 {
	if j >= len(c.logs) {
		return 0
	}
	return math.Abs(math.Exp(-c.index*(c.logs[j]-c.xmin)) - float64(j+1)/c.n)
}

// twoSided is the KS of the best candidate with F(x) compared with (i+1)/n_t as well.
func (s *scan) twoSided() float64 {
	c := s.curve(s.ntail)
	ks := s.ks
	for j := range c.logs {
		ks = max(ks, math.Abs(math.Exp(-c.index*(c.logs[j]-c.xmin))-float64(j)/c.n))
	}
	return ks
}
