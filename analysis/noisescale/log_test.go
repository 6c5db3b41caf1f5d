package noisescale

import (
	"encoding/json"
	"math"
	"strings"
	"testing"

	"github.com/noiseprobe/noiseprobe/internal/numtest"
	"github.com/noiseprobe/noiseprobe/internal/seed"
	"github.com/noiseprobe/noiseprobe/noise"
)

// TestUnbiased enumerates all batches of 2 drawn with replacement, one after the other, from three gradients, each of which is a micro-batch: the means
// of the estimates are tr Sigma (divisor n) and |G|^2. With noise enhancement by a second such batch they are as well.
func TestUnbiased(t *testing.T) {
	g := [][2]float64{{1, 2}, {-1, 0.5}, {3, -1}}
	mean, trace := [2]float64{1, 0.5}, 0.0
	for _, v := range g {
		trace += (square(v[0]-mean[0]) + square(v[1]-mean[1])) / 3
	}
	want := []float64{trace, square(mean[0]) + square(mean[1])}

	var got [2]float64
	for _, a := range g {
		for _, b := range g {
			s, q := Norms{(norm(a) + norm(b)) / 2, norm(mix(a, b, 0.5))}.unbiased(1, 2)
			got[0], got[1] = got[0]+s/9, got[1]+q/9
		}
	}
	if err := numtest.AllClose(got[:], want, numtest.Tol{Rel: 1e-14}); err != nil {
		t.Error(err)
	}

	const alpha = 1.5
	log := NewLog(alpha)
	step := 0
	for _, a := range g {
		for _, b := range g {
			for _, c := range g {
				for _, d := range g {
					first, second := mix(a, c, alpha), mix(b, d, alpha)
					row := Row{Step: step, SmallBatch: 1, BigBatch: 2, All: Norms{(norm(first) + norm(second)) / 2, norm(mix(first, second, 0.5))}}
					if err := log.Add(row); err != nil {
						t.Fatal(err)
					}
					step++
				}
			}
		}
	}
	r, err := log.Analyse(1)
	if err != nil {
		t.Fatal(err)
	}
	if err := numtest.AllClose([]float64{float64(r.Trace), float64(r.GradientNormSq)}, want, numtest.Tol{Rel: 1e-13}); err != nil {
		t.Errorf("f = %g: %v", noise.Factor(alpha), err)
	}
}

func square(x float64) float64 { return x * x }

func norm(v [2]float64) float64 { return v[0]*v[0] + v[1]*v[1] }

func mix(a, b [2]float64, alpha float64) [2]float64 {
	return [2]float64{alpha*a[0] + (1-alpha)*b[0], alpha*a[1] + (1-alpha)*b[1]}
}

// random is a row of |G|^2 = signal, tr Sigma = 10 and batches of 4 and 16, with errors like those of noise along many directions.
func random(step int, signal float64, normal func() float64) Row {
	return Row{Step: step, SmallBatch: 4, BigBatch: 16, All: Norms{signal + 10.0/4*(1+normal()/20), signal + 10.0/16*(1+normal()/20)}}
}

// TestMerging: a log so long that steps are merged has the same means, and nearly the same intervals as its windows say.
func TestMerging(t *testing.T) {
	const most, steps = 1 << 11, 5<<10 + 77
	rng := seed.New(1, "merging")
	log := NewLog(1)
	log.most = most
	trace, signal := 0.0, 0.0
	for i := range steps {
		row := random(i, 1, rng.NormFloat64)
		a, b := row.All.unbiased(4, 16)
		trace, signal = trace+a, signal+b
		if err := log.Add(row); err != nil {
			t.Fatal(err)
		}
	}
	if len(log.cells) > most || log.size != 4 || log.Steps() != steps {
		t.Fatalf("%d cells of %d steps", len(log.cells), log.Steps())
	}
	r, err := log.Analyse(0)
	if err != nil {
		t.Fatal(err)
	}
	got := []float64{float64(r.Trace), float64(r.GradientNormSq), float64(r.NoiseScale)}
	if err := numtest.AllClose(got, []float64{trace / steps, signal / steps, trace / signal}, numtest.Tol{Rel: 1e-12}); err != nil {
		t.Error(err)
	}
	total := 0
	for i, w := range r.Windows {
		total += w.Steps
		if i > 0 && w.First != r.Windows[i-1].Last+1 {
			t.Errorf("window %d begins at %d, the last one ended at %d", i, w.First, r.Windows[i-1].Last)
		}
	}
	if total != steps || len(r.Windows) != mostWindows || r.Windows[0].First != 0 || r.Windows[mostWindows-1].Last != steps-1 {
		t.Errorf("%d windows have %d steps", len(r.Windows), total)
	}
}

