package sweep

import (
	"flag"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/noiseprobe/noiseprobe/experiment"
)

// fewFlags are some of the flags of a run.
type fewFlags struct{}

func (fewFlags) set(c *experiment.Config) *flag.FlagSet {
	f := flag.NewFlagSet("run", flag.ContinueOnError)
	f.Float64Var(&c.Alpha, "alpha", c.Alpha, "")
	f.IntVar(&c.Batch, "batch", c.Batch, "")
	f.StringVar(&c.Checkpoints, "checkpoints", c.Checkpoints, "")
	f.StringVar(&c.Data, "data", c.Data, "")
	f.StringVar(&c.Model, "model", c.Model, "")
	f.Uint64Var(&c.Seed, "seed", c.Seed, "")
	f.IntVar(&c.Steps, "steps", c.Steps, "")
	return f
}

func (fewFlags) Names() []string {
	return []string{"alpha", "batch", "checkpoints", "data", "model", "seed", "steps"}
}

func (fewFlags) Number(flag string) bool {
	return slices.Contains([]string{"alpha", "batch", "seed", "steps"}, flag)
}

func (flags fewFlags) Config(values map[string]string) (experiment.Config, error) {
	c := experiment.DefaultConfig()
	f := flags.set(&c)
	for name, text := range values {
		if err := f.Set(name, text); err != nil {
			return c, fmt.Errorf("%q: %w", text, err)
		}
	}
	return c, nil
}

func (flags fewFlags) Text(c experiment.Config, name string) string {
	return flags.set(&c).Lookup(name).Value.String()
}

// grid parses "flag=text" for each flag.
func grid(t testing.TB, given ...string) Grid {
	t.Helper()
	g, err := ParseGrid(fewFlags{}, texts(given))
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func texts(given []string) map[string]string {
	m := map[string]string{}
	for _, g := range given {
		flag, text, _ := strings.Cut(g, "=")
		m[flag] = text
	}
	return m
}

func TestParseGrid(t *testing.T) {
	for _, c := range []struct {
		given string
		want  []string
	}{
		{"alpha=1", []string{"1"}},
		{"alpha=1,1.50, -2", []string{"1", "1.5", "-2"}},
		{"alpha=1:2:0.1", []string{"1", "1.1", "1.2", "1.3", "1.4", "1.5", "1.6", "1.7", "1.8", "1.9", "2"}},
		{"alpha=-1:1:1,0.5", []string{"-1", "0", "1", "0.5"}},
		{"alpha=1e-3:3e-3:1e-3", []string{"0.001", "0.002", "0.003"}},
		{"batch=100:300:100,500", []string{"100", "200", "300", "500"}},
		{"seed=18446744073709551614:18446744073709551615:1", []string{"18446744073709551614", "18446744073709551615"}},
		{"model=f1", []string{"f1"}},
		{"model=[64],[32]", []string{"[64],[32]"}},
		{"model=f1;[64],[32]; 2x[8]", []string{"f1", "[64],[32]", "2x[8]"}},
		{"checkpoints=0,10;log:4", []string{"0,10", "log:4"}},
		{"data=a,b", []string{"a,b"}},
	} {
		if got := grid(t, c.given)[0].Values; !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", c.given, got, c.want)
		}
	}
}

func TestParseGridRefuses(t *testing.T) {
	for given, want := range map[string]string{
		"alpha=":                "-alpha : has an empty value",
		"alpha=1,,2":            "-alpha 1,,2: has an empty value",
		"alpha=1,x":             `-alpha 1,x: "x": parse error`,
		"alpha=1,2,1.0":         "-alpha 1,2,1.0: 1 is there twice",
		"alpha=1:2":             `-alpha 1:2: "1:2" is not a range lo:hi:step`,
		"alpha=1:2:0.3":         "-alpha 1:2:0.3: steps of 0.3 from 1 do not meet 2",
		"alpha=2:1:0.5":         "-alpha 2:1:0.5: the range 2:1:0.5 does not go up",
		"alpha=1:1:1":           "-alpha 1:1:1: the range 1:1:1 does not go up",
		"alpha=1:2:0":           "-alpha 1:2:0: the range 1:2:0 does not go up",
		"alpha=0:inf:1":         `-alpha 0:inf:1: "inf" in the range 0:inf:1 is not a number`,
		"alpha=0:1e999999999:1": `-alpha 0:1e999999999:1: "1e999999999" in the range 0:1e999999999:1 is not a number`,
		"alpha=0:1:1e-9":        "-alpha 0:1:1e-9: the range 0:1:1e-9 has more than 10000 values",
		"batch=1:2:0.5":         `-batch 1:2:0.5: "1.5": parse error`,
		"model=f1,c1":           `-model f1,c1: "f1,c1" is not a model, and models are separated by semicolons, as in 'f1;[64],[32]'`,
	} {
		if _, err := ParseGrid(fewFlags{}, texts([]string{given})); err == nil || err.Error() != want {
			t.Errorf("%s: %v, want %s", given, err, want)
		}
	}
}

func TestSeeds(t *testing.T) {
	for _, c := range []struct {
		given, want string
		count       int
	}{
		{"alpha=1", "1 2 3", 3},
		{"seed=7", "7 8", 2},
		{"seed=18446744073709551615", "18446744073709551615", 1},
	} {
		g, err := grid(t, c.given).Seeds(c.count)
		if got := strings.Join(g.values(seedFlag), " "); err != nil || got != c.want {
			t.Errorf("%s and %d: %s, %v", c.given, c.count, got, err)
		}
	}
	for _, c := range []struct {
		given string
		count int
	}{{"alpha=1", 0}, {"alpha=1", MostRuns + 1}, {"seed=1,2", 2}, {"seed=18446744073709551615", 2}} {
		if g, err := grid(t, c.given).Seeds(c.count); err == nil {
			t.Errorf("%s and %d: %v", c.given, c.count, g)
		}
	}
}

// TestPoints: every combination once, the last axis changing fastest.
func TestPoints(t *testing.T) {
	points, err := grid(t, "alpha=1,2", "batch=10", "steps=3,4,5").points()
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, p := range points {
		got = append(got, p["alpha"]+"/"+p["batch"]+"/"+p["steps"])
	}
	if want := "1/10/3 1/10/4 1/10/5 2/10/3 2/10/4 2/10/5"; strings.Join(got, " ") != want {
		t.Errorf("%s, want %s", got, want)
	}
	if _, err := grid(t, "alpha=1:101:1", "steps=1:100:1").points(); err == nil {
		t.Error("10100 runs passed")
	}
}
