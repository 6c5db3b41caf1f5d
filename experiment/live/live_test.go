package live

import (
	"bytes"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/noiseprobe/noiseprobe/experiment"
)

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
}

func TestFollower(t *testing.T) {
	path := filepath.Join(t.TempDir(), "losses.csv")
	f := follower{path: path, header: experiment.LossesHeader}
	text := ""
	for i, c := range []struct {
		more, want string
		again      bool
	}{
		{"step,lo", "", false},
		{"ss,seconds\n1,2", "", false},
		{",3\n", "1,2,3", false},
		{"", "", false},
		{"2,2,4\n3,2", "2,2,4", false},
		{",5\n", "3,2,5", false},
	} {
		text += c.more
		write(t, path, text)
		rows, again, err := f.next()
		if got := string(bytes.Join(rows, []byte("|"))); got != c.want || again != c.again || err != nil {
			t.Errorf("%d: rows %q, again %t, %v", i, got, again, err)
		}
	}
	write(t, path, "step,loss,seconds\n1,2,3\n")
	if rows, again, err := f.next(); len(rows) != 1 || !again || err != nil {
		t.Errorf("of a shorter file: %q %t %v", rows, again, err)
	}
	write(t, path, "x\n")
	if _, _, err := f.next(); err == nil || !strings.Contains(err.Error(), "losses.csv:1: the header is") {
		t.Errorf("of another file: %v", err)
	}
}

func TestAveraged(t *testing.T) {
	var rows [][]byte
	for _, row := range strings.Fields("0,1,0 1,3,0 2,5,0 3,7,0 4,9,0") {
		rows = append(rows, []byte(row))
	}
	// Blocks of 2, 2 and 1: means 2, 6 and 9.
	got, err := averaged(rows, 3)
	if want := []Point{{1, 2}, {3, 6}, {4, 9}}; err != nil || !slices.Equal(got, want) {
		t.Errorf("%v %v, want %v", got, err, want)
	}
	if got, err := averaged(rows, 10); err != nil || len(got) != 5 || got[4] != (Point{4, 9}) {
		t.Errorf("%v %v", got, err)
	}
	if _, err := averaged([][]byte{[]byte("1,2")}, 3); err == nil {
		t.Error("a row of two fields is read")
	}
}

func TestPointJSON(t *testing.T) {
	for p, want := range map[Point]string{{3, 1.23456}: "[3,1.235]", {0, math.Inf(1)}: "[0,null]", {1, 1e-9}: "[1,1e-09]"} {
		if got, err := p.MarshalJSON(); err != nil || string(got) != want {
			t.Errorf("%v: %s %v, want %s", p, got, err, want)
		}
	}
}

func TestRate(t *testing.T) {
	// 10 steps a second at first, then one; the last half minute counts.
	var rows []experiment.LossRow
	for i := range 100 {
		rows = append(rows, experiment.LossRow{Step: i, Seconds: float64(i) / 10})
	}
	for i := range 60 {
		rows = append(rows, experiment.LossRow{Step: 100 + i, Seconds: 10 + float64(i)})
	}
	if got := rate(rows); got != 1 {
		t.Errorf("rate %g, want 1", got)
	}
	if got := rate(rows[:1]); got != 0 {
		t.Errorf("of one row: %g", got)
	}
}

func TestCursor(t *testing.T) {
	c := Cursor{Run: 0xfeed, Loss: 12, Metric: 3}
	if got := ParseCursor(c.String()); got != c {
		t.Errorf("%v, want %v", got, c)
	}
	for _, word := range []string{"", "x", "1-2", "1-2-x"} {
		if got := ParseCursor(word); got != (Cursor{}) {
			t.Errorf("%q: %v", word, got)
		}
	}
}

func TestFind(t *testing.T) {
	root := t.TempDir()
	for _, path := range []string{"b/run.json", "a/sweep.json", "a/x/run.json", "a/x/deeper/run.json", ".hidden/run.json", "1/2/3/4/5/run.json", "no/report.json"} {
		write(t, filepath.Join(root, path), "{}")
	}
	var got []string
	for _, p := range Find(root) {
		got = append(got, p.Name)
	}
	if want := []string{"a", "a/x", "b"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	if alone := Find(filepath.Join(root, "b")); len(alone) != 1 || alone[0].Name != "." {
		t.Errorf("of a run itself: %v", alone)
	}
}