// TestLaterRowsWin: a log that goes back equals the log of what is left.
func TestLaterRowsWin(t *testing.T) {
	rng := seed.New(1, "later rows")
	resumed, plain := NewLog(1), NewLog(1)
	add := func(l *Log, r Row) {
		if err := l.Add(r); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 50 {
		r := random(i, 1, rng.NormFloat64)
		add(resumed, r)
		if i < 30 {
			add(plain, r)
		}
	}
	for i := 30; i < 80; i++ {
		r := random(i, 1, rng.NormFloat64)
		add(resumed, r)
		add(plain, r)
	}
	got, _ := resumed.Analyse(0)
	want, _ := plain.Analyse(0)
	if got.Superseded != 20 {
		t.Errorf("%d rows are superseded, want 20", got.Superseded)
	}
	got.Superseded = 0
	if a, b := asJSON(t, got), asJSON(t, want); a != b {
		t.Errorf("%s\nwant %s", a, b)
	}
}

// TestEveryStepTwice: a log of merged steps that come twice, as from two processes, equals that in which they come once. Its two layers make an odd
// number of cells.
func TestEveryStepTwice(t *testing.T) {
	rng := seed.New(1, "every step twice")
	twice, once := NewLog(1, "a", "b"), NewLog(1, "a", "b")
	steps := 2*once.most + 7
	for i := range steps {
		for k, l := range []*Log{twice, twice, once} {
			r := random(i, 1, rng.NormFloat64)
			if r.All = (Norms{3 + float64(i%7), 1 + float64(i%5)}); k == 0 {
				r.All.Small = 100
			}
			r.Layers = []Norms{r.All, r.All}
			if err := l.Add(r); err != nil {
				t.Fatal(err)
			}
		}
	}
	got, _ := twice.Analyse(0)
	want, _ := once.Analyse(0)
	if got.Superseded != steps || want.Steps != steps {
		t.Errorf("%d rows are superseded, %d count, want %d", got.Superseded, want.Steps, steps)
	}
	got.Superseded = 0
	if a, b := asJSON(t, got), asJSON(t, want); a != b {
		t.Errorf("%s\nwant %s", a, b)
	}
}

func asJSON(t *testing.T, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestLaws: norms c times as large give c times both parts and the same ratio; batches c times as large give c times tr Sigma.
func TestLaws(t *testing.T) {
	rng := seed.New(1, "laws")
	base, scaled, larger := NewLog(1, "a"), NewLog(1, "a"), NewLog(1, "a")
	for i := range 100 {
		r := random(i, 1, rng.NormFloat64)
		r.Layers = []Norms{{r.All.Small / 2, r.All.Big / 4}}
		big := r
		big.SmallBatch, big.BigBatch = 3*r.SmallBatch, 3*r.BigBatch
		more := r
		more.All = Norms{7 * r.All.Small, 7 * r.All.Big}
		for l, row := range map[*Log]Row{base: r, scaled: more, larger: big} {
			if err := l.Add(row); err != nil {
				t.Fatal(err)
			}
		}
	}
	a, _ := base.Analyse(0)
	for name, c := range map[string]struct {
		log                  *Log
		trace, signal, scale float64
	}{"norms": {scaled, 7, 7, 1}, "batches": {larger, 3, 1, 3}} {
		b, _ := c.log.Analyse(0)
		got := []float64{float64(b.Trace), b.CI.Trace.Lo, float64(b.GradientNormSq), b.CI.GradientNormSq.Hi, float64(b.NoiseScale), b.CI.NoiseScale.Lo, b.CI.NoiseScale.Hi}
		want := []float64{c.trace * float64(a.Trace), c.trace * a.CI.Trace.Lo, c.signal * float64(a.GradientNormSq), c.signal * a.CI.GradientNormSq.Hi,
			c.scale * float64(a.NoiseScale), c.scale * a.CI.NoiseScale.Lo, c.scale * a.CI.NoiseScale.Hi}
		if err := numtest.AllClose(got, want, numtest.Tol{Rel: 1e-9}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if len(a.Layers) != 1 || a.Layers[0].Name != "a" || a.Layers[0].Steps != 100 {
		t.Errorf("layers: %+v", a.Layers)
	}
}

// TestVerdicts: an interval has an upper end where the gradient is told from 0, and only there. Steps that are all the same have none.
func TestVerdicts(t *testing.T) {
	for _, c := range []struct {
		signal  float64
		verdict string
	}{{1, Measured}, {0, AtLeast}} {
		rng := seed.New(3, "verdicts") // 2.5% of the seeds tell a gradient of 0 from 0
		log := NewLog(1)
		for i := range 300 {
			if err := log.Add(random(i, c.signal, rng.NormFloat64)); err != nil {
				t.Fatal(err)
			}
		}
		r, err := log.Analyse(1)
		if err != nil || r.Verdict != c.verdict || math.IsInf(r.CI.NoiseScale.Hi, 1) != (c.verdict == AtLeast) || r.CI.NoiseScale.Lo <= 0 {
			t.Errorf("|G|^2 = %g: %s, %+v, %v", c.signal, r.Verdict, r.CI, err)
		}
	}
	for verdict, norms := range map[string]func(i int) Norms{
		Undecided: func(i int) Norms { return Norms{2 + 2*math.Sin(float64(i*i)), 2 + 2*math.Cos(float64(i*i))} },
		AtMost:    func(i int) Norms { return Norms{9 + math.Sin(float64(i*i)), 9 + math.Cos(float64(i*i))/9} },
	} {
		log := NewLog(1)
		for i := range 20 {
			if err := log.Add(Row{Step: i, SmallBatch: 15, BigBatch: 16, All: norms(i)}); err != nil {
				t.Fatal(err)
			}
		}
		if r, err := log.Analyse(0); err != nil || r.Verdict != verdict || r.CI.NoiseScale.Lo > 0 || math.IsInf(r.CI.NoiseScale.Hi, 1) != (verdict == Undecided) {
			t.Errorf("%s: %+v, %v", verdict, r.Estimate, err)
		}
	}
	exchanged := NewLog(1)
	for i := range 20 {
		if err := exchanged.Add(Row{Step: i, SmallBatch: 4, BigBatch: 16, All: Norms{1 + math.Sin(float64(i*i))/9, 2 + math.Cos(float64(i*i))/9}}); err != nil {
			t.Fatal(err)
		}
	}
	if r, err := exchanged.Analyse(0); err != nil || r.Verdict != Impossible || r.CI.NoiseScale.Defined() || !(r.CI.Trace.Hi < 0) {
		t.Errorf("exchanged norms: %+v, %v", r.Estimate, err)
	}
	same := NewLog(1)
	for i := range 20 {
		if err := same.Add(Row{Step: i, SmallBatch: 4, BigBatch: 16, All: Norms{2, 1}}); err != nil {
			t.Fatal(err)
		}
	}
	if r, err := same.Analyse(0); err != nil || r.Verdict != NoInterval || r.CI.NoiseScale.Defined() || !r.NoiseScale.Defined() {
		t.Errorf("steps that are all the same: %+v, %v", r.Estimate, err)
	}
}

func TestWhatIsNoLog(t *testing.T) {
	good := Row{SmallBatch: 4, BigBatch: 16, All: Norms{2, 1}}
	for name, change := range map[string]func(*Row){
		"both 4": func(r *Row) { r.BigBatch = 4 }, "larger than big_batch 4": func(r *Row) { r.SmallBatch, r.BigBatch = 16, 4 },
		"small_batch is 0": func(r *Row) { r.SmallBatch = 0 }, "big_batch is +Inf": func(r *Row) { r.BigBatch = math.Inf(1) },
		"squared norm is -1": func(r *Row) { r.All.Big = -1 }, "squared norm is NaN": func(r *Row) { r.All.Small = math.NaN() },
		"too large for batches": func(r *Row) { r.All.Big = 1e308 },
	} {
		r := good
		change(&r)
		if err := NewLog(1).Add(r); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%q, want %q", err, name)
		}
	}
	log := NewLog(1)
	for i := range 12 {
		if _, err := log.Analyse(0); (err == nil) != (i >= FewestSteps) {
			t.Errorf("%d steps: %v", i, err)
		}
		good.Step = i
		if err := log.Add(good); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := log.Analyse(2); err == nil {
		t.Error("windows of 6 steps")
	}
}

// Batches so large that squares overflow give no finding.
func TestOverflow(t *testing.T) {
	l, err := read(t, header+lines(40, "%[1]d,2,9.%[1]d,8,4\n")+"99,1e300,2,1e301,1\n", "")
	if err != nil {
		t.Fatal(err)
	}
	if r, err := l.Analyse(0); err != nil || r.Verdict == Measured || r.Verdict == AtMost || r.Verdict == AtLeast {
		t.Errorf("%v: %+v", err, r)
	}
}
