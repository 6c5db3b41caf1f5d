package sweep

import (
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"
)

// TestReason: a run that fails says why in its last line, or the one before the hint; one that crashes says nothing of that form. What an
// earlier try said does not count.
func TestReason(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("there is no shell")
	}
	d := directory(t.TempDir())
	const earlier = "noiseprobe: earlier\n"
	for _, c := range []struct{ said, end, want string }{
		{"text\nnoiseprobe: disk full\n", "exit 1", "disk full"},
		{"noiseprobe: disk full\nhint: buy another\n", "exit 1", "disk full"},
		{"hint: only\n", "exit 1", "exit status 1; see "},
		{"", "exit 1", "exit status 1; see "},
		{"noiseprobe: training 1/2\n", "kill -9 $$", "signal: killed; see "},
		{"panic: x\ngoroutine 1\n", "exit 2", "exit status 2; see "},
	} {
		if err := os.WriteFile(d.logPath("a"), []byte(earlier+c.said), 0o644); err != nil {
			t.Fatal(err)
		}
		got := d.reason("a", int64(len(earlier)), exec.Command("sh", "-c", c.end).Run())
		if strings.HasSuffix(c.want, "see ") {
			c.want += d.logPath("a")
		}
		if got != c.want {
			t.Errorf("%q and %s: %q, want %q", c.said, c.end, got, c.want)
		}
	}
}

// TestElsewhere: a run that another process carries out is an error that names it, and no failure of the run.
func TestElsewhere(t *testing.T) {
	d := sweepOf(t)
	record, err := d.read()
	if err != nil {
		t.Fatal(err)
	}
	x := execution{dir: d, record: record, running: 1}
	err = x.end(t.Context(), endedRun{0, errElsewhere})
	if want := "alpha1-seed1: another process carries it out"; err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
	if reason, err := d.failure("alpha1-seed1"); reason != "" || err != nil {
		t.Errorf("%q, %v", reason, err)
	}
	log, err := d.openLog(t.Context(), "alpha1-seed1", 0)
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	var said []string
	todo := d.free(record, []int{0, 1}, Observer{Notice: func(line string) { said = append(said, line) }})
	if len(todo) != 1 || todo[0] != 1 || len(said) != 1 || !strings.HasPrefix(said[0], "alpha1-seed1 is left to another process") {
		t.Errorf("%v, %q", todo, said)
	}
}

// TestArguments: a run begins with every setting, and goes on where it has begun, with the workers that there are now.
func TestArguments(t *testing.T) {
	r, err := planned(t, tinySweep+"alpha=1,2")
	if err != nil {
		t.Fatal(err)
	}
	d := directory(t.TempDir())
	dir := string(d.run("alpha2-seed1"))
	want := "run -out=" + dir + " -workers=2 -alpha=2 -batch=500 -checkpoints=log:6 -data=synthetic -model=[8] -seed=1 -steps=4"
	if got := strings.Join(d.arguments(r.Runs[1], fewFlags{}, 2), " "); got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(d.arguments(r.Runs[1], fewFlags{}, 2), " "); got != "run -resume="+dir+" -workers=2" {
		t.Errorf("%s", got)
	}
}
