package tail

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/noiseprobe/noiseprobe/internal/numtest"
)

// By hand, 20 surrogates of two methods: none (3.5%, rounded down) may lie outside of any band, which go to the extremes.
func TestJointBands(t *testing.T) {
	up, down := make([]float64, 20), make([]float64, 20)
	for i := range 20 {
		up[i], down[i] = float64(i+1), float64(20-i)
	}
	if b := jointBands([][]float64{up, down}); b[0].GammaBand.Lo != 1 || b[0].GammaBand.Hi != 20 || b[1].GammaBand.Hi != 20 {
		t.Errorf("%+v", b)
	}
	// 100 surrogates: 3 may lie outside. With j = 2 two do where the extremes are shared, with j = 3 four.
	var shared, apart []float64
	for i := range 100 {
		shared, apart = append(shared, float64(i)), append(apart, float64((i+50)%100))
	}
	if b := jointBands([][]float64{shared, shared}); b[0].GammaBand.Lo != 1 || b[0].GammaBand.Hi != 98 {
		t.Errorf("shared: %+v", b)
	}
	// Where they are not shared there are twice as many: only j = 1 leaves out 3 at most.
	if b := jointBands([][]float64{shared, apart}); b[0].GammaBand.Lo != 0 || b[0].GammaBand.Hi != 99 || b[1].GammaBand.Lo != 0 {
		t.Errorf("apart: %+v", b)
	}
	// Values that equal the smallest are not outside: only the largest count, and j = 4 leaves out 3 of them.
	edge := append([]float64(nil), shared...)
	for i := range 50 {
		edge[i] = 0
	}
	if b := jointBands([][]float64{edge}); b[0].GammaBand.Lo != 0 || b[0].GammaBand.Hi != 96 {
		t.Errorf("edge: %+v", b)
	}
	if b := jointBands([][]float64{nil, append([]float64{nan}, shared...), shared}); b[0].GammaBand.Defined() || b[1].GammaBand.Defined() || !b[2].GammaBand.Defined() {
		t.Errorf("undefined: %+v", b)
	}
}

// called is the share of samples that are called heavier and lighter by any method.
func called(draw func(*rand.Rand) []float64, label string, reps int, k func(n int) int) (heavier, lighter float64) {
	for rep := range reps {
		x := draw(rng("called "+label, rep))
		r := Result{N: len(x), Counterpart: counterpart(x)}
		r.compare(descending(largest(x, Absolute, len(x))), Settings{Seed: uint64(rep), K: k(len(x))})
		h, l := 0.0, 0.0
		for _, v := range r.Surrogate {
			switch v.Verdict {
			case "heavier":
				h = 1
			case "lighter":
				l = 1
			}
		}
		heavier, lighter = heavier+h/float64(reps), lighter+l/float64(reps)
	}
	return heavier, lighter
}

func own(int) int { return 0 }

// Of Gaussian and half-normal samples 5% at most are called heavier or lighter by any of six methods. More than 9.7% of 300 samples, or 17.5% of
// 40, would be with a probability below 1e-3. Pareto samples, of which none of 1000 was called lighter at n = 200, are not.
func TestVerdictsByAnyMethod(t *testing.T) {
	t.Parallel()
	reps, most := 40, 0.175
	if numtest.Full() {
		reps, most = 300, 0.097
	}
	parts := []string{"normal", "shifted", "half-normal"}
	today := parts[numtest.Rotation(t)%3]
	for name, draw := range map[string]func(*rand.Rand) []float64{
		"normal":      func(r *rand.Rand) []float64 { return normal(r, 200) },
		"shifted":     func(r *rand.Rand) []float64 { return mapped(normal(r, 200), func(v float64) float64 { return v + 10 }) },
		"half-normal": func(r *rand.Rand) []float64 { return halfNormals(r, 200) },
	} {
		if !numtest.Full() && name != today {
			continue
		}
		if heavier, lighter := called(draw, name, reps, own); heavier+lighter > most {
			t.Errorf("%s: %.3f are called heavier, %.3f lighter", name, heavier, lighter)
		}
	}
	for _, index := range []float64{1.5, 2} {
		for _, k := range []func(int) int{own, func(n int) int { return n * 9 / 10 }} {
			draw := func(r *rand.Rand) []float64 { return onesided(r, 200, index) }
			if heavier, lighter := called(draw, "pareto", reps/4, k); lighter > 0.05 || k(1000) == 0 && heavier < 0.9 {
				t.Errorf("Pareto %g: %.3f are called heavier, %.3f lighter", index, heavier, lighter)
			}
		}
	}
	// The count sees what is there: values between -1 and 1 are lighter.
	flat := func(r *rand.Rand) []float64 {
		return mapped(make([]float64, 500), func(float64) float64 { return 2*r.Float64() - 1 })
	}
	if _, lighter := called(flat, "flat", 20, own); lighter < 0.9 {
		t.Errorf("only %.2f of uniform samples are lighter", lighter)
	}
}

// A verdict from most of the sample, or from tied values, is refused with the reason.
func TestRefusedVerdicts(t *testing.T) {
	x := onesided(rng("refused", 0), 100, 2)
	for _, v := range Analyse(x, Settings{K: 60, Replicates: -1}).Surrogate {
		if v.Verdict != "undefined" || v.GammaBand.Defined() || v.Reason == "" {
			t.Errorf("%+v", v)
		}
	}
	for i := range x {
		x[i] = math.Floor(x[i])
	}
	for _, v := range Analyse(x, Settings{K: 40, Replicates: -1}).Surrogate {
		if v.Verdict != "undefined" || v.Reason == "" {
			t.Errorf("%+v", v)
		}
	}
}

// Samples of the counterpart of values near the largest float64 have values beyond it, and nothing is compared with them.
func TestCounterpartBeyondFloat64(t *testing.T) {
	x := make([]float64, 20)
	for i := range x {
		x[i] = float64((1-2*(i%2))*(i+1)) * 8.9e306
	}
	for _, v := range Analyse(x, Settings{}).Surrogate {
		if v.Verdict != "undefined" || v.Reason != "the estimate is undefined for some of the Gaussian samples" {
			t.Errorf("%+v", v)
		}
	}
}
