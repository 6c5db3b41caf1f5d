package branch

import (
	"math"
	"testing"

	"github.com/noiseprobe/noiseprobe/experiment"
)

// The learning rate at four times the batch size of the run: as it is, twice and four times as large.
func TestRate(t *testing.T) {
	for rule, want := range map[string]float64{None: 0.1, Sqrt: 0.2, Linear: 0.4} {
		if got := rate(rule, 0.1, 4); math.Abs(got-want) > 1e-15 {
			t.Errorf("%s: %v, want %v", rule, got, want)
		}
	}
	if usualRule("sgd") != Linear || usualRule("adam") != Sqrt || usualRule("adamw") != Sqrt {
		t.Error("usual rules")
	}
}

// 100 steps at B = 50 read 5,000 samples, which are 313 steps of 16; 256 take no more steps. At f = 2.5 batches count as 2.5 times smaller:
// 16 as 6.4, and 256 as 102.
func TestBound(t *testing.T) {
	p := &Plan{Settings: Settings{Steps: 100}, Checkpoint: Checkpoint{Batch: 50, Alpha: 1}}
	for _, c := range []struct {
		alpha float64
		batch int
		want  int
	}{{1, 16, 469}, {1, 50, 150}, {1, 256, 150}, {1.5, 256, 150}, {1.5, 16, 1172}, {0.5, 16, 235}} {
		if got := p.bound(c.alpha, c.batch); got != c.want {
			t.Errorf("alpha %v, B = %d: %d, want %d", c.alpha, c.batch, got, c.want)
		}
	}
}

// What is wrong with the settings is known before the run is looked at, and is wrong usage.
func TestSettingsAreChecked(t *testing.T) {
	good := Settings{Dir: "none", Step: -1, Batches: []int{1, 2, 3}, Alphas: []float64{1}, Seeds: 1, TargetLoss: math.NaN(), Steps: 10}
	if err := good.check(); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*Settings){
		"two batches":    func(s *Settings) { s.Batches = s.Batches[:2] },
		"twice the same": func(s *Settings) { s.Batches = []int{1, 2, 2} },
		"batch 0":        func(s *Settings) { s.Batches = []int{0, 1, 2} },
		"alpha twice":    func(s *Settings) { s.Alphas = []float64{1, 1} },
		"no seeds":       func(s *Settings) { s.Seeds = 0 },
		"rule":           func(s *Settings) { s.Rule = "cubic" },
		"target":         func(s *Settings) { s.TargetLoss = -1 },
		"steps":          func(s *Settings) { s.Steps = 1 },
		"eval":           func(s *Settings) { s.Eval = -1 },
		"step":           func(s *Settings) { s.Step = -2 },
	} {
		s := good
		change(&s)
		if _, ok := s.check().(*experiment.UsageError); !ok {
			t.Errorf("%s: %v", name, s.check())
		}
	}
}

func TestReasonsAreToldApart(t *testing.T) {
	for want, all := range map[string][]string{"": {"", ""}, "one": {"one", ""}, "one; two": {"one", "two"}} {
		if got := reasons(all...); got != want {
			t.Errorf("%q: %q", want, got)
		}
	}
}
