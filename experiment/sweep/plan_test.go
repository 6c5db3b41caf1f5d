package sweep

import (
	"errors"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"testing"

	"github.com/noiseprobe/noiseprobe/experiment"
	"github.com/noiseprobe/noiseprobe/internal/gemm"
	"github.com/noiseprobe/noiseprobe/internal/parallel"
	"github.com/noiseprobe/noiseprobe/train/dataset"
)

// opened are the data of all plans here.
var opened = map[[3]string]*dataset.Dataset{}

// planned is the sweep that grids give, one after the other, each as the list of "flag=text".
func planned(t testing.TB, grids ...string) (sweepRecord, error) {
	t.Helper()
	var r sweepRecord
	for i, given := range grids {
		p := plan{flags: fewFlags{}, recorded: r, given: grid(t, strings.Fields(given)...), opened: opened}
		next, err := p.extended()
		if err != nil {
			if i < len(grids)-1 {
				t.Fatal(err)
			}
			return r, err
		}
		r = next
	}
	return r, nil
}

func runNames(r sweepRecord) string {
	var names []string
	for _, run := range r.Runs {
		names = append(names, run.Name)
	}
	return strings.Join(names, " ")
}

const tinySweep = "data=synthetic model=[8] steps=4 "

func TestPlanNames(t *testing.T) {
	for _, c := range []struct{ given, want string }{
		{"", "seed1"},
		{"seed=3,4", "seed3 seed4"},
		{"alpha=1,-1.5", "alpha1-seed1 alpha-1.5-seed1"},
		{"alpha=1,2 batch=10,20", "alpha1-batch10-seed1 alpha1-batch20-seed1 alpha2-batch10-seed1 alpha2-batch20-seed1"},
		{"model=[8];[8],[9]", "model8-seed1 model8___9-seed1"},
	} {
		given := tinySweep + c.given
		if strings.Contains(c.given, "model=") {
			given = "data=synthetic steps=4 " + c.given
		}
		r, err := planned(t, given)
		if got := runNames(r); err != nil || got != c.want {
			t.Errorf("%s: %s, want %s (%v)", c.given, got, c.want, err)
		}
	}
}

// TestPlanNamesAreUnique: what is safe in a name does not tell every two values apart, and file systems may not tell cases apart.
func TestPlanNamesAreUnique(t *testing.T) {
	p := plan{flags: fewFlags{}, given: grid(t, "data=a/b;a_b;A_B")}
	r := sweepRecord{Grid: p.given}
	for _, data := range []string{"a/b", "a_b", "A_B"} {
		c := experiment.DefaultConfig()
		c.Data = data
		r.Runs = append(r.Runs, plannedRun{Name: p.name(c, r)})
	}
	if got, want := runNames(r), "dataa_b dataa_b-2 dataA_B-3"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	long := experiment.DefaultConfig()
	long.Data = strings.Repeat("x", 1000)
	if name := p.name(long, r); len(name) > maxName {
		t.Errorf("a name of %d bytes", len(name))
	}
}

func TestExtension(t *testing.T) {
	first := tinySweep + "alpha=1,2 seed=1,2"
	for _, c := range []struct{ then, more string }{
		{"", ""},
		{first, ""},
		{"steps=4", ""},
		{"alpha=2", ""},
		{"alpha=3", " alpha3-seed1 alpha3-seed2"},
		{"seed=2,3", " alpha1-seed3 alpha2-seed3"},
		{"alpha=1 seed=9", " alpha1-seed9"},
		// Names stay; the new ones say what varies now. The batch that all had is 500.
		{"alpha=1 seed=1 batch=100,500", " alpha1-batch100-seed1"},
	} {
		r, err := planned(t, first, c.then)
		if got, want := runNames(r), "alpha1-seed1 alpha1-seed2 alpha2-seed1 alpha2-seed2"+c.more; err != nil || got != want {
			t.Errorf("then %q: %s, want %s (%v)", c.then, got, want, err)
		}
	}
	r, err := planned(t, first, "alpha=1 seed=1 batch=100,500")
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(r.Grid.values("batch"), " "); got != "500 100" {
		t.Errorf("the batches are %s", got)
	}
}

func TestContradiction(t *testing.T) {
	const first = tinySweep + "alpha=1,2"
	for then, want := range map[string]string{
		"steps=5":           "-steps 5: the sweep has -steps 4,",
		"alpha=3 batch=100": "-batch 100: the sweep has -batch 500,",
		"model=[9]":         "-model [9]: the sweep has -model [8],",
		"data=embedded":     "-data embedded: the sweep has -data synthetic,",
		// Another model excuses no other steps.
		"model=[8];[9] steps=5": "-steps 5: the sweep has -steps 4,",
	} {
		_, err := planned(t, first, then)
		var wrong *experiment.UsageError
		if err == nil || !strings.HasPrefix(err.Error(), want) || !errors.As(err, &wrong) {
			t.Errorf("then %s: %v, want %s", then, err, want)
		}
	}
}

// TestPlanChangesNothing: what is checked for runs in other processes is not set for this one.
func TestPlanChangesNothing(t *testing.T) {
	limit := debug.SetMemoryLimit(1 << 40)
	t.Cleanup(func() {
		debug.SetMemoryLimit(limit)
		parallel.SetWorkers(0)
		gemm.Use("auto", 0)
	})
	parallel.SetWorkers(3)
	if err := gemm.Use("gonum", 3); err != nil {
		t.Fatal(err)
	}
	if _, err := planned(t, tinySweep+"alpha=1,2"); err != nil {
		t.Fatal(err)
	}
	if gemm.Name() != "gonum (3 workers)" || parallel.Workers() != 3 || debug.SetMemoryLimit(-1) != 1<<40 {
		t.Errorf("products by %s, %d workers, a limit of %d bytes", gemm.Name(), parallel.Workers(), debug.SetMemoryLimit(-1))
	}
}

// TestDataStay: images that come to this machine during a sweep do not come into the rest of it.
func TestDataStay(t *testing.T) {
	t.Setenv("NOISEPROBE_DATA", t.TempDir())
	r, err := planned(t, "data=embedded model=[8] steps=4")
	if err != nil {
		t.Fatal(err)
	}
	r.Grid = grid(t, "data=auto", "model=[8]", "steps=4", "seed=1")
	p := plan{flags: fewFlags{}, recorded: r, given: grid(t, "seed=2")}
	r, err = p.extended()
	if err != nil || r.Runs[1].Config.Data != "embedded" {
		t.Errorf("%+v, %v", r.Runs, err)
	}
}

// TestPlanIsChecked: what cannot be run is refused before anything is written.
func TestPlanIsChecked(t *testing.T) {
	for given, want := range map[string]string{
		"batch=10,20000": "-batch 20000 is above the 10000 samples",
		"batch=10,0":     "-batch 0: must be at least 1",
		"checkpoints=x":  "-checkpoints",
	} {
		if _, err := planned(t, tinySweep+given); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: %v, want %s", given, err, want)
		}
	}
	dir := filepath.Join(t.TempDir(), "sweep")
	if _, err := Run(t.Context(), Settings{Dir: dir, Flags: fewFlags{}, Given: grid(t, "data=synthetic", "batch=20000")}, Observer{}); err == nil {
		t.Error("a batch of 20000 passed")
	}
	if _, err := os.Stat(dir); err == nil {
		t.Error("something was written")
	}
}
